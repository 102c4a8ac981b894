import { copiesOf, discardCopies, forgetCopy } from "./copies.js";
import { Unreachable, newToken, send } from "./talk.js";

const MOST_CELLS = 100;
export const isCell = ({ cell }) => /^c\d+$/.test(cell);
/** Not `form.action`: a button of that name would stand in its place. */
const leadsTo = (form, path) => new URL(form.getAttribute("action") ?? "", location).pathname === path;
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Signing out with figures that are not saved yet asks: send them, discard them, or stay. */
export function askBeforeSigningOut(root) {
  const dialog = root.querySelector("dialog[data-sign-out]");
  if (!dialog) {
    return;
  }
  const { user, signOut } = dialog.dataset;
  const unsent = () => copiesOf(user).filter(isCell);
  let passes = false;
  let form = null;
  const leave = () => {
    passes = true;
    form.requestSubmit();
  };

  root.addEventListener("submit", async (event) => {
    if (passes || !leadsTo(event.target, signOut) || unsent().length === 0) {
      return;
    }
    event.preventDefault();
    form = event.target;
    // What is being saved at this moment needs no question.
    for (let tries = 0; navigator.onLine && tries < 10 && unsent().length; tries += 1) {
      await pause(100);
    }
    if (unsent().length === 0) {
      leave();
      return;
    }
    show(dialog, unsent(), navigator.onLine ? "" : "offline");
    dialog.showModal();
  });

  dialog.querySelector("[data-send]").addEventListener("click", async () => {
    try {
      await sendAll(user, unsent());
    } catch (problem) {
      show(dialog, unsent(), problem instanceof Unreachable ? "offline" : "refused");
      return;
    }
    if (unsent().length) {
      show(dialog, unsent(), "refused");
    } else {
      discardCopies(user);
      leave();
    }
  });
  dialog.querySelector("[data-discard]").addEventListener("click", () => {
    discardCopies(user);
    if (navigator.onLine) {
      leave();
    } else {
      show(dialog, [], "discarded");
    }
  });
  dialog.querySelector("[data-stay]").addEventListener("click", () => dialog.close());
}

/** @param {"" | "offline" | "refused" | "discarded"} problem */
function show(dialog, copies, problem) {
  const { one, many, ...words } = dialog.dataset;
  dialog.querySelector("[data-count]").textContent = (copies.length === 1 ? one : many).replace("{n}", copies.length);
  const place = dialog.querySelector("[data-problem]");
  place.textContent = problem ? words[problem] : "";
  const links = [...new Set(copies.map(({ home }) => home))].map((home) => {
    const link = Object.assign(document.createElement("a"), { href: home, textContent: home });
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  dialog.querySelector("[data-forms]").replaceChildren(...(problem === "refused" ? links : []));
}

/** What is saved is forgotten here; the rest stays, for its form to show what is wrong. */
export async function sendAll(user, copies) {
  for (const home of new Set(copies.map((copy) => copy.home))) {
    const cells = copies.filter((copy) => copy.home === home);
    for (let first = 0; first < cells.length; first += MOST_CELLS) {
      const fields = { token: newToken(), user, version: "" };
      for (const { cell, values, version } of cells.slice(first, first + MOST_CELLS)) {
        Object.assign(fields, values, { [`${cell}-version`]: version });
      }
      const answer = await send(`${home}cells/`, fields);
      for (const [cell, { state }] of Object.entries(answer.cells)) {
        if (state === "saved") {
          forgetCopy(user, home, cell);
        }
      }
    }
  }
}
