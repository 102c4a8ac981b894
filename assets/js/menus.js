/** Escape, or a click elsewhere, closes an open disclosure marked data-menu. */
export function closeMenusOutside(root) {
  const openMenus = () => root.querySelectorAll("details[data-menu][open]");

  root.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      menu.open = menu.contains(event.target);
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      return;
    }
    for (const menu of openMenus()) {
      const hadFocus = menu.contains(root.activeElement);
      menu.open = false;
      if (hadFocus) {
        menu.querySelector("summary").focus();
      }
    }
  });
}
