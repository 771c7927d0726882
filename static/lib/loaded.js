/** @typedef {import("./runs.js").Span} Span */

/** Above this size a unit is not loaded whole at once: its first octets and its last ones are. */
export const WHOLE = 256 * 1024;
export const CHUNK = 64 * 1024;
export const TAIL = 4 * 1024;

/** The octets of a unit of which some may not have come yet. */
export class Loaded {
  /** @param {number} size in octets */
  constructor(size) {
    this.octets = new Uint8Array(size);
    /** @type {Span[]} */
    this.spans = [];
  }

  /**
   * @param {number} from
   * @param {Uint8Array} octets
   */
  put(from, octets) {
    this.octets.set(octets.subarray(0, Math.max(0, this.octets.length - from)), from);
    this.spans.push({ from, to: from + octets.length });
    this.spans.sort((one, other) => one.from - other.from);
    /** @type {Span[]} */
    const joined = [];
    for (const span of this.spans) {
      const last = joined[joined.length - 1];
      if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
      else joined.push({ ...span });
    }
    this.spans = joined;
  }

  /**
   * Whether all octets of a stretch are here.
   *
   * @param {number} from
   * @param {number} to
   */
  has(from, to) {
    return from >= to || this.spans.some((span) => span.from <= from && to <= span.to);
  }

  get isWhole() {
    return this.has(0, this.octets.length);
  }
}

/**
 * What to ask for first.
 *
 * @param {number} size of the unit, in octets
 * @param {number} place an octet that has to be there
 * @returns {Span[]}
 */
export function firstParts(size, place) {
  if (size <= WHOLE) return [{ from: 0, to: size }];
  const chunk = Math.floor(place / CHUNK) * CHUNK;
  const parts = [{ from: 0, to: CHUNK }, { from: size - TAIL, to: size }];
  if (chunk > 0 && place < size - TAIL) parts.push({ from: chunk, to: Math.min(chunk + CHUNK, size) });
  return parts;
}
