import { recall, remember } from "./memory.js";

/**
 * The switches above the bytes, as the device remembers them.
 *
 * @param {() => void} changed
 * @returns {() => boolean} whether the text column tells kinds of bytes; also shows what they mean
 */
export function startOptions(changed) {
  const kinds = /** @type {HTMLInputElement | null} */ (document.getElementById("octet-kinds"));
  for (const name of ["octet-kinds", "octet-plain"]) {
    const box = /** @type {HTMLInputElement | null} */ (document.getElementById(name));
    if (!box) continue;
    box.checked = recall(name) === "on";
    box.addEventListener("change", () => {
      remember(name, box.checked ? "on" : "");
      changed();
    });
  }
  const legend = document.getElementById("kinds-legend");
  return () => {
    if (legend) legend.hidden = !kinds?.checked;
    return Boolean(kinds?.checked);
  };
}
