/**
 * Where a key moves the cursor to in rows of octets.
 *
 * @param {{key: string, ctrlKey: boolean}} event
 * @param {{at: number, line: number, page: number, size: number}} from the octet under the cursor; how many are in a row, on a page and in all
 * @returns {number | undefined} an octet, perhaps beyond the ends; undefined for a key that does not move
 */
export function moveOf(event, { at, line, page, size }) {
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at >= line ? at - line : at,
    ArrowDown: at + line < size ? at + line : at,
    PageUp: at - page,
    PageDown: at + page,
    Home: event.ctrlKey ? 0 : at - (at % line),
    End: event.ctrlKey ? size - 1 : at - (at % line) + line - 1,
  };
  return places[event.key];
}
