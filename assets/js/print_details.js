/** Paper cannot be clicked: disclosures open before printing and close again after. */
export function openDetailsForPrint(view) {
  let opened = [];

  view.addEventListener("beforeprint", () => {
    opened = [...view.document.querySelectorAll("main details:not([open])")];
    for (const details of opened) {
      details.open = true;
    }
  });
  view.addEventListener("afterprint", () => {
    for (const details of opened) {
      details.open = false;
    }
  });
}
