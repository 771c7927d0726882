import { recall, remember } from "./memory.js";

/**
 * The colours follow the system until the button chooses the other ones, and follow it again when
 * the button chooses what the system has.
 */
export function startTheme() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = recall("theme");
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  const button = document.getElementById("theme");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const system = dark.matches ? "dark" : "light";
    const now = root.dataset.theme ?? system;
    const next = now === "dark" ? "light" : "dark";
    if (next === system) delete root.dataset.theme;
    else root.dataset.theme = next;
    remember("theme", next === system ? "" : next);
  });
}
