/** Says in the button how many rows are ticked: "Validate the selection (11)". */
export function countSelections(root) {
  for (const form of root.querySelectorAll("form[data-selection]")) {
    const place = form.querySelector("[data-selection-count]");
    const show = () => {
      const ticked = form.querySelectorAll('input[name="pick"]:checked').length;
      place.textContent = ` (${ticked})`;
    };
    form.addEventListener("change", show);
    // A page that comes back from the browser's memory has its ticks after this.
    window.addEventListener("pageshow", show);
    show();
  }
}
