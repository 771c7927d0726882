import { insert } from "./insert.js";

/**
 * Terms lead to the glossary. Here a term's entry opens beside it instead, and closes with Escape
 * or a press elsewhere.
 */
export function startTerms() {
  const popover = document.getElementById("word");
  if (!popover?.showPopover) return;
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a.term");
    if (!(link instanceof HTMLAnchorElement)) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    void show(popover, link);
  });
}

/**
 * @param {HTMLElement} popover
 * @param {HTMLAnchorElement} link
 */
async function show(popover, link) {
  let answer;
  try {
    answer = await fetch(`${link.href}?part=1`);
  } catch {
    answer = null;
  }
  if (!answer?.ok) return location.assign(link.href);
  insert(popover, await answer.text());
  popover.showPopover();
  const term = link.getBoundingClientRect();
  const own = popover.getBoundingClientRect();
  const below = term.bottom + 8 + own.height <= innerHeight;
  popover.style.left = `${Math.max(16, Math.min(term.left, innerWidth - own.width - 16))}px`;
  popover.style.top = `${Math.max(8, below ? term.bottom + 8 : term.top - own.height - 8)}px`;
}
