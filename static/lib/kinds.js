/**
 * Five kinds of octets, told apart by how they are written in the text column: 0 zero, 1 prints,
 * 2 white space, 3 control character, 4 above 127.
 */

const GLYPHS = ["·", "", "_", "•", "×"];

/**
 * @param {number} octet
 * @returns {number} its kind, 0 to 4
 */
export function kindOf(octet) {
  if (octet === 0) return 0;
  if (octet > 0x7f) return 4;
  if (octet === 0x20 || (octet >= 0x09 && octet <= 0x0d)) return 2;
  return octet < 0x20 || octet === 0x7f ? 3 : 1;
}

/**
 * How an octet is written when its kind is to be seen.
 *
 * @param {number} octet
 */
export function glyphOf(octet) {
  return GLYPHS[kindOf(octet)] || String.fromCharCode(octet);
}

/**
 * Cut octets into stretches of one kind.
 *
 * @param {Uint8Array} octets
 * @returns {{kind: number, text: string}[]}
 */
export function kindsOf(octets) {
  /** @type {{kind: number, text: string}[]} */
  const found = [];
  for (const octet of octets) {
    const last = found[found.length - 1];
    if (last && last.kind === kindOf(octet)) last.text += glyphOf(octet);
    else found.push({ kind: kindOf(octet), text: glyphOf(octet) });
  }
  return found;
}
