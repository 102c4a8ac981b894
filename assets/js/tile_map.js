/** Arrow keys move between the tiles of a map; only one of them is in the order of Tab. */
export function moveOnTileMaps(root) {
  for (const map of root.querySelectorAll("[data-tile-map]")) {
    const tiles = [...map.querySelectorAll("a[data-row]")];
    tiles.forEach((tile, index) => tile.setAttribute("tabindex", index === 0 ? "0" : "-1"));
    map.addEventListener("keydown", (event) => {
      const from = event.target.closest("a[data-row]");
      const to = from && nearest(tiles, from, event.key);
      if (!to) {
        return;
      }
      event.preventDefault();
      from.setAttribute("tabindex", "-1");
      to.setAttribute("tabindex", "0");
      to.focus();
    });
  }
}

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** The closest tile in the direction of the key; straight ahead is closer than aside. */
function nearest(tiles, from, key) {
  const step = STEPS[key];
  if (!step) {
    return null;
  }
  const place = (tile) => [Number(tile.dataset.row), Number(tile.dataset.column)];
  const [row, column] = place(from);
  let best = null;
  let least = Infinity;
  for (const tile of tiles) {
    const [otherRow, otherColumn] = place(tile);
    const ahead = (otherRow - row) * step[0] + (otherColumn - column) * step[1];
    const aside = Math.abs((otherRow - row) * step[1]) + Math.abs((otherColumn - column) * step[0]);
    const distance = ahead + 3 * aside;
    if (ahead > 0 && distance < least) {
      [best, least] = [tile, distance];
    }
  }
  return best;
}
