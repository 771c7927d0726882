/**
 * The boundary ruler: the server draws every range and every selection at an address of its own.
 * Here the same addresses are asked for the strips alone, which take the place of those there are.
 */
import { parse } from "./insert.js";
import { nextWidth } from "./looks.js";

const LEAST = 16; // bytes in view
const WHEEL = 1.0015; // to the power of what the wheel says
const NARROWEST = 200; // pixels of a strip; where there are fewer it scrolls in its region
const SLACK = 8; // pixels by which a strip may miss its room
const SETTLE_MS = 150;
const DRAG = 4; // pixels from which on a press is no click

/** @typedef {{from: number, to: number}} Range */

class Layers {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.asking = new AbortController();
    /** @type {Record<string, Range>} ranges that were asked for and are not drawn yet */
    this.aims = {};
    this.frame = 0;
    this.settling = 0;
    main.addEventListener("click", (event) => this.onClick(event));
    main.addEventListener("keydown", (event) => this.onKey(event));
    main.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    main.addEventListener("pointerdown", (event) => this.onPointer(event));
    addEventListener("popstate", () => void this.show(location.search, "keep"));
    addEventListener("resize", () => {
      clearTimeout(this.settling);
      this.settling = setTimeout(() => this.fit(), SETTLE_MS);
    });
    this.rove();
    this.reveal();
    this.fit();
  }

  /** Where a strip scrolls sideways, have its selection in view. */
  reveal() {
    for (const band of this.main.querySelectorAll(".band:first-child")) {
      const region = band.closest(".scroll");
      if (!region) continue;
      const [box, room] = [band.getBoundingClientRect(), region.getBoundingClientRect()];
      if (box.left < room.left || box.left > room.right - SLACK) region.scrollLeft += box.left - room.left - room.width / 4;
    }
  }

  /** @returns {SVGSVGElement[]} */
  get strips() {
    return [.../** @type {NodeListOf<SVGSVGElement>} */ (this.main.querySelectorAll("svg.strip"))];
  }

  /** Pixels that a strip may be wide here. */
  get room() {
    const region = this.main.querySelector(".ruler > .scroll");
    return Math.max(NARROWEST, Math.floor(region?.clientWidth ?? 0) - 12);
  }

  /** Ask for strips that are as wide as the page, if they are not. */
  fit() {
    const wide = this.strips[0]?.getAttribute("width");
    if (wide && Math.abs(this.room - Number(wide)) > SLACK) void this.show(location.search, "keep");
  }

  /**
   * Show what an address of this page says.
   *
   * @param {string} search its query
   * @param {"push" | "replace" | "keep"} how it stands in the history
   */
  async show(search, how) {
    this.asking.abort();
    this.asking = new AbortController();
    const query = new URLSearchParams(search);
    const address = query.size ? `?${query}` : location.pathname;
    query.set("part", "1");
    query.set("w", String(this.room));
    let html;
    try {
      const answer = await fetch(`${location.pathname}?${query}`, { signal: this.asking.signal });
      if (!answer.ok) return;
      html = await answer.text();
    } catch {
      return; // Another range was asked for meanwhile, or the server is away: the old one stays.
    }
    this.place(html);
    if (how === "push" && address !== location.search) history.pushState(null, "", address);
    else if (how !== "keep") history.replaceState(null, "", address);
  }

  /** @param {string} html */
  place(html) {
    const focused = document.activeElement;
    const id = focused && this.main.contains(focused) ? focused.id : "";
    const open = [...this.main.querySelectorAll("details[open]")].map((each) => each.id);
    const scrolled = [...this.main.querySelectorAll(".ruler > .scroll")].map((each) => each.scrollLeft);
    for (const node of parse(html, "html")) {
      if (!(node instanceof HTMLTemplateElement)) continue;
      document.getElementById(node.dataset.region ?? "")?.replaceChildren(node.content);
    }
    this.aims = {};
    for (const each of open) document.getElementById(each)?.setAttribute("open", "");
    this.main.querySelectorAll(".ruler > .scroll").forEach((each, at) => {
      each.scrollLeft = scrolled[at] ?? 0;
    });
    this.rove();
    this.reveal();
    if (!id) return;
    const again = /** @type {HTMLElement | SVGElement | null} */ (document.getElementById(id) ?? this.main.querySelector(".unit.on"));
    this.focus(again);
  }

  /** One box of each strip is reached by Tab, the others by arrows. */
  rove() {
    for (const strip of this.strips) {
      const units = strip.querySelectorAll(".unit");
      const first = strip.querySelector(".unit.on") ?? units[0];
      for (const unit of units) unit.setAttribute("tabindex", unit === first ? "0" : "-1");
    }
  }

  /** @param {HTMLElement | SVGElement | null | undefined} element */
  focus(element) {
    if (!element) return;
    if (element.matches(".unit")) {
      for (const unit of element.closest("svg.strip")?.querySelectorAll(".unit") ?? []) unit.setAttribute("tabindex", "-1");
      element.setAttribute("tabindex", "0");
    }
    element.focus({ preventScroll: !element.matches(".unit") });
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const link = /** @type {Element} */ (event.target).closest("a[data-layers]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    const href = link.getAttribute("href") ?? "";
    const selects = link.matches(".unit:not(.run), .share-select, .units-table a, #clear");
    const status = document.getElementById("status");
    void this.show(href.slice(href.indexOf("?")), selects ? "push" : "replace").then(() => {
      if (status && selects) status.textContent = document.getElementById("said")?.querySelector(".teacher, p")?.textContent ?? "";
    });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const unit = /** @type {Element} */ (event.target).closest("a.unit");
    if (!unit || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = this.beside(unit, event.key);
    if (!next) return;
    event.preventDefault();
    this.focus(next);
  }

  /**
   * The box that an arrow leads to: in the same row, or the nearest of the next one.
   *
   * @param {Element} unit
   * @param {string} key
   * @returns {SVGElement | null | undefined}
   */
  beside(unit, key) {
    const row = unit.closest(".row");
    const inRow = /** @type {SVGElement[]} */ ([...(row?.children ?? [])]);
    const at = inRow.indexOf(/** @type {SVGElement} */ (unit));
    if (key === "ArrowLeft") return inRow[at - 1];
    if (key === "ArrowRight") return inRow[at + 1];
    if (key === "Home") return inRow[0];
    if (key === "End") return inRow.at(-1);
    const other = key === "ArrowUp" ? row?.previousElementSibling : key === "ArrowDown" ? row?.nextElementSibling : null;
    if (!other) return null;
    const middle = (/** @type {Element} */ each) => {
      const box = each.getBoundingClientRect();
      return (box.left + box.right) / 2;
    };
    const here = middle(unit);
    const near = /** @type {SVGElement[]} */ ([...other.children]);
    return near.sort((one, two) => Math.abs(middle(one) - here) - Math.abs(middle(two) - here))[0];
  }

  /**
   * @param {SVGSVGElement} strip
   * @returns {Range & {direction: string, octets: number}}
   */
  range(strip) {
    const { direction = "", from, to, octets } = strip.dataset;
    return { from: Number(from), to: Number(to), ...this.aims[direction], direction, octets: Number(octets) };
  }

  /**
   * Ask for another range of a strip, once a frame at most.
   *
   * @param {SVGSVGElement} strip
   * @param {number} from
   * @param {number} to
   */
  aim(strip, from, to) {
    const { direction, octets } = this.range(strip);
    const length = Math.min(Math.max(to - from, LEAST), octets);
    const start = Math.min(Math.max(from, 0), octets - length);
    this.aims[direction] = { from: start, to: start + length };
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const query = new URLSearchParams(location.search);
      for (const each of this.strips) {
        const wanted = this.range(each);
        const [low, high] = [Math.round(wanted.from), Math.round(wanted.to)];
        const name = wanted.direction === "sent" ? "zs" : "z";
        if (high - low >= wanted.octets) query.delete(name);
        else query.set(name, `${low}-${high}`);
      }
      void this.show(`?${query}`, "replace");
    });
  }

  /**
   * @param {SVGSVGElement} strip
   * @param {number} factor over 1 to see less
   * @param {number} [share] of the width that stays where it is
   */
  zoom(strip, factor, share = this.middle(strip)) {
    const { from, to } = this.range(strip);
    const at = from + (to - from) * share;
    this.aim(strip, at - (at - from) / factor, at + (to - at) / factor);
  }

  /**
   * @param {SVGSVGElement} strip
   * @param {number} share of the width, negative to the left
   */
  pan(strip, share) {
    const { from, to } = this.range(strip);
    this.aim(strip, from + (to - from) * share, to + (to - from) * share);
  }

  /**
   * Where the selection is in a strip, or its middle.
   *
   * @param {SVGSVGElement} strip
   */
  middle(strip) {
    const band = strip.querySelector(".band")?.getBoundingClientRect();
    const box = strip.getBoundingClientRect();
    return band ? ((band.left + band.right) / 2 - box.left) / box.width : 0.5;
  }

  /** The strip that keys are about: the one with the focus, or with the selection, or the first. */
  current() {
    const near = document.activeElement?.closest(".strip-of") ?? this.main.querySelector(".unit.on")?.closest(".strip-of");
    return /** @type {SVGSVGElement | null | undefined} */ (near?.querySelector("svg.strip")) ?? this.strips[0];
  }

  /** Ctrl and the wheel, or a pinch, zoom at the pointer; Shift and the wheel pan. */
  onWheel(/** @type {WheelEvent} */ event) {
    const strip = /** @type {SVGSVGElement | null} */ (/** @type {Element} */ (event.target).closest("svg.strip"));
    if (!strip) return;
    const box = strip.getBoundingClientRect();
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey) {
      event.preventDefault();
      this.zoom(strip, WHEEL ** -event.deltaY, (event.clientX - box.left) / box.width);
    } else if (sideways && Math.abs(sideways) >= Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      const { from, to, octets } = this.range(strip);
      if (to - from >= octets) return;
      event.preventDefault();
      this.pan(strip, sideways / box.width);
    }
  }

  /** The strip follows the pointer, and is drawn anew where it is let go. */
  onPointer(/** @type {PointerEvent} */ event) {
    const strip = /** @type {SVGSVGElement | null} */ (/** @type {Element} */ (event.target).closest("svg.strip"));
    if (!strip || event.button || event.pointerType === "touch") return;
    const { from, to, octets } = this.range(strip);
    if (to - from >= octets) return;
    const groups = /** @type {NodeListOf<SVGGElement>} */ (strip.querySelectorAll(".units, .bands, .edges, .ticks"));
    const over = new AbortController();
    const { signal } = over;
    let moved = 0;
    const finish = (/** @type {boolean} */ dropped) => {
      over.abort();
      const far = Math.abs(moved) >= DRAG;
      if (far) strip.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
      if (dropped && far) this.pan(strip, -moved / strip.getBoundingClientRect().width);
      else for (const group of groups) group.style.removeProperty("transform");
    };
    addEventListener("pointermove", (at) => {
      moved = at.clientX - event.clientX;
      for (const group of groups) group.style.setProperty("transform", `translateX(${moved}px)`);
    }, { signal });
    addEventListener("pointerup", () => finish(true), { signal });
    addEventListener("pointercancel", () => finish(false), { signal });
    strip.addEventListener("dragstart", (drag) => drag.preventDefault(), { signal });
  }

  /** @returns {import("./keys.js").Keys} what keys do */
  keys() {
    const on = (/** @type {(strip: SVGSVGElement) => void} */ act) => () => {
      const strip = this.current();
      if (strip) act(strip);
    };
    const closer = on((strip) => this.zoom(strip, 2));
    const farther = on((strip) => this.zoom(strip, 0.5));
    return {
      "+": closer,
      "=": closer,
      w: closer,
      "-": farther,
      s: farther,
      a: on((strip) => this.pan(strip, -0.25)),
      d: on((strip) => this.pan(strip, 0.25)),
      0: on((strip) => this.aim(strip, 0, this.range(strip).octets)),
      f: () => document.getElementById("zoom-to")?.click(),
      m: nextWidth,
      Escape: () => document.getElementById("clear")?.click(),
    };
  }
}

/**
 * @param {HTMLElement} main of the page
 * @returns {import("./keys.js").Keys}
 */
export function startLayers(main) {
  return new Layers(main).keys();
}
