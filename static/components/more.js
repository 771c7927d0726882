/** The menu in the head of a trace closes by Escape, and by a click beside it. */
export function startMore() {
  const menu = /** @type {HTMLDetailsElement | null} */ (document.getElementById("more"));
  if (!menu) return;
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation(); // it leaves the menu, and nothing else
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
}
