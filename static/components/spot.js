/**
 * What is selected among the bytes, to the bit: asks the server for its words, bits and readings
 * as the selection moves, and keeps the page's address on it.
 */
import { pythonBytes, hex } from "../lib/runs.js";
import { bitBeyond, placeOf, placeText } from "../lib/place.js";
import { insert } from "./insert.js";

/** @typedef {import("./octets.js").OctetGrid} OctetGrid */

const SOON = 40; // ms; a held key asks once
const OWN = ["u", "f", "b", "v", "o", "part"];

/** The view that the reader chose last; the next event opens in it. */
let chosenView = "";

/** @param {string} text */
async function toClipboard(text) {
  await navigator.clipboard?.writeText(text);
}

export class Spot {
  /** @param {OctetGrid} grid */
  constructor(grid) {
    this.grid = grid;
    this.pane = /** @type {HTMLElement} */ (document.getElementById("bytes"));
    this.element = /** @type {HTMLElement} */ (document.getElementById("spot"));
    this.asking = new AbortController();
    const line = /** @type {HTMLElement | null} */ (this.element.querySelector(".spot-line"));
    this.view = line?.dataset.v ?? "bytes";
    this.place = line?.dataset.b ?? "";
    this.shown = this.wanted(grid.key, this.place);
    this.rove();
    this.element.addEventListener("click", (event) => this.onClick(event));
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    this.pane.querySelector("#octet-ways")?.addEventListener("click", (event) => {
      const way = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-way]"));
      if (!way) return;
      event.preventDefault();
      this.isAsked = true;
      this.show(way.dataset.way ?? "bytes");
    });
    this.isAsked = false; // whether a way to see the bytes was pressed, and not shown yet
    if (this.view !== "bytes") chosenView = this.view;
    else if (chosenView) this.show(chosenView);
  }

  /**
   * @param {string} field
   * @param {string} place
   */
  wanted(field, place) {
    return `${field} ${place} ${this.view}`;
  }

  /** @param {string} view */
  show(view) {
    this.view = chosenView = view;
    this.pane.dataset.view = view;
    for (const way of this.pane.querySelectorAll("[data-way]")) {
      if (way.getAttribute("data-way") === view) way.setAttribute("aria-current", "page");
      else way.removeAttribute("aria-current");
    }
    this.grid.measure();
    this.moved();
  }

  /** The selection may have moved: say so in the address, and ask for what to show of it. */
  moved() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.follow(), SOON);
  }

  /** The address of what is selected now. */
  address() {
    const url = new URL((this.grid.grid.dataset.bin ?? "").replace(".bin?", "?"), location.href);
    for (const [name, value] of new URLSearchParams(location.search)) {
      if (!OWN.includes(name)) url.searchParams.set(name, value);
    }
    const parts = { f: this.grid.key, b: placeText(this.grid.place), v: this.view === "bytes" ? "" : this.view };
    for (const [name, value] of Object.entries(parts)) if (value) url.searchParams.set(name, value);
    return url;
  }

  async follow() {
    const wanted = this.wanted(this.grid.key, placeText(this.grid.place));
    if (wanted === this.shown || !this.element.isConnected) return;
    this.shown = wanted;
    const url = this.address();
    history.replaceState(history.state, "", url);
    url.pathname += "/range";
    url.searchParams.set("part", "1");
    this.asking.abort();
    this.asking = new AbortController();
    try {
      const answer = await fetch(url, { signal: this.asking.signal });
      if (!answer.ok) return;
      const html = await answer.text();
      const inside = Boolean(document.activeElement?.closest("#spot .ruler"));
      insert(this.element, html);
      this.rove();
      if (this.isAsked) this.element.scrollIntoView({ block: "nearest" });
      this.isAsked = false;
      const cell = this.cell();
      if (inside) cell?.focus();
      else if (cell) this.element.scrollTop += cell.getBoundingClientRect().top - this.element.getBoundingClientRect().top - 60;
    } catch {
      // The selection moved on, or the server is away: what was shown stays.
    }
  }

  /** @returns {HTMLElement | null} the bit that is marked */
  cell() {
    return this.element.querySelector(".bit.at");
  }

  /** One bit takes the focus by Tab, and the arrows go on from it. */
  rove() {
    const bits = /** @type {NodeListOf<HTMLElement>} */ (this.element.querySelectorAll(".bit"));
    const at = this.cell() ?? bits[0];
    for (const bit of bits) bit.tabIndex = bit === at ? 0 : -1;
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = /** @type {Element} */ (event.target);
    const bit = /** @type {HTMLElement | null} */ (target.closest("[data-bit]"));
    const bar = /** @type {HTMLElement | null} */ (target.closest(".bar a"));
    const copy = /** @type {HTMLElement | null} */ (target.closest("[data-copy]"));
    if (copy) return void this.copy(copy);
    if ((!bit && !bar) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (bit) this.toBit(bit.dataset.bit ?? "");
    else if (bar) this.grid.chooseField(bar.dataset.f ?? "");
  }

  /** @param {string} text of the place */
  toBit(text) {
    const place = placeOf(text);
    if (!place) return;
    const cell = /** @type {HTMLElement | null} */ (this.element.querySelector(`[data-bit="${text}"]`));
    this.cell()?.classList.remove("at");
    cell?.classList.add("at");
    this.rove();
    cell?.focus();
    this.grid.moveToBit(place);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const cell = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-bit]"));
    const at = placeOf(cell?.dataset.bit ?? "");
    if (!at || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -8, ArrowDown: 8, Home: at.bit - 7, End: at.bit };
    const step = steps[event.key];
    if (step === undefined && event.key !== " ") return;
    event.preventDefault();
    this.toBit(placeText(bitBeyond(at, step ?? 0, this.grid.octets.length)));
  }

  /** @param {HTMLElement} button */
  async copy(button) {
    const octets = this.grid.chosen();
    const texts = {
      link: () => new URL(this.element.querySelector("#spot-link")?.getAttribute("href") ?? "", location.href).href,
      hex: () => [...octets].map(hex).join(" "),
      python: () => pythonBytes(octets),
      text: () => new TextDecoder().decode(octets),
    };
    const what = /** @type {keyof typeof texts} */ (button.dataset.copy);
    await toClipboard(texts[what]());
    this.grid.speak(button.dataset.copied ?? "");
    button.classList.add("done");
  }

  stop() {
    clearTimeout(this.soon);
    this.asking.abort();
  }
}
