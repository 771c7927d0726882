/** How long a step is read, and how long the way to the next one takes. All times in milliseconds. */

const A_WORD = 350;
const LEAST = 2_000;
const LONGEST_WAY = 3_000; // a gap in which nothing happens is folded in time too
const SHORTEST_WAY = 250;

/** @param {number} words of a caption */
export function reading(words) {
  return Math.max(LEAST, words * A_WORD);
}

/**
 * @param {number} nanoseconds between two steps
 * @param {number} shown nanoseconds that one second shows
 */
export function travel(nanoseconds, shown) {
  if (nanoseconds <= 0) return 0;
  return Math.min(LONGEST_WAY, Math.max(SHORTEST_WAY, (nanoseconds / shown) * 1_000));
}

/**
 * Where a moment is, between the nearest moments whose places are known.
 *
 * @param {[number, number][]} known moments with their places, in order of time
 * @param {number} moment
 */
export function placeOf(known, moment) {
  const after = known.findIndex(([time]) => time >= moment);
  const [last] = known.slice(-1);
  if (after < 0) return last?.[1] ?? 0;
  const [time = 0, place = 0] = known[after] ?? [];
  const [t0, p0] = known[after - 1] ?? [time, place];
  return time === t0 ? place : p0 + ((moment - t0) / (time - t0)) * (place - p0);
}
