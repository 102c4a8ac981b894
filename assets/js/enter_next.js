const FIELDS = 'input:not([type="hidden"], [type="submit"], [disabled], [readonly]), select, textarea';

function isShown(field) {
  return field.getClientRects().length > 0 && !field.closest("details:not([open])");
}

/**
 * In a form marked data-enter-next, Enter in a one-line field goes to the next
 * field instead of sending the form; in the last one it goes to the first
 * button. Tab keeps its natural order, and a text area keeps its line breaks.
 */
export function enterGoesToNextField(root) {
  root.addEventListener("keydown", (event) => {
    const field = event.target;
    const form = field.closest?.("form[data-enter-next]");
    const plain = event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey;
    if (!form || !plain || !field.matches('input:not([type="submit"], [type="button"], [type="file"])')) {
      return;
    }
    event.preventDefault();
    const fields = [...form.querySelectorAll(FIELDS)].filter(isShown);
    const next = fields[fields.indexOf(field) + 1] ?? form.querySelector('button:not([type="button"])');
    next?.focus();
    if (next?.matches('input[type="text"]')) {
      next.select();
    }
  });
}
