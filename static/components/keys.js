import { recall, remember } from "./memory.js";

/** @typedef {Record<string, () => void>} Keys */

/** @type {Record<string, string>} */
const PLACES = { KeyW: "w", KeyA: "a", KeyS: "s", KeyD: "d" };

/** @param {EventTarget | null} target */
function takesText(target) {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"))
  );
}

/**
 * Keys that work anywhere on the page. Those of one character can be switched off in the sheet,
 * and never reach through a text field or an open sheet.
 *
 * @param {Keys} keys what each `event.key` does; web/keyboard.py has them in words
 */
export function startKeys(keys) {
  const sheet = /** @type {HTMLDialogElement | null} */ (document.getElementById("keys"));
  const letters = /** @type {HTMLInputElement | null} */ (document.getElementById("letters"));
  if (letters) {
    letters.checked = recall("letters") !== "off";
    letters.addEventListener("change", () => remember("letters", letters.checked ? "" : "off"));
  }
  for (const button of document.querySelectorAll("[data-open-keys]")) {
    /** @type {HTMLElement} */ (button).hidden = false;
    button.addEventListener("click", () => sheet?.showModal());
  }
  /** @type {Keys} */
  const all = {
    "/": () => /** @type {HTMLInputElement | null} */ (document.getElementById("url"))?.select(),
    "?": () => sheet?.showModal(),
    ...keys,
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (sheet?.open || document.querySelector(":popover-open") || takesText(event.target)) return;
    if (event.key.length === 1 && letters && !letters.checked) return;
    // w, a, s and d are places on the keyboard: where another layout has other letters, these are meant.
    const act = all[event.key] ?? (event.shiftKey ? undefined : all[PLACES[event.code] ?? ""]);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
