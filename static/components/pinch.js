/**
 * Two fingers on the timeline: what is between them is stretched while they move, and drawn anew
 * where they are lifted.
 */

const LEAST = 24; // pixels between two fingers

/** @typedef {{timed: boolean, wide: HTMLElement | null, span: (from: number, to: number) => void}} Timeline */

/**
 * @param {HTMLElement} place that holds the drawing
 * @param {Timeline} timeline
 */
export function startPinch(place, timeline) {
  /** @type {Map<number, number>} fingers and where they are, in pixels */
  const fingers = new Map();
  /** @type {{left: number, width: number, from: [number, number]} | null} */
  let pinch = null;

  const ends = () => {
    const [a = 0, b = 0] = fingers.values();
    return /** @type {[number, number]} */ ([Math.min(a, b), Math.max(a, b)]);
  };
  const marks = () => /** @type {SVGGElement | null | undefined} */ (timeline.wide?.querySelector(".marks"));

  /** What pixels of the drawing as it is lie at its edges once the fingers' marks are under them. */
  const spanned = () => {
    if (!pinch) return null;
    const [a, b] = pinch.from;
    const [c, d] = ends();
    const factor = (b - a) / Math.max(LEAST, d - c);
    const from = a - (c - pinch.left) * factor - pinch.left;
    return { from, to: from + pinch.width * factor, factor };
  };

  place.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" || !timeline.timed || !timeline.wide) return;
    fingers.set(event.pointerId, event.clientX);
    if (fingers.size !== 2) return;
    const box = timeline.wide.getBoundingClientRect();
    const [a, b] = ends();
    pinch = { left: box.left, width: box.width, from: [a, Math.max(b, a + LEAST)] };
  });
  addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, event.clientX);
    const now = spanned();
    if (now) marks()?.style.setProperty("transform", `scaleX(${1 / now.factor}) translateX(${-now.from}px)`);
  });
  const lift = (/** @type {PointerEvent} */ event) => {
    const now = fingers.size === 2 && event.type === "pointerup" ? spanned() : null;
    if (!fingers.delete(event.pointerId)) return;
    if (pinch) marks()?.style.removeProperty("transform");
    if (now && pinch) timeline.span(now.from, now.to);
    pinch = null;
  };
  addEventListener("pointerup", lift);
  addEventListener("pointercancel", lift);
}
