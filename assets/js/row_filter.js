/** A box marked data-filter-rows (the id of a table) shows only rows whose header has its words. */
export function filterRows(root) {
  for (const box of root.querySelectorAll("[data-filter-rows]")) {
    const rows = [...root.getElementById(box.dataset.filterRows).tBodies[0].rows];
    const names = rows.map((row) => plain(row.querySelector("th").textContent));
    const field = box.querySelector("input");
    const count = box.querySelector("[data-filter-count]");
    box.hidden = false;
    field.addEventListener("input", () => {
      const words = plain(field.value);
      rows.forEach((row, place) => (row.hidden = !names[place].includes(words)));
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = count.dataset.words.replace("{shown}", shown).replace("{all}", rows.length);
    });
    // It is not part of the form: Enter would go to a figure, and typing is not an entry.
    field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  }
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trim();
