/**
 * What the explanation says, as one would read it out: without the switch of depths above it, and
 * without what is a table or stands behind a summary.
 *
 * @returns {string}
 */
export function explained() {
  const parts = /** @type {NodeListOf<HTMLElement>} */ (
    document.querySelectorAll("#explanation > :is(h3, p, dl)")
  );
  return [...parts].map((part) => part.innerText).join("\n");
}
