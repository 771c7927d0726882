/**
 * Places in a unit, as addresses name them: "7" a byte, "7.0" its least bit, "3-6" bytes 3 to 6.
 *
 * @typedef {{first: number, end: number, bit: number, isRange: boolean}} Place octets `first` to before `end`; `bit` -1 for none
 */

/**
 * @param {string} text
 * @returns {Place | null} null for what is no place
 */
export function placeOf(text) {
  const found = /^(\d{1,12})(?:\.([0-7])|-(\d{1,12}))?$/.exec(text);
  if (!found) return null;
  const [, first, bit, last] = found;
  const place = {
    first: Number(first),
    end: Number(last ?? first) + 1,
    bit: bit === undefined ? -1 : Number(bit),
    isRange: last !== undefined,
  };
  return place.first < place.end ? place : null;
}

/**
 * @param {Place | null} place
 * @returns {string} as an address says it, "" for none
 */
export function placeText(place) {
  if (!place) return "";
  if (place.isRange) return `${place.first}-${place.end - 1}`;
  return place.bit < 0 ? String(place.first) : `${place.first}.${place.bit}`;
}

/**
 * The place of one octet.
 *
 * @param {number} octet
 * @param {number} [bit]
 * @returns {Place}
 */
export function placeAt(octet, bit = -1) {
  return { first: octet, end: octet + 1, bit, isRange: false };
}

/**
 * The range between two octets, in whichever order, both included.
 *
 * @param {number} one
 * @param {number} other
 * @returns {Place}
 */
export function rangeOf(one, other) {
  return { first: Math.min(one, other), end: Math.max(one, other) + 1, bit: -1, isRange: true };
}

/**
 * The bit so many steps further in wire order, where the unit still has one.
 *
 * @param {Place} place
 * @param {number} steps
 * @param {number} size of the unit, in octets
 * @returns {Place}
 */
export function bitBeyond(place, steps, size) {
  const at = place.first * 8 + (place.bit < 0 ? 0 : 7 - place.bit) + steps;
  const there = Math.max(0, Math.min(at, size * 8 - 1));
  return placeAt(Math.floor(there / 8), 7 - (there % 8));
}
