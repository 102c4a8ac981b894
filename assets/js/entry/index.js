import { copiesOf } from "./copies.js";
import { isCell, sendAll } from "./sign_out.js";

/**
 * The index of a long form has no fields: what was typed on its pages and not saved yet is sent
 * from here, and what is not taken is named, with its address.
 */
export async function sendFromIndex(root) {
  const notice = root.querySelector("[data-entry-unsent]");
  if (!notice) {
    return;
  }
  const { user, home } = notice.dataset;
  const unsent = () => copiesOf(user, home).filter(isCell);
  const before = unsent().length;
  if (before === 0) {
    return;
  }
  // A refusal of the whole leaves all of it here.
  await sendAll(user, unsent()).catch(() => {});
  const left = unsent();
  if (left.length === 0) {
    // The counts of the page are of before.
    location.reload();
    return;
  }
  show(notice, left);
}

function show(notice, copies) {
  const { one, many } = notice.dataset;
  notice.querySelector("p").textContent = (copies.length === 1 ? one : many).replace("{n}", copies.length);
  const links = copies.map(({ cell, values }) => {
    const href = `/report/cells/${cell.slice(1)}/`;
    const link = Object.assign(document.createElement("a"), { href, textContent: Object.values(values).join(" / ") });
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  notice.querySelector("ul").replaceChildren(...links);
  notice.hidden = false;
}
