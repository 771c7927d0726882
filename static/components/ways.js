/**
 * The ways out of the open event: what of them stays open when another event comes in, the copy
 * button of the code, and the keys.
 */

/** Whether the lineage was opened; it stays so from event to event. */
let open = false;

/**
 * Make what came in as it was left, and let the switch to the onlooker lead to the same event.
 *
 * @param {HTMLElement} panes
 * @param {string} address of the open event as an onlooker sees it, "" for none
 */
export function adoptWays(panes, address) {
  if (address) document.getElementById("onlooker")?.setAttribute("href", address);
  const lineage = /** @type {HTMLDetailsElement | null} */ (panes.querySelector("#lineage"));
  if (lineage) {
    lineage.open = lineage.open || open;
    lineage.addEventListener("toggle", () => (open = lineage.open));
  }
  const button = /** @type {HTMLElement | null} */ (panes.querySelector("[data-copy]"));
  if (!button || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () => void copy(panes, button));
}

/** @param {HTMLElement} panes */
function shown(panes) {
  const lines = [...panes.querySelectorAll("#code .source .line")];
  if (lines.length === 0) return panes.querySelector("#code .call")?.textContent ?? "";
  return lines
    .map((line) => {
      const number = line.querySelector(".number")?.textContent ?? "";
      return (line.textContent ?? "").slice(number.length).replace(/\n$/, "");
    })
    .join("\n");
}

/**
 * @param {HTMLElement} panes
 * @param {HTMLElement} button
 */
async function copy(panes, button) {
  await navigator.clipboard.writeText(shown(panes));
  const { done = "" } = button.dataset;
  const status = document.getElementById("status");
  if (status) status.textContent = done;
}

/**
 * Which tab of the code is open: another event opens with the same.
 *
 * @param {HTMLElement} panes
 */
export function openCode(panes) {
  return panes.querySelector(".code-tabs [aria-current]")?.getAttribute("data-code") ?? "";
}

/** @returns {import("./keys.js").Keys} */
export function waysKeys() {
  return {
    l: () => {
      const summary = /** @type {HTMLElement | null} */ (document.querySelector("#lineage > summary"));
      summary?.click();
      summary?.focus({ preventScroll: true });
    },
    o: () => /** @type {HTMLElement | null} */ (document.getElementById("onlooker"))?.click(),
  };
}
