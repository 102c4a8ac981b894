/**
 * A block copied from Excel or Calc as rows of cells. Cells are separated by tabs; a quoted one may
 * hold tabs, line breaks and doubled quotes.
 * @param {string} text @returns {string[][]}
 */
export function cellsOf(text) {
  const rows = [[]];
  const ended = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  const cell = /\t|\n|"((?:[^"]|"")*)"(?=\t|\n|$)|[^\t\n]+/gy;
  let content = "";
  for (const [found, quoted] of ended.matchAll(cell)) {
    if (found === "\t" || found === "\n") {
      rows.at(-1).push(content);
      content = "";
      if (found === "\n") {
        rows.push([]);
      }
    } else {
      content = quoted === undefined ? found : quoted.replaceAll('""', '"');
    }
  }
  rows.at(-1).push(content);
  return rows;
}
