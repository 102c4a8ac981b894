import { DISCARDED, canKeep, copiesOf, forgetCopy, keepCopy } from "./copies.js";
import { moveByKeys } from "./keys.js";
import { Notices } from "./notices.js";
import { Pasting } from "./paste.js";
import { fill, rowOf } from "./rows.js";
import { Saving } from "./saving.js";
import { sumWhileTyping } from "./sums.js";

/** The entry form, and the grid of one definition, with saving as cells are left. */
export function startEntryForms(root) {
  for (const form of root.querySelectorAll("form[data-entry-form]")) {
    start(form);
  }
  for (const form of root.querySelectorAll("form[data-entry-words-kept]")) {
    keepWords(form);
  }
}

function start(form) {
  const rows = new Map([...form.querySelectorAll("[data-cell]")].map((row) => [row.dataset.cell, row]));
  const tells = new Notices(form);
  const saving = new Saving(form, rows, tells);
  form.querySelector("[data-entry-keyboard]").hidden = false;
  if (canKeep()) {
    form.removeAttribute("data-guard-unsaved");
  }
  saveAsLeft(form, saving);
  saveBeforeSending(form, saving, tells);
  const addUp = sumWhileTyping(form, rows, tells.words);
  document.addEventListener(DISCARDED, () => saving.discard().forEach(addUp));
  moveByKeys(form, saving);
  new Pasting(form, saving, tells);
  keepWords(form);
  restore(form, rows, saving);
  hideRestoredNotice(saving);
}

function saveAsLeft(form, saving) {
  const typed = (event) => {
    const row = rowOf(event.target);
    if (row) {
      saving.keep(row);
    }
  };
  form.addEventListener("input", typed);
  form.addEventListener("change", (event) => {
    typed(event);
    const row = rowOf(event.target);
    // An answer to a question is complete; so is a choice that has its figure.
    if (row && event.target.type === "radio") {
      saving.leave(row);
    }
  });
  form.addEventListener("focusout", (event) => {
    const row = rowOf(event.target);
    if (row && rowOf(event.relatedTarget) !== row) {
      saving.leave(row);
    }
  });
  window.addEventListener("online", () => saving.retryNow());
  window.addEventListener("focus", () => saving.retryNow());
  // Another tab saved something: it is signed in.
  window.addEventListener("storage", () => saving.retryNow());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") {
      saving.leaveAll();
    }
    saving.retryNow();
  });
}

/**
 * The form's own buttons wait for what is on its way; without a connection they do nothing. Where
 * saving has stopped nothing is on its way: the form is sent as it is, at once (a browser ignores
 * a form that is sent again while it is being sent).
 */
function saveBeforeSending(form, saving, tells) {
  let passes = false;
  window.addEventListener("pageshow", () => (passes = false));
  form.addEventListener("submit", async (event) => {
    if (passes || saving.stopped || !saving.hasUnsent) {
      return;
    }
    event.preventDefault();
    if ((await saving.flush()) === "unreachable") {
      tells.cannotSend();
      return;
    }
    passes = true;
    form.requestSubmit(event.submitter);
  });
}

/** Words beside the figures (why they are maintained) are kept too, for this return only. */
function keepWords(form) {
  const field = form.querySelector("[data-keep]");
  if (!field) {
    return;
  }
  const { user, home } = form.dataset;
  const copy = copiesOf(user, home).find(({ cell }) => cell === field.id);
  if (copy?.version !== field.dataset.keep) {
    forgetCopy(user, home, field.id);
  } else if (field.value === "") {
    field.value = copy.values[field.name];
  }
  field.addEventListener("input", () => {
    keepCopy(user, home, field.id, { values: { [field.name]: field.value }, version: field.dataset.keep });
  });
}

/** What this user typed here before, on this device, and the server has not acknowledged. */
function restore(form, rows, saving) {
  for (const copy of copiesOf(form.dataset.user, form.dataset.home)) {
    const row = rows.get(copy.cell);
    if (row?.dataset.standing) {
      // The server has just shown what is wrong with it.
      fill(row, copy.values);
    } else if (row) {
      saving.restore(row, copy);
    }
  }
  saving.goOn();
}

function hideRestoredNotice(saving) {
  const notice = document.querySelector("[data-entry-restored]");
  saving.afterSave.push(() => {
    if (notice && !saving.hasUnsent) {
      notice.hidden = true;
    }
  });
}
