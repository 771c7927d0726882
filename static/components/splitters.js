/**
 * The splitters between the panes: by pointer, by arrow keys, Home and End; a double click or Enter
 * resets one. A device remembers the widths.
 */
import { recall, remember } from "./memory.js";

/** @typedef {"fields" | "bytes"} Column */

/** @type {Record<Column, number>} */
const LEAST = { fields: 200, bytes: 320 }; // pixels
const REST = 300; // pixels that stay for the explanation
const STEP = 16; // pixels an arrow key

/** @param {HTMLElement} panes */
export function startSplitters(panes) {
  const beside = matchMedia("(min-width: 1181px)"); // where the fields have a column of their own
  /** @type {Column[]} */
  const columns = ["fields", "bytes"];

  /** @param {Column} column */
  const width = (column) => Math.round(document.getElementById(column)?.getBoundingClientRect().width ?? 0);

  /** @param {Column} column */
  function most(column) {
    const other = !beside.matches ? 0 : width(column === "fields" ? "bytes" : "fields");
    return Math.max(LEAST[column], Math.floor(panes.clientWidth - REST - other));
  }

  /**
   * @param {Column} column
   * @param {number} pixels 0 for what the stylesheet says
   */
  function put(column, pixels) {
    const wanted = Math.min(Math.max(Math.round(pixels), LEAST[column]), most(column));
    if (pixels) panes.style.setProperty(`--${column}`, `${wanted}px`);
    else panes.style.removeProperty(`--${column}`);
    tell();
    return pixels ? String(wanted) : "";
  }

  /** What was remembered may be wider than this window has room for. */
  function fit() {
    for (const column of columns) put(column, Number(recall(`width.${column}`)) || 0);
  }

  function tell() {
    for (const splitter of panes.querySelectorAll(".splitter")) {
      const column = columnOf(splitter);
      splitter.setAttribute("aria-valuemin", String(LEAST[column]));
      splitter.setAttribute("aria-valuemax", String(most(column)));
      splitter.setAttribute("aria-valuenow", String(width(column)));
    }
  }

  /**
   * @param {Column} column
   * @param {number} pixels
   */
  const change = (column, pixels) => remember(`width.${column}`, put(column, pixels));

  panes.addEventListener("keydown", (event) => {
    const splitter = splitterOf(event);
    if (!splitter || event.ctrlKey || event.altKey || event.metaKey) return;
    const column = columnOf(splitter);
    const step = isRightToLeft(panes) ? -STEP : STEP;
    /** @type {Record<string, () => number>} */
    const wanted = {
      ArrowLeft: () => width(column) - step,
      ArrowRight: () => width(column) + step,
      Home: () => LEAST[column],
      End: () => most(column),
      Enter: () => 0,
    };
    const pixels = wanted[event.key];
    if (!pixels) return;
    event.preventDefault();
    change(column, pixels());
  });
  panes.addEventListener("dblclick", (event) => {
    const splitter = splitterOf(event);
    if (splitter) change(columnOf(splitter), 0);
  });
  panes.addEventListener("pointerdown", (event) => {
    const splitter = splitterOf(event);
    if (!splitter || event.button) return;
    event.preventDefault(); // no text is selected
    splitter.focus({ preventScroll: true });
    drag(splitter, event);
  });

  /**
   * @param {HTMLElement} splitter
   * @param {PointerEvent} begun
   */
  function drag(splitter, begun) {
    const column = columnOf(splitter);
    const before = width(column);
    const way = isRightToLeft(panes) ? -1 : 1;
    const held = new AbortController();
    splitter.setPointerCapture(begun.pointerId);
    splitter.classList.add("held");
    const move = (/** @type {PointerEvent} */ event) => {
      const pixels = (event.clientX - begun.clientX) * way;
      if (pixels) change(column, Math.max(1, before + pixels));
    };
    const end = () => {
      splitter.classList.remove("held");
      held.abort();
    };
    splitter.addEventListener("pointermove", move, { signal: held.signal });
    splitter.addEventListener("lostpointercapture", end, { signal: held.signal });
  }

  new MutationObserver(tell).observe(panes, { childList: true });
  new ResizeObserver(fit).observe(panes);
  fit();
}

/** @param {Event} event */
function splitterOf(event) {
  return /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".splitter"));
}

/**
 * @param {Element} splitter
 * @returns {Column} whose width it changes
 */
function columnOf(splitter) {
  return splitter.getAttribute("data-column") === "fields" ? "fields" : "bytes";
}

/** @param {Element} element */
function isRightToLeft(element) {
  return getComputedStyle(element).direction === "rtl";
}
