import { forgetCopy, keepCopy } from "./copies.js";
import { fill, same, setStanding, setVersion, showMessages, showPiece, showWait, valuesOf, versionOf } from "./rows.js";
import { Refused, Unreachable, newToken, send } from "./talk.js";

const MOST_CELLS = 100;
/** Seconds. */
const LONGEST_WAIT = 60;
/** Milliseconds. */
const SHORTEST_WAIT = 2000;

/**
 * Saves cells as they are left: one request at a time, the one that failed again first, with its
 * own mark. Until the server has acknowledged a cell, its copy stays on the device.
 */
export class Saving {
  /** @param {HTMLFormElement} form @param {Map<string, Element>} rows @param tells notices */
  constructor(form, rows, tells) {
    Object.assign(this, { form, rows, tells });
    const { user, home, cells } = form.dataset;
    Object.assign(this, { user, home, address: cells });
    this.typed = new Set();
    this.waiting = new Set();
    this.saved = new Map();
    for (const row of rows.values()) {
      if (!row.dataset.standing) {
        this.saved.set(row, { values: valuesOf(row), version: versionOf(row) });
      }
    }
    this.batch = null;
    this.failures = 0;
    this.stopped = false;
    this.settled = [];
    this.afterSave = [];
  }

  /** A keystroke in a cell: it is kept here before anything else. */
  keep(row) {
    this.typed.add(row);
    this.copy(row);
  }

  copy(row, version = versionOf(row)) {
    const inFlight = this.batch?.cells.find((each) => each.row === row);
    const sent = inFlight && { sent: inFlight.values };
    const copy = { values: valuesOf(row), version, ...sent };
    if (!keepCopy(this.user, this.home, row.dataset.cell, copy)) {
      // The device is full: at least ask before the page is left.
      this.form.setAttribute("data-guard-unsaved", "");
    }
  }

  /** A cell is left: what was typed in it goes to the server. */
  leave(row) {
    if (this.typed.delete(row)) {
      this.waiting.add(row);
    }
    if (this.stopped && this.waiting.has(row)) {
      showWait(row, this.tells.words.stopped);
    }
    this.goOn();
  }

  leaveAll() {
    [...this.typed].forEach((row) => this.leave(row));
  }

  /** What was typed before the page was closed; what was on its way then goes first. */
  restore(row, copy) {
    setVersion(row, copy.version);
    fill(row, copy.values);
    this.waiting.add(row);
    if (copy.sent && !same(copy.sent, copy.values)) {
      row.sentBefore = copy.sent;
    }
  }

  get hasUnsent() {
    return this.typed.size + this.waiting.size > 0 || this.batch !== null;
  }

  /**
   * Only where something is unsent and saving has not stopped.
   * @returns {Promise<"saved" | "unreachable" | "refused">} once nothing is on its way any more
   */
  flush() {
    this.leaveAll();
    const result = new Promise((resolve) => this.settled.push(resolve));
    this.retryNow();
    return result;
  }

  settle(how) {
    this.settled.splice(0).forEach((resolve) => resolve(how));
  }

  goOn() {
    if (this.batch || this.stopped) {
      this.goOnWithoutAnswer();
      return;
    }
    if (this.waiting.size === 0) {
      this.settle("saved");
      return;
    }
    this.batch = this.nextBatch();
    this.attempt();
  }

  /** While nothing gets through, each cell that is left is a reason to try again, now and then. */
  goOnWithoutAnswer() {
    if (Date.now() - this.tried > SHORTEST_WAIT) {
      this.retryNow();
    } else {
      this.showCountdown();
    }
  }

  nextBatch() {
    const cells = [...this.waiting].slice(0, MOST_CELLS).map((row) => {
      const values = row.sentBefore ?? valuesOf(row);
      delete row.sentBefore;
      this.waiting.delete(row);
      return { row, values, version: versionOf(row) };
    });
    const fields = {
      token: newToken(),
      user: this.user,
      version: this.form.elements.version.value,
      language: document.documentElement.lang,
    };
    if ("namesMissing" in this.form.dataset) {
      fields.missing = "1";
    }
    for (const { row, values, version } of cells) {
      Object.assign(fields, values, { [`${row.dataset.cell}-version`]: version });
    }
    return { cells, fields };
  }

  async attempt() {
    const { batch } = this;
    this.isSending = true;
    this.tried = Date.now();
    clearInterval(this.clock);
    for (const { row } of batch.cells) {
      showWait(row, this.tells.words.saving);
      this.copy(row);
    }
    let answer;
    try {
      answer = await send(this.address, batch.fields, document.visibilityState === "hidden");
    } catch (problem) {
      if (this.batch === batch) {
        this.isSending = false;
        this.fail(problem);
      }
      return;
    }
    // It may have been discarded since.
    if (this.batch === batch) {
      this.isSending = false;
      this.batch = null;
      this.take(answer, batch);
      this.goOn();
    }
  }

  take(answer, { cells }) {
    if (this.failures) {
      this.tells.better();
    }
    this.failures = 0;
    this.form.elements.version.value = answer.version;
    cells.forEach((cell) => this.takeCell(answer, cell));
    this.takeMessages(answer.messages);
    this.tells.parts(answer.parts);
    this.afterSave.forEach((tell) => tell(cells.map(({ row }) => row)));
  }

  takeCell(answer, { row, values }) {
    const { cell } = row.dataset;
    const said = answer.cells[cell];
    if (!said) {
      return;
    }
    setVersion(row, said.version);
    showWait(row, "");
    showPiece(row, "said", said.said);
    if (said.state === "saved") {
      this.saved.set(row, { values: said.values ?? values, version: said.version });
    }
    if (!same(valuesOf(row), values)) {
      // It was typed in since.
      this.copy(row, said.version);
      (row.contains(document.activeElement) ? this.typed : this.waiting).add(row);
      return;
    }
    setStanding(row, said.state === "saved" ? "" : said.state);
    showPiece(row, "questions", said.questions);
    showMessages(row, answer.messages[cell] ?? "");
    if (said.values) {
      fill(row, said.values);
    }
    if (said.state === "saved") {
      forgetCopy(this.user, this.home, cell);
    } else {
      this.copy(row);
      this.tells.wrong(row);
    }
  }

  /** What the new figures mean for others that were looked at: cells that nobody is busy with. */
  takeMessages(messages) {
    for (const [cell, html] of Object.entries(messages)) {
      const row = this.rows.get(cell);
      if (row && !this.typed.has(row) && !this.waiting.has(row) && !row.dataset.standing) {
        showMessages(row, html);
      }
    }
  }

  fail(problem) {
    if (!(problem instanceof Unreachable || (problem instanceof Refused && problem.waits))) {
      this.stop(problem);
      return;
    }
    this.failures += 1;
    this.next = Date.now() + 1000 * Math.min(LONGEST_WAIT, 2 ** this.failures);
    this.tells.worse(problem, this.failures === 1);
    this.clock = setInterval(() => this.tick(), 1000);
    this.showCountdown();
    this.settle(problem instanceof Unreachable ? "unreachable" : "refused");
  }

  tick() {
    if (Date.now() >= this.next) {
      this.retryNow();
    } else {
      this.showCountdown();
    }
  }

  showCountdown() {
    if (this.failures === 0 || this.isSending || !this.batch) {
      return;
    }
    const seconds = Math.max(1, Math.ceil((this.next - Date.now()) / 1000));
    const text = this.tells.words.waiting.replace("{s}", seconds);
    [...this.batch.cells.map(({ row }) => row), ...this.waiting].forEach((row) => showWait(row, text));
  }

  /** The connection is back, or somebody looks at the page again. */
  retryNow() {
    if (this.batch && !this.isSending && !this.stopped) {
      this.attempt();
    }
  }

  /**
   * Somebody signs out and wants nothing of this page to be sent any more: the fields show again
   * what is saved. Beside a conflict stands what to choose from.
   * @returns {Element[]} the rows that changed
   */
  discard() {
    const refused = [...this.rows.values()].filter((row) => row.dataset.standing === "refused");
    const sent = this.batch?.cells.map(({ row }) => row) ?? [];
    const unsaved = new Set([...this.typed, ...this.waiting, ...sent, ...refused]);
    const changed = [...unsaved].filter((row) => this.saved.has(row) && row.dataset.standing !== "conflict");
    clearInterval(this.clock);
    this.typed.clear();
    this.waiting.clear();
    this.batch = null;
    this.isSending = false;
    this.failures = 0;
    this.settle("refused");
    changed.forEach((row) => this.showSaved(row));
    if (!this.stopped) {
      this.tells.nothingWaits();
    }
    return changed;
  }

  showSaved(row) {
    const { values, version } = this.saved.get(row);
    delete row.sentBefore;
    if (row.dataset.standing) {
      setStanding(row, "");
      showPiece(row, "questions", "");
      showMessages(row, "");
    }
    setVersion(row, version);
    fill(row, values);
    showWait(row, "");
  }

  stop(problem) {
    this.stopped = true;
    clearInterval(this.clock);
    for (const row of [...this.batch.cells.map((each) => each.row), ...this.waiting]) {
      showWait(row, this.tells.words.stopped);
    }
    this.tells.worse(problem, true);
    this.settle("refused");
  }
}
