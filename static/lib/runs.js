/**
 * Which octets belong to which field. Positions of fields are bits, positions of octets octets.
 *
 * @typedef {{key: string, start: number, length: number, opaque: boolean}} Leaf
 * @typedef {{from: number, to: number}} Span octets from (included) to (excluded)
 * @typedef {{from: number, to: number, leaf: number, selected: boolean}} Run `leaf` owns the first octet
 */

/**
 * How many octets stand in a row.
 *
 * @param {number} pixels how wide the pane is
 */
export function widthOf(pixels) {
  if (pixels < 330) return 4;
  return pixels < 560 ? 8 : 16;
}

/**
 * The octets that a field touches, whole or in part.
 *
 * @param {number} start in bits
 * @param {number} length in bits
 * @returns {Span}
 */
export function octetsOf(start, length) {
  const from = Math.floor(start / 8);
  return { from, to: length === 0 ? from : Math.ceil((start + length) / 8) };
}

/**
 * The leaf that owns an octet: the one with its first bit. Leaves touch and stand in wire order;
 * those of no length own nothing.
 *
 * @param {readonly Leaf[]} leaves
 * @param {number} octet
 * @returns {number} the leaf's index, -1 if there is none
 */
export function ownerOf(leaves, octet) {
  return ownerOfBit(leaves, octet * 8);
}

/**
 * The leaf that a bit belongs to.
 *
 * @param {readonly Leaf[]} leaves
 * @param {number} bit counted from the start of the unit
 * @returns {number} the leaf's index, -1 if there is none
 */
export function ownerOfBit(leaves, bit) {
  let low = 0;
  let high = leaves.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const leaf = /** @type {Leaf} */ (leaves[middle]);
    if (bit < leaf.start) high = middle - 1;
    else if (bit >= leaf.start + leaf.length) low = middle + 1;
    else return middle;
  }
  return -1;
}

/**
 * Cut a stretch of octets into runs: octets of one leaf, or octets that are selected together.
 *
 * @param {readonly Leaf[]} leaves
 * @param {Span} stretch
 * @param {Span} selected
 * @returns {Run[]} in order, covering the stretch once
 */
export function runsOf(leaves, stretch, selected) {
  /** @type {Run[]} */
  const runs = [];
  for (let octet = stretch.from; octet < stretch.to; octet += 1) {
    const leaf = ownerOf(leaves, octet);
    const chosen = octet >= selected.from && octet < selected.to;
    const last = runs[runs.length - 1];
    const same = last && last.selected === chosen && (chosen || last.leaf === leaf);
    if (same) last.to = octet + 1;
    else runs.push({ from: octet, to: octet + 1, leaf, selected: chosen });
  }
  return runs;
}

/**
 * An octet as two hexadecimal digits.
 *
 * @param {number} octet
 */
export function hex(octet) {
  return octet.toString(16).padStart(2, "0");
}

/**
 * An octet as the character that it is in ASCII, or a middle dot.
 *
 * @param {number} octet
 */
export function printable(octet) {
  return octet > 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "·";
}

/**
 * Octets as a Python bytes literal, the form that `repr` gives.
 *
 * @param {Uint8Array} octets
 */
export function pythonBytes(octets) {
  /** @type {Record<number, string>} */
  const named = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };
  const quote = octets.includes(39) && !octets.includes(34) ? '"' : "'";
  let text = "";
  for (const octet of octets) {
    if (named[octet] !== undefined) text += named[octet];
    else if (octet === 39 && quote === "'") text += "\\'";
    else if (octet >= 0x20 && octet < 0x7f) text += String.fromCharCode(octet);
    else text += `\\x${hex(octet)}`;
  }
  return `b${quote}${text}${quote}`;
}

/**
 * Which rows a window of a scrolled pane shows, with some more on each side.
 *
 * @param {number} rows how many there are
 * @param {number} top how far the pane is scrolled, in pixels
 * @param {number} height of the pane, in pixels
 * @param {number} rowHeight in pixels
 * @param {number} [spare]
 * @returns {Span} of rows
 */
export function windowOf(rows, top, height, rowHeight, spare = 8) {
  const first = Math.floor(top / rowHeight) - spare;
  const last = Math.ceil((top + height) / rowHeight) + spare;
  const from = Math.max(0, Math.min(first, rows));
  return { from, to: Math.max(from, Math.min(last, rows)) };
}
