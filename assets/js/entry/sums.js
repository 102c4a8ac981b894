/** Running totals while typing, exact; the server's answer replaces them. */

const NUMBER = /^(\d{1,3}(?:[ \u00a0\u202f'\u2019]\d{3})+|\d+)(?:[.,](\d+))?$/;
const TWO_READINGS = /^[1-9]\d{0,2}[.,]\d{3}$/;

/** @returns {[bigint, number] | null} units of 10^-decimals; null for what only the server can read */
export function exact(text) {
  const trimmed = text.trim();
  const found = TWO_READINGS.test(trimmed) ? null : trimmed.match(NUMBER);
  if (!found) {
    return null;
  }
  const decimals = found[2] ?? "";
  return [BigInt(found[1].replace(/\D/g, "") + decimals), decimals.length];
}

const scaled = ([units, from], to) => units * 10n ** BigInt(to - from);

export function sumText(numbers, mark) {
  const decimals = Math.max(0, ...numbers.map((number) => number[1]));
  const units = numbers.reduce((sum, number) => sum + scaled(number, decimals), 0n);
  const digits = String(units).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  return decimals ? `${whole}${mark}${digits.slice(-decimals)}` : whole;
}

const field = (row, part) => row.querySelector(`[name="${row.dataset.cell}-${part}"]`);

/** @returns {string | null} "118 of 126" for one part; null where something cannot be read */
function pairText(total, options, part, words) {
  const typed = options.map((row) => field(row, part)?.value ?? "").filter((text) => text.trim());
  const numbers = typed.map(exact);
  const whole = field(total, part).value.trim();
  if (numbers.includes(null) || (whole && !exact(whole))) {
    return null;
  }
  const added = sumText(numbers, words.decimalMark);
  if (!whole) {
    return added;
  }
  const said = sumText([exact(whole)], words.decimalMark);
  return words.sumPair.replace("{parts}", added).replace("{total}", said);
}

/**
 * @param {Map<string, Element>} rows
 * @returns {(row: Element | null) => void} adds up what a row belongs to
 */
export function sumWhileTyping(form, rows, words) {
  const addUp = (row) => {
    const total = row && rows.get(row.dataset.total ?? row.dataset.cell);
    const place = total?.querySelector("[data-sum-of]");
    if (!place || !field(total, "numerator")) {
      return;
    }
    const options = [...rows.values()].filter((each) => each.dataset.total === total.dataset.cell);
    const parts = ["numerator", "denominator"].filter((part) => field(total, part));
    const texts = parts.map((part) => pairText(total, options, part, words));
    if (!texts.includes(null)) {
      place.textContent = words.sum.replace("{sums}", texts.join("; "));
    }
  };
  form.addEventListener("input", (event) => addUp(event.target.closest("[data-cell]")));
  return addUp;
}
