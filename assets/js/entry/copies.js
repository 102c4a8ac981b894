/**
 * What was typed and not acknowledged yet, kept on this device: one entry per user, form and cell.
 *
 * @typedef {Object} Copy
 * @property {Record<string, string>} values  the cell's fields by name
 * @property {string} version  the cell's version that they were typed against
 * @property {Record<string, string>} [sent]  what was on its way when the page was left
 * @property {number} at  when it was last typed in, milliseconds
 */
/** Told on the document when somebody discards what they typed. */
export const DISCARDED = "jalon:discarded";
const PREFIX = "jalon.typed";
const KEPT_FOR = 7 * 24 * 3600 * 1000;

const keyOf = (user, home, cell) => [PREFIX, user, home, cell].join(" ");

/** @returns {[string, Copy][]} all entries of the device, under their keys */
function entries() {
  const found = [];
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(`${PREFIX} `)) {
      continue;
    }
    try {
      found.push([key, JSON.parse(localStorage.getItem(key))]);
    } catch {
      localStorage.removeItem(key);
    }
  }
  return found;
}

/** Whether this browser keeps anything at all: some do not, and a full one does not. */
export function canKeep() {
  try {
    localStorage.setItem(`${PREFIX}?`, "1");
    localStorage.removeItem(`${PREFIX}?`);
    return true;
  } catch {
    return false;
  }
}

/** Forget what is older than a week, whoever typed it. */
export function forgetOldCopies(now = Date.now()) {
  for (const [key, copy] of canKeep() ? entries() : []) {
    if (!(now - copy?.at < KEPT_FOR)) {
      localStorage.removeItem(key);
    }
  }
}

/** The copies of one user in one form; without `home`, in all forms, each with its own. */
export function copiesOf(user, home = null) {
  if (!canKeep()) {
    return [];
  }
  return entries()
    .map(([key, copy]) => ({ ...copy, key: key.split(" ") }))
    .filter(({ key }) => key[1] === user && (home === null || key[2] === home))
    .map(({ key, ...copy }) => ({ ...copy, home: key[2], cell: key[3] }));
}

/** @returns {boolean} whether it is kept; a full device keeps nothing more */
export function keepCopy(user, home, cell, copy) {
  try {
    localStorage.setItem(keyOf(user, home, cell), JSON.stringify({ ...copy, at: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export function forgetCopy(user, home, cell) {
  if (canKeep()) {
    localStorage.removeItem(keyOf(user, home, cell));
  }
}

/** Forget all that one user typed, and have open forms forget it too. */
export function discardCopies(user) {
  copiesOf(user).forEach(({ home, cell }) => forgetCopy(user, home, cell));
  document.dispatchEvent(new Event(DISCARDED));
}
