/**
 * A mouse or a pen dragged over the bytes chooses a range. A finger scrolls, as everywhere.
 *
 * @param {HTMLElement} grid
 * @param {{octetAt: (target: Element | null, x: number) => number, begin: (octet: number) => void, extend: (octet: number) => void}} act
 * @returns {() => boolean} whether the click that now comes is the end of such a drag
 */
export function startDrag(grid, act) {
  let from = -1;
  let dragged = false;
  grid.addEventListener("pointerdown", (event) => {
    dragged = false;
    from = event.button === 0 && event.pointerType !== "touch" && !event.shiftKey
      ? act.octetAt(/** @type {Element} */ (event.target), event.clientX)
      : -1;
  });
  grid.addEventListener("pointermove", (event) => {
    if (from < 0 || !(event.buttons & 1)) return;
    const box = grid.getBoundingClientRect();
    if (event.clientY > box.bottom - 8) grid.scrollTop += 22;
    if (event.clientY < box.top + 8) grid.scrollTop -= 22;
    const octet = act.octetAt(document.elementFromPoint(event.clientX, event.clientY), event.clientX);
    if (octet < 0 || (octet === from && !dragged)) return;
    if (!dragged) {
      grid.setPointerCapture(event.pointerId);
      act.begin(from);
    }
    dragged = true;
    act.extend(octet);
  });
  grid.addEventListener("pointerup", () => {
    from = -1;
  });
  return () => {
    const was = dragged;
    dragged = false;
    return was;
  };
}
