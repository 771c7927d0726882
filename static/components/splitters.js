/** Splitters between the panes: by pointer, arrows, Home and End; double click and Enter reset. */
import { recall, remember } from "./memory.js";

const STEP = 16; // pixels an arrow key
const REST = 300; // pixels of the explanation

/** @param {HTMLElement} panes */
export function startSplitters(panes) {
  const width = (/** @type {string} */ column) => Math.round(document.getElementById(column)?.offsetWidth ?? 0);
  const least = (/** @type {string} */ column) => (column === "fields" ? 200 : 320);

  /** @param {string} column */
  function most(column) {
    const other = innerWidth > 1180 ? width(column === "fields" ? "bytes" : "fields") : 0;
    return Math.max(least(column), panes.clientWidth - REST - other);
  }

  function tell() {
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (panes.querySelectorAll(".splitter"))) {
      const { column = "" } = each.dataset;
      each.ariaValueMin = String(least(column));
      each.ariaValueMax = String(most(column));
      each.ariaValueNow = String(width(column));
    }
  }

  /**
   * @param {string} column
   * @param {number} pixels 0 for the stylesheet's
   */
  function put(column, pixels) {
    const wanted = pixels ? `${Math.max(least(column), Math.min(Math.round(pixels), most(column)))}px` : "";
    panes.style.setProperty(`--${column}`, wanted);
    tell();
    return wanted;
  }

  /**
   * @param {string} kind
   * @param {(event: any, column: string, splitter: HTMLElement, way: number) => void} act
   */
  function on(kind, act) {
    panes.addEventListener(kind, (event) => {
      const splitter = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".splitter"));
      const way = getComputedStyle(panes).direction === "rtl" ? -1 : 1;
      if (splitter) act(event, splitter.dataset.column ?? "", splitter, way);
    });
  }

  on("keydown", (event, column, _, way) => {
    /** @type {Record<string, number>} */
    const all = {
      ArrowLeft: width(column) - STEP * way,
      ArrowRight: width(column) + STEP * way,
      Home: least(column),
      End: most(column),
      Enter: 0,
    };
    const pixels = all[event.key];
    if (pixels === undefined || event.altKey) return;
    event.preventDefault();
    remember(`width.${column}`, put(column, pixels));
  });
  on("dblclick", (_, column) => remember(`width.${column}`, put(column, 0)));
  let from = 0;
  on("pointerdown", (event, column, splitter, way) => {
    splitter.setPointerCapture(event.pointerId);
    from = width(column) - event.clientX * way;
  });
  on("pointermove", (event, column, splitter, way) => {
    const wanted = from + event.clientX * way;
    if (splitter.hasPointerCapture(event.pointerId) && wanted !== width(column)) remember(`width.${column}`, put(column, Math.max(1, wanted)));
  });

  new MutationObserver(tell).observe(panes, { childList: true });
  // The window may be narrower than the one it was remembered in.
  new ResizeObserver(() => {
    for (const column of ["fields", "bytes"]) put(column, parseInt(recall(`width.${column}`) || "0"));
  }).observe(panes);
}
