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
