/** An answer that needs words opens the place for them. */
export function openWordsForStances(root) {
  const needsWords = new Set(["adapted", "not_taken_up"]);
  root.addEventListener("change", (event) => {
    if (!event.target.matches("select[data-stance]") || !needsWords.has(event.target.value)) {
      return;
    }
    event.target.parentElement.querySelector("details").open = true;
  });
}
