/**
 * A form marked data-guard-unsaved asks before its page is left with changes
 * that were not sent. Sending the form, or an htmx save, clears the mark; sending
 * another form of the page (language, search) is leaving.
 */
export function guardUnsavedChanges(root) {
  const changed = new Set();
  const guarded = (target) => target.closest?.("form[data-guard-unsaved]");

  root.addEventListener("input", (event) => {
    const form = guarded(event.target);
    if (form) {
      changed.add(form);
    }
  });
  root.addEventListener("submit", (event) => changed.delete(event.target));
  root.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) {
      changed.delete(guarded(event.target));
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) {
      event.preventDefault();
    }
  });
}
