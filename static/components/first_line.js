/**
 * The line that says what to do first: gone with the first selection, and remembered if it can be.
 * Its room stays until the next page, so that nothing moves away under a second click.
 */

const A_YEAR = 31_536_000; // seconds

export function startFirstLine() {
  const line = document.getElementById("first-line");
  if (!line) return;
  const button = /** @type {HTMLElement | null} */ (line.querySelector("[data-dismiss]"));
  const dismiss = () => {
    line.style.setProperty("visibility", "hidden");
    document.removeEventListener("click", onClick);
    try {
      document.cookie = `wiretale_knows=1; Path=/; Max-Age=${A_YEAR}; SameSite=Lax`;
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
