import { isFigure, placeOf } from "./lines.js";

/** Arrows move up and down between figures; Ctrl+Enter saves and goes to the buttons. */
export function moveByKeys(form, saving) {
  form.addEventListener("keydown", (event) => {
    const down = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (down && isFigure(event.target) && !event.altKey) {
      event.preventDefault();
      moveDown(event.target, down);
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      saving.leaveAll();
      form.querySelector(".jalon-dock button").focus();
    }
  });
}

/** To the same place in the nearest line that has one. */
function moveDown(field, step) {
  const { lines, line, place } = placeOf(field);
  for (let other = line + step; lines[other]; other += step) {
    const next = lines[other][place];
    if (next && next.getClientRects().length > 0) {
      next.focus();
      next.select();
      return;
    }
  }
}
