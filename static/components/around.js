/** What stands around a trace: its menu, its first line, the way to the panes, late offers. */

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

/**
 * The line that says what to do first: gone with the first selection, and remembered if it can be.
 * Its room stays until the next page, so that nothing moves away under a second click.
 */
export function startFirstLine() {
  const line = document.getElementById("first-line");
  if (!line) return;
  const button = /** @type {HTMLElement | null} */ (line.querySelector("[data-dismiss]"));
  const dismiss = () => {
    line.style.setProperty("visibility", "hidden");
    document.removeEventListener("click", onClick);
    try {
      document.cookie = `wiretale_knows=1; Path=/; Max-Age=31536000; SameSite=Lax`;
    } catch {
      // Nothing depends on being remembered.
    }
  };
  /** @param {MouseEvent} event */
  const onClick = (event) => {
    if (/** @type {Element} */ (event.target).closest("a[data-n], a[data-u], a.field, [data-dismiss]")) dismiss();
  };
  if (button) button.hidden = false;
  document.addEventListener("click", onClick);
}

/**
 * On a phone the panes of an event are far below its arrow: a link at the foot of the page leads
 * there, and back to the timeline from there. Without this script it leads there alone.
 */
export function startBetween() {
  const panes = document.getElementById("panes");
  const foot = document.getElementById("player");
  if (!panes || !foot) return;
  new IntersectionObserver(([seen]) => foot.classList.toggle("at-panes", seen?.isIntersecting), {
    rootMargin: "-45% 0px",
  }).observe(panes);
  foot.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest(".between a");
    if (!link) return;
    event.preventDefault(); // the address says what is selected, and is not to say where one looks
    document.querySelector(link.getAttribute("href") ?? "")?.scrollIntoView();
  });
}

/** Show what is offered after a while: `data-after` says in how many seconds. */
export function startLater() {
  for (const element of document.querySelectorAll("[data-after][hidden]")) {
    const seconds = Number(element.getAttribute("data-after"));
    setTimeout(() => element.removeAttribute("hidden"), seconds * 1000);
  }
}
