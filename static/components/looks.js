/**
 * What the width of the timeline shows. Every look is an address of the server's; here the same
 * query is asked for the drawing alone, which takes the place of the one there is. All the
 * arithmetic of time and pixels stays with the server: a gesture says which pixels of the drawing
 * the next one is to span.
 */
import { parse } from "./insert.js";
import { keepLook } from "./memory.js";
import { startPinch } from "./pinch.js";
import { drawing, openEvent } from "./timeline.js";

const WIDE = matchMedia("(min-width: 701px)");
const SETTLE_MS = 150;
const ZOOM = 2; // of a key or a button
const WHEEL = 1.0015; // to the power of what the wheel says
const AXIS = 34; // pixels from the top in which the times stand
const LEAST_RANGE = 4; // pixels, so that a click on the axis is none
const SLACK = 8; // pixels by which a drawing may miss the width of the page

/** What the width shows, one after the other: time, steps, bytes, and time again. */
export function nextWidth() {
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".segments.widths a")]);
  const now = all.findIndex((one) => one.hasAttribute("aria-current"));
  all[(now + 1) % all.length]?.click();
}

export class Looks {
  /**
   * @param {HTMLElement} main
   * @param {() => void} onDrawn after a drawing took its place
   */
  constructor(main, onDrawn) {
    this.main = main;
    this.onDrawn = onDrawn;
    this.asking = new AbortController();
    this.centred = "";
    /** @type {{from: number, to: number} | null} */
    this.aim = null;
    /** Whether the address says what the width shows: it does once that was chosen. */
    this.chosen = /[?&](?:m|z|fold)=/.test(location.search);
    const place = document.getElementById("drawing");
    document.addEventListener("click", (event) => this.onClick(event));
    place?.addEventListener("dblclick", (event) => this.onDouble(event));
    document.getElementById("stages")?.addEventListener("dblclick", (event) => this.onStage(event));
    place?.addEventListener("keydown", (event) => this.onEnter(event));
    place?.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    place?.addEventListener("pointerdown", (event) => this.onPointer(event));
    if (place) startPinch(place, this);
    addEventListener("resize", () => this.settle());
    addEventListener("popstate", () => this.recall());
  }

  get look() {
    return /** @type {HTMLElement | null} */ (document.querySelector("#drawing .look"));
  }

  get timed() {
    return this.look?.dataset.mode === "time";
  }

  get wide() {
    return document.getElementById("wide");
  }

  /** Pixels that a drawing may be wide here. */
  get room() {
    const names = document.getElementById("names")?.getBoundingClientRect().width ?? 0;
    const scroll = document.querySelector("#timeline .scroll");
    return Math.floor((scroll?.clientWidth ?? 0) - names);
  }

  /** A finished trace opens in Time on a wide screen, unless the device remembers otherwise. */
  begin() {
    if (!this.look || this.running || !WIDE.matches) return;
    if (this.look.dataset.wanted === "") void this.ask({ m: "time" }, false);
    else this.fit();
  }

  /** The trace has ended: now it is drawn as this device draws finished ones. */
  async end() {
    const wanted = WIDE.matches ? this.look?.dataset.wanted || "time" : "steps";
    await this.ask({ m: wanted }, false);
  }

  get running() {
    return this.main.dataset.state === "queued" || this.main.dataset.state === "running";
  }

  /** Ask for the drawing again where it is not as wide as the page. */
  fit() {
    if (!this.timed || !WIDE.matches) return;
    if (Math.abs(this.room - Number(this.look?.dataset.width)) > SLACK) void this.ask({}, false);
  }

  settle() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.fit(), SETTLE_MS);
  }

  /**
   * Ask for a look; what is not named stays as it is.
   *
   * @param {Record<string, string>} change
   * @param {boolean} [aloud] whether the new look is said
   */
  async ask(change, aloud = true) {
    this.asking.abort();
    this.asking = new AbortController();
    const { mode = "", span = "", fold = "1" } = this.look?.dataset ?? {};
    const version = /\/s\/([0-9a-f]+)\//.exec(import.meta.url)?.[1] ?? "";
    const query = new URLSearchParams({ m: mode, fold, w: String(this.room), v: version });
    if (span) query.set("z", span);
    if (openEvent()) query.set("e", String(openEvent()));
    for (const [name, value] of Object.entries(change)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    let html;
    try {
      const answer = await fetch(`${this.main.dataset.base}/drawing?${query}`, { signal: this.asking.signal });
      if (!answer.ok) return;
      html = await answer.text();
    } catch {
      return; // Another look was asked for meanwhile, or the server is away: the old one stays.
    }
    this.place(html);
    const now = this.look?.dataset;
    if (aloud) this.chosen = true;
    this.address();
    if (aloud && now) {
      keepLook(`${now.mode}.${now.width}.${now.fold}`);
      const status = document.getElementById("status");
      if (status) status.textContent = now.said ?? "";
    }
  }

  /** The page's address says what the width shows, so a reload and a step back show it again. */
  address() {
    const { mode, span, fold } = this.look?.dataset ?? {};
    if (!this.chosen || !mode) return;
    const url = new URL(location.href);
    /** @type {[string, string][]} */
    const parts = [["m", mode], ["z", span ?? ""], ["fold", mode === "time" && fold === "0" ? "0" : ""]];
    for (const [name, value] of parts) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }

  /** A step back or forth in the history: the drawing is as the address says. */
  recall() {
    const query = new URLSearchParams(location.search);
    const { mode = "", span, fold } = this.look?.dataset ?? {};
    const wanted = { m: query.get("m") ?? mode, z: query.get("z") ?? "", fold: query.get("fold") ?? "1" };
    if (!this.chosen || (wanted.m === mode && wanted.z === span && wanted.fold === fold)) return;
    void this.ask(wanted, false);
  }

  /** Leave the zoom, if there is one. */
  leave() {
    if (this.look?.dataset.span) document.getElementById("zoom-fit")?.click();
  }

  /** @param {string} html */
  place(html) {
    const focused = document.activeElement;
    const id = focused?.closest("#drawing, #looks") ? focused.id : "";
    for (const node of parse(html, "html")) {
      if (!(node instanceof HTMLTemplateElement)) continue;
      document.getElementById(node.dataset.region ?? "")?.replaceChildren(node.content);
    }
    this.aim = null;
    this.onDrawn();
    if (id) (document.getElementById(id) ?? drawing()?.querySelector(".mark.on"))?.focus({ preventScroll: true });
  }

  /**
   * The ends of the next drawing, in pixels of this one.
   *
   * @param {number} from
   * @param {number} to
   */
  span(from, to) {
    return this.ask({ x: `${from.toFixed(1)},${to.toFixed(1)}` });
  }

  /**
   * @param {number} factor over 1 to see less
   * @param {number} [x] the pixel that stays where it is
   */
  zoom(factor, x = this.middle()) {
    if (!this.timed) return;
    const { from, to } = this.aim ?? { from: 14, to: Number(this.look?.dataset.width) - 14 };
    this.aim = { from: x - (x - from) / factor, to: x + (to - x) / factor };
    void this.span(this.aim.from, this.aim.to);
  }

  /** @param {number} share of the width, negative to the left */
  pan(share) {
    if (!this.timed) return;
    const { width, scale = "" } = this.look?.dataset ?? {};
    void this.ask({ p: (share * Number(width)).toFixed(1), k: scale });
  }

  /** Put the open mark in the middle; a second time, show it as near as it can be seen whole. */
  async centre() {
    if (!this.timed || !this.wide) return;
    const where = () => `${openEvent()} ${this.look?.dataset.span}`;
    // Where all of it is in view, nothing can be put in the middle.
    if (!this.look?.dataset.span || where() === this.centred) return this.fitOpen(this.wide);
    const width = Number(this.look?.dataset.width);
    const off = this.middle() - width / 2;
    await this.span(14 + off, width - 14 + off);
    this.centred = where();
  }

  /** @param {HTMLElement} wide */
  fitOpen(wide) {
    const mark = /** @type {SVGElement | null} */ (wide.querySelector(".mark.on"));
    if (mark?.dataset.zoom) return this.follow(mark.dataset.zoom);
    if (!mark) return;
    const [box, left] = [mark.getBoundingClientRect(), wide.getBoundingClientRect().left];
    void this.span(box.left - left - box.width, box.right - left + box.width);
  }

  /** Where the open mark is, or the middle of the drawing. */
  middle() {
    const open = this.wide?.querySelector(".mark.on");
    const mark = open?.querySelector(".tick") ?? open?.querySelector(".diamond, .key, .hit");
    const width = Number(this.look?.dataset.width);
    if (!mark || !this.wide) return width / 2;
    const box = mark.getBoundingClientRect();
    // The tick of a bundle is as wide as the bundle, and begins where its first event is.
    const x = (mark.matches(".tick") ? box.left + 3 : (box.left + box.right) / 2) - this.wide.getBoundingClientRect().left;
    return Math.min(Math.max(x, 14), width - 14);
  }

  /**
   * Have an event in view: where the drawing does not hold it, another span is asked for.
   *
   * @param {number} event
   */
  reveal(event) {
    if (!this.timed || !event || !this.wide) return;
    // Among totals it brings its neighbours along, so that the arrow keys have where to go.
    const totals = this.look?.dataset.totals !== undefined;
    if (!totals && this.wide.querySelector(".mark.on")) return;
    const place = document.getElementById("drawing");
    place?.setAttribute("aria-busy", "true");
    void this.ask({ n: String(event), e: String(event) }, false).finally(() => place?.removeAttribute("aria-busy"));
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const link = /** @type {Element} */ (event.target).closest("a[data-look]");
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.id === "zoom-in") return this.zoom(ZOOM);
    if (link.id === "zoom-out") return this.zoom(1 / ZOOM);
    this.follow(link.href);
  }

  /** @param {string} address of a look */
  follow(address) {
    const wanted = new URL(address, location.href).searchParams;
    void this.ask({ z: "", ...Object.fromEntries(wanted) });
  }

  /** @param {Event} event */
  onDouble(event) {
    const mark = /** @type {Element} */ (event.target).closest("[data-zoom]");
    if (mark) this.follow(/** @type {SVGElement} */ (mark).dataset.zoom ?? "");
  }

  /** @param {KeyboardEvent} event */
  onEnter(event) {
    const mark = /** @type {Element} */ (event.target).closest(".mark.bundle[data-zoom]");
    if (event.key !== "Enter" || !mark) return;
    event.preventDefault();
    mark.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    this.follow(/** @type {SVGElement} */ (mark).dataset.zoom ?? "");
  }

  /** @param {Event} event */
  onStage(event) {
    const stage = /** @type {SVGElement | null} */ (/** @type {Element} */ (event.target).closest(".stage[data-z]"));
    if (this.timed && stage) void this.ask({ z: stage.dataset.z ?? "" });
  }

  /** Ctrl and the wheel, or a pinch, zoom at the pointer; Shift and the wheel pan. */
  onWheel(/** @type {WheelEvent} */ event) {
    if (!this.timed || !this.wide) return;
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey) {
      event.preventDefault();
      const x = event.clientX - this.wide.getBoundingClientRect().left;
      this.zoom(WHEEL ** -event.deltaY, x);
    } else if (sideways && Math.abs(sideways) >= Math.abs(event.shiftKey ? 0 : event.deltaY)) {
      if (!this.look?.dataset.span) return;
      event.preventDefault();
      this.pan(sideways / Number(this.look.dataset.width));
    }
  }

  /** Drag on the axis to select a span, elsewhere where nothing is to pan. */
  onPointer(/** @type {PointerEvent} */ event) {
    const { wide } = this;
    const onMark = /** @type {Element} */ (event.target).closest(".mark, .name, .lane-names");
    if (!this.timed || !wide || onMark || event.button || !event.isPrimary) return;
    const box = wide.getBoundingClientRect();
    if (event.clientY - box.top < AXIS && event.pointerType !== "touch") this.select(event, event.clientX - box.left);
    else if (this.look?.dataset.span) this.drag(event);
  }

  /**
   * The span between here and where the pointer is let go is what is shown next.
   *
   * @param {PointerEvent} event
   * @param {number} start pixels from the left of the drawing
   */
  select(event, start) {
    const { wide } = this;
    if (!wide) return;
    const range = document.createElementNS(wide.namespaceURI, "rect");
    range.setAttribute("class", "range");
    range.setAttribute("height", wide.getAttribute("height") ?? "0");
    wide.append(range);
    let [from, to] = [start, start];
    const move = (/** @type {number} */ by) => {
      [from, to] = [Math.min(start, start + by), Math.max(start, start + by)];
      range.setAttribute("x", from.toFixed(1));
      range.setAttribute("width", (to - from).toFixed(1));
    };
    this.track(event, move, (dropped) => {
      range.remove();
      if (dropped && to - from >= LEAST_RANGE) void this.span(from, to);
    });
  }

  /**
   * The drawing follows the pointer, and is drawn anew where it is let go.
   *
   * @param {PointerEvent} event
   */
  drag(event) {
    const group = /** @type {SVGGElement | null | undefined} */ (this.wide?.querySelector(".marks"));
    let moved = 0;
    const move = (/** @type {number} */ by) => {
      moved = by;
      group?.style.setProperty("transform", `translateX(${by}px)`);
    };
    this.track(event, move, (dropped) => {
      if (dropped && moved) this.pan(-moved / Number(this.look?.dataset.width));
      else group?.style.removeProperty("transform");
    });
  }

  /**
   * Follow a pointer until it is let go or taken away.
   *
   * @param {PointerEvent} event it went down
   * @param {(by: number) => void} move pixels to the right of where it went down
   * @param {(dropped: boolean) => void} end whether it was let go
   */
  track(event, move, end) {
    const wide = /** @type {Element} */ (event.currentTarget);
    const over = new AbortController();
    const listen = (/** @type {string} */ name, /** @type {(at: PointerEvent) => void} */ act) =>
      wide.addEventListener(name, /** @type {EventListener} */ (act), { signal: over.signal });
    const finish = (/** @type {boolean} */ dropped) => {
      over.abort();
      end(dropped);
    };
    wide.setPointerCapture(event.pointerId);
    const first = (/** @type {PointerEvent} */ at) => at.pointerId === event.pointerId;
    listen("pointerdown", () => finish(false)); // a second finger: they pinch
    listen("pointermove", (at) => first(at) && move(at.clientX - event.clientX));
    listen("pointerup", (at) => first(at) && finish(true));
    listen("lostpointercapture", () => finish(false));
  }

  /** @returns {Record<string, () => void>} what keys do */
  keys() {
    const press = (/** @type {string} */ id) => document.getElementById(id)?.click();
    return {
      "+": () => this.zoom(ZOOM),
      "=": () => this.zoom(ZOOM),
      w: () => this.zoom(ZOOM),
      "-": () => this.zoom(1 / ZOOM),
      s: () => this.zoom(1 / ZOOM),
      a: () => this.pan(-0.25),
      d: () => this.pan(0.25),
      f: () => void this.centre(),
      0: () => press("zoom-fit"),
      g: () => press("fold"),
      m: nextWidth,
    };
  }
}
