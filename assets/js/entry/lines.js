/** The fields for figures as they stand on the page: lines from above to below, fields in a line. */

const FIGURES = 'input[inputmode="decimal"]';

export const isFigure = (element) => element?.matches?.(FIGURES) ?? false;

/** The lines of the table that a field is in; outside of tables, the form's figures one by one. */
export function linesAround(field) {
  const table = field.closest("table");
  const lines = table ? table.querySelectorAll("tbody > tr") : field.form.querySelectorAll(".jalon-entry");
  return [...lines].filter((line) => !line.hidden).map((line) => [...line.querySelectorAll(FIGURES)]);
}

/** @returns {{lines: Element[][], line: number, place: number}} where a field stands */
export function placeOf(field) {
  const lines = linesAround(field);
  const line = lines.findIndex((fields) => fields.includes(field));
  return { lines, line, place: lines[line].indexOf(field) };
}
