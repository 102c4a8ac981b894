import { Unreachable } from "./talk.js";

/** What the page says about saving: at the top, to who listens, and its counts. */
export class Notices {
  constructor(form) {
    const find = (name) => form.querySelector(`[data-entry-${name}]`);
    this.words = find("words").dataset;
    this.live = find("live");
    this.notice = find("notice");
    this.text = find("notice-text");
    this.link = find("notice-link");
  }

  /** Read aloud; failures and totals only. */
  say(text) {
    this.live.textContent = text;
  }

  /** @param {Error} problem @param {boolean} isNew whether it goes on from before */
  worse(problem, isNew) {
    const text = problem.message || (problem instanceof Unreachable ? this.words.notSaved : this.words.stopped);
    this.text.textContent = text;
    this.link.hidden = !problem.signIn;
    if (problem.signIn) {
      this.link.querySelector("a").href = problem.signIn;
    }
    this.notice.hidden = false;
    if (isNew) {
      this.say(text);
    }
  }

  better() {
    this.notice.hidden = true;
    this.say(this.words.savedAgain);
  }

  nothingWaits() {
    this.notice.hidden = true;
  }

  /** A form cannot be sent now: say so where the reader is. */
  cannotSend() {
    this.text.textContent = this.words.offline;
    this.link.hidden = true;
    this.notice.hidden = false;
    this.notice.tabIndex = -1;
    this.notice.focus();
  }

  wrong(row) {
    this.say(row.querySelector("[data-piece=messages]").textContent.trim());
  }

  /** Counts and running totals, by their place on the page. */
  parts(parts) {
    const totals = [];
    for (const place of document.querySelectorAll("[data-part]")) {
      const html = parts[place.dataset.part];
      if (html === undefined || place.innerHTML.trim() === html.trim()) {
        continue;
      }
      place.innerHTML = html;
      if (place.dataset.sumOf) {
        totals.push(place.textContent);
      }
    }
    if (totals.length === 1) {
      this.say(totals[0]);
    }
  }
}
