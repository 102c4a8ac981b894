/** A cell's part of the page: its fields, their values, and what is told beside them. */

/** Answers to a question that stood on the page; without the question they say nothing. */
const ANSWERS = /-(seen|choice|reading)$/;
const CONTROLS = "input, select, textarea";

/** The element that holds all of a cell, for anything in it; null outside of cells. */
export const rowOf = (element) => element?.closest?.("[data-cell]") ?? null;

/** Fields that somebody answers with; the version is the page's own. */
function controls(row) {
  const own = `${row.dataset.cell}-`;
  return [...row.querySelectorAll(CONTROLS)].filter(
    (field) => field.name.startsWith(own) && field.name !== `${own}version`,
  );
}

const versionField = (row) => row.querySelector(`[name="${row.dataset.cell}-version"]`);

export const versionOf = (row) => versionField(row).value;

export function setVersion(row, version) {
  versionField(row).value = version;
}

const isAnswered = (field) =>
  field.value !== "" && (field.checked || !(field.type === "radio" || field.type === "checkbox"));

/** @returns {Record<string, string>} as a browser would post them; empty texts are left out */
export function valuesOf(row) {
  const values = {};
  for (const field of controls(row)) {
    if (isAnswered(field)) {
      values[field.name] = field.value;
    }
  }
  return values;
}

/** Put values into a cell's fields; what the page has no field for travels with it, hidden. */
export function fill(row, values) {
  const known = new Set();
  for (const field of controls(row)) {
    known.add(field.name);
    const value = values[field.name] ?? "";
    if (field.type === "radio" || field.type === "checkbox") {
      field.checked = value === field.value;
    } else if (field.value !== value) {
      field.value = value;
    }
  }
  for (const [name, value] of Object.entries(values)) {
    if (!known.has(name) && !ANSWERS.test(name) && value !== "") {
      row.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
  }
  openFilled(row);
}

/** A fold with something typed in it is open, so that nothing is kept out of sight. */
function openFilled(row) {
  for (const fold of row.querySelectorAll("details:not([open])")) {
    fold.open = [...fold.querySelectorAll(CONTROLS)].some((field) => field.type !== "hidden" && isAnswered(field));
  }
}

/** Whether two sets of values say the same. */
export function same(one, other) {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => (one[name] ?? "") === (other[name] ?? ""));
}

const piece = (row, name) => row.querySelector(`[data-piece="${name}"]`);

/** What waits: "Saving…" or when it is tried again; empty shows again what the server said. */
export function showWait(row, text) {
  piece(row, "wait").textContent = text;
  piece(row, "said").hidden = text !== "";
}

/** Server text in a piece of a cell. The focus goes to where it was, or to the cell's first field. */
export function showPiece(row, name, html) {
  const place = piece(row, name);
  if (place.innerHTML.trim() === html) {
    return;
  }
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  place.innerHTML = html;
  if (focused) {
    (document.getElementById(focused.id) ?? controls(row)[0])?.focus();
  }
}

export function showMessages(row, html) {
  showPiece(row, "messages", html);
  for (const field of row.querySelectorAll("[aria-describedby$='-error']")) {
    field.toggleAttribute("aria-invalid", hasErrors(row));
    if (hasErrors(row)) {
      field.setAttribute("aria-invalid", "true");
    }
  }
  markWrong(row);
}

/** @param {string} standing "conflict", "refused" or "" */
export function setStanding(row, standing) {
  row.dataset.standing = standing;
  markWrong(row);
}

/** What a comment explains stands there, too, and is no error. */
function hasErrors(row) {
  return piece(row, "messages").querySelector(".errorlist") !== null;
}

function markWrong(row) {
  const wrong = row.dataset.standing === "conflict" || hasErrors(row);
  row.classList.toggle("jalon-entry--error", wrong);
}
