import { copiesOf, forgetCopy } from "./copies.js";

/**
 * A page without fields shows what was typed on this device before its figures went on: beside the
 * figure that it was meant for, until it is discarded.
 */
export function showLeftovers(root) {
  const notice = root.querySelector("[data-leftovers]");
  if (!notice) {
    return;
  }
  const { user, leftovers: home, typed } = notice.dataset;
  const copies = copiesOf(user, home).filter(({ cell }) => root.querySelector(`[data-figure="${cell}"]`));
  notice.hidden = copies.length === 0;
  const places = copies.map(({ cell, values }) => {
    const place = document.createElement("p");
    place.className = "jalon-note";
    place.textContent = typed.replace("{text}", Object.values(values).join(" / "));
    root.querySelector(`[data-figure="${cell}"]`).append(place);
    return place;
  });
  notice.querySelector("button").addEventListener("click", () => {
    copies.forEach(({ cell }) => forgetCopy(user, home, cell));
    places.forEach((place) => place.remove());
    notice.hidden = true;
  });
}
