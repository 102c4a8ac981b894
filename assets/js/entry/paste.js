import { cellsOf } from "./block.js";
import { isFigure, placeOf } from "./lines.js";
import { rowOf } from "./rows.js";

/** A field has one line, and would join the lines of a cell: 12 above 345 is not 12345. */
const inOneLine = (text) => text.trim().replace(/\s*\n\s*/g, "; ");

/** A block pasted into a figure fills the fields to the right and below; one step undoes it. */
export class Pasting {
  /** @param {import("./saving.js").Saving} saving */
  constructor(form, saving, tells) {
    Object.assign(this, { saving, tells, pasted: [], left: 0, isLatest: false });
    this.panel = form.querySelector("[data-entry-paste]");
    this.text = form.querySelector("[data-entry-paste-text]");
    form.addEventListener("paste", (event) => this.paste(event));
    form.addEventListener("keydown", (event) => this.undoByKey(event));
    form.addEventListener("input", (event) => {
      this.isLatest &&= event.isTrusted === false;
    });
    form.querySelector("[data-undo-paste]").addEventListener("click", () => this.undo());
    saving.afterSave.push((rows) => this.pasted.some(({ field }) => rows.includes(rowOf(field))) && this.report());
  }

  paste(event) {
    if (!isFigure(event.target)) {
      return;
    }
    const block = cellsOf(event.clipboardData.getData("text/plain"));
    if (block.length === 1 && block[0].length === 1) {
      return;
    }
    event.preventDefault();
    const before = new Map();
    const { lines, line, place } = placeOf(event.target);
    this.left = 0;
    block.forEach((cells, down) =>
      cells.forEach((text, right) => {
        const field = lines[line + down]?.[place + right];
        if (text.trim() === "") {
          return;
        }
        if (field) {
          before.set(field, { field, before: field.value, after: inOneLine(text) });
        } else {
          this.left += 1;
        }
      }),
    );
    this.pasted = [...before.values()];
    write(this.pasted.map(({ field, after }) => [field, after]), this.saving);
    this.isLatest = true;
    this.report();
    this.tells.say(this.text.textContent);
  }

  /** How many were filled, did not fit, and were refused once the server has looked at them. */
  report() {
    if (this.pasted.length + this.left === 0) {
      return;
    }
    const rows = new Set(this.pasted.map(({ field }) => rowOf(field)));
    const refused = [...rows].filter((row) => row.dataset.standing).length;
    const { filled, refused: words } = this.tells.words;
    const text = filled.replace("{filled}", this.pasted.length).replace("{left}", this.left);
    this.text.textContent = refused ? `${text} ${words.replace("{refused}", refused)}` : text;
    this.panel.hidden = false;
  }

  undoByKey(event) {
    const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    if (isUndo && this.isLatest && this.pasted.length) {
      event.preventDefault();
      this.undo();
    }
  }

  /** Fields that were typed in since keep that. */
  undo() {
    const untouched = this.pasted.filter(({ field, after }) => field.value === after);
    write(untouched.map(({ field, before }) => [field, before]), this.saving);
    this.pasted[0]?.field.focus();
    Object.assign(this, { pasted: [], left: 0, isLatest: false });
    this.panel.hidden = true;
    this.tells.say(this.tells.words.undone);
  }
}

/** As if typed: each cell is kept on the device, then all of them are sent. */
function write(pairs, saving) {
  for (const [field, text] of pairs) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  saving.leaveAll();
}
