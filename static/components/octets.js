/**
 * The byte pane: only the rows in view are in the document, one span a run of one field's octets.
 * The rows look as the server draws them, so that nothing moves when the script takes over.
 */
import { hex, octetsOf, ownerOf, ownerOfBit, pythonBytes, widthOf, windowOf } from "../lib/runs.js";
import { firstParts, Loaded, CHUNK } from "../lib/loaded.js";
import { moveOf } from "../lib/moves.js";
import { placeAt, placeOf, rangeOf } from "../lib/place.js";
import { startDrag } from "./drag.js";
import { arrange } from "./insert.js";
import { Minimap } from "./minimap.js";
import { drawRow, octetAt, octetsInRows, startOptions } from "./octet_rows.js";
import { Spot } from "./spot.js";
import { explained, itemOf, leavesOf, seenOf, startOf } from "./tree.js";

/** @typedef {import("../lib/runs.js").Span} Span */
/** @typedef {import("../lib/place.js").Place} Place */

const NOTHING = Object.freeze({ from: 0, to: 0 });

export class OctetGrid {
  /**
   * @param {HTMLElement} grid the server's pane, to be taken over
   * @param {(key: string) => void} choose called with the key of the field of an octet
   */
  constructor(grid, choose) {
    this.grid = grid;
    this.choose = choose;
    this.leaves = leavesOf(document.getElementById("tree"));
    this.loaded = new Loaded(0);
    /** @type {Span} */
    this.selected = NOTHING;
    /** @type {Span} */
    this.within = NOTHING;
    this.key = grid.dataset.select ?? "";
    /** @type {Place | null} */
    this.place = placeOf(document.querySelector(".spot-line")?.getAttribute("data-b") ?? "");
    this.cursor = this.place ? this.place.first : -1;
    this.anchor = this.cursor;
    this.before = document.createElement("div");
    this.after = document.createElement("div");
    /** @type {Map<number, HTMLElement>} */
    this.drawn = new Map();
    this.width = widthOf(grid.clientWidth);
    this.rowHeight = /** @type {HTMLElement | null} */ (grid.querySelector(".row"))?.offsetHeight || 22;
    this.minimap = new Minimap(grid);
    this.spot = new Spot(this);
    this.begin();
    this.resizing = new ResizeObserver(() => this.onResize());
  }

  /** What is shown below the bytes may take room from them: what was selected last stays in view. */
  onResize() {
    if (this.size === this.sizeNow()) return; // an observer reports once before anything changed
    this.measure();
    if (this.following) this.reveal(this.place ? this.place.first : this.selected.from);
  }

  begin() {
    const grid = this.grid;
    const wasDragged = startDrag(grid, {
      octetAt,
      begin: (octet) => this.moveTo(octet),
      extend: (octet) => this.extendTo(octet),
    });
    grid.addEventListener("scroll", () => this.drawSoon());
    for (const hand of ["wheel", "pointerdown", "touchmove"]) {
      grid.parentElement?.addEventListener(hand, () => (this.following = false), { passive: true });
    }
    grid.addEventListener("click", (event) => wasDragged() || this.onClick(event));
    grid.addEventListener("keydown", (event) => this.onKey(event));
    grid.addEventListener("copy", (event) => this.onCopy(event));
    grid.addEventListener("focus", () => this.drawSoon());
    document.querySelector("#octets-absent button")?.addEventListener("click", () => void this.load(0, this.octets.length));
    document.getElementById("tree")?.addEventListener("click", () => this.place && this.select(this.key));
    this.tellsKinds = startOptions(() => this.draw());
  }

  get octets() {
    return this.loaded.octets;
  }

  /** Get the octets, from the server's rows or in as few requests as show them, and draw. */
  async start() {
    const size = Number(this.grid.dataset.size);
    const shown = octetsInRows(this.grid);
    this.loaded = new Loaded(size);
    if (shown.length === size) this.loaded.put(0, shown);
    else {
      const place = this.place ? this.place.first : startOf(itemOf(this.key)) / 8 || 0;
      await Promise.all(firstParts(size, Math.floor(place)).map(({ from, to }) => this.load(from, to)));
    }
    if (!this.grid.isConnected || !this.loaded.spans.length) return;
    document.querySelector("#bytes nav.more-bytes")?.remove();
    this.measure();
    this.resizing.observe(this.grid);
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  async load(from, to) {
    if (this.loaded.has(from, to)) return;
    const answer = await fetch(this.grid.dataset.bin ?? "", { headers: { Range: `bytes=${from}-${to - 1}` } });
    if (!answer.ok) return;
    this.loaded.put(answer.status === 206 ? from : 0, new Uint8Array(await answer.arrayBuffer()));
    const absent = document.getElementById("octets-absent");
    if (absent) absent.hidden = this.loaded.isWhole;
    this.draw();
  }

  get textOnly() {
    return this.spot.view === "text";
  }

  get perRow() {
    return this.textOnly ? this.width * 4 : this.width;
  }

  get rows() {
    return Math.ceil(this.octets.length / this.perRow);
  }

  /** Narrow panes have fewer octets in a row; the first one in view stays in view. */
  measure() {
    if (!this.loaded.spans.length || !this.grid.clientWidth) return;
    const first = this.top === undefined ? -1 : this.top;
    this.width = widthOf(this.grid.clientWidth);
    this.size = this.sizeNow();
    this.draw();
    const row = /** @type {HTMLElement | null} */ (this.grid.querySelector(".row"));
    const height = row?.offsetHeight || this.rowHeight;
    if (height === this.rowHeight && first < 0) return;
    this.rowHeight = height;
    if (first >= 0) this.grid.scrollTop = Math.floor(first / this.perRow) * height;
    this.draw();
  }

  sizeNow() {
    return `${this.grid.clientWidth} ${this.grid.clientHeight}`;
  }

  drawSoon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.top = Math.floor(this.grid.scrollTop / this.rowHeight) * this.perRow;
      this.drawWindow();
    });
  }

  /** Draw all rows in view anew. */
  draw() {
    this.drawn.clear();
    this.kinds = this.tellsKinds?.() ?? false;
    this.drawWindow();
  }

  /** Draw the rows that have come into view; those that were in view stay as they are. */
  drawWindow() {
    if (this.octets.length === 0) return;
    const { scrollTop, clientHeight } = this.grid;
    const { from, to } = windowOf(this.rows, scrollTop, clientHeight, this.rowHeight);
    this.minimap.draw(this.selected, this.octets.length, { scrollTop, clientHeight, all: this.rows * this.rowHeight });
    /** @type {Map<number, HTMLElement>} */
    const drawn = new Map();
    for (let row = from; row < to; row += 1) drawn.set(row, this.drawn.get(row) ?? this.row(row));
    this.drawn = drawn;
    this.before.style.height = `${from * this.rowHeight}px`;
    this.after.style.height = `${(this.rows - to) * this.rowHeight}px`;
    arrange(this.grid, [this.before, ...drawn.values(), this.after]);
  }

  /** @param {number} number */
  row(number) {
    const width = this.perRow;
    const sheet = {
      octets: this.octets,
      leaves: this.leaves,
      selected: this.selected,
      within: this.within,
      cursor: this.cursor,
      width,
      kinds: Boolean(this.kinds),
      textOnly: this.textOnly,
    };
    const end = Math.min((number + 1) * width, this.octets.length);
    return drawRow(sheet, number, this.loaded.has(number * width, end));
  }

  /**
   * Show which field is chosen, and scroll to it no more than needed.
   *
   * @param {string} key of the field, "" for none
   */
  select(key) {
    if (this.begun && !this.moving) this.place = null;
    this.begun = true;
    this.key = key;
    this.showSelected();
    const item = key ? itemOf(key) : null;
    if (item && !this.place && (this.cursor < this.selected.from || this.cursor >= this.selected.to)) {
      this.cursor = this.anchor = this.selected.from;
    }
    if (this.place) this.reveal(this.place.first);
    else if (item) this.reveal(this.selected.from);
    this.draw();
    this.spot.moved();
  }

  /** What is selected follows from the field and the place. */
  showSelected() {
    const item = this.key ? itemOf(this.key) : null;
    const range = (/** @type {HTMLElement} */ of) => octetsOf(startOf(of), Number(of.dataset.length));
    this.selected = item ? range(item) : NOTHING;
    const parent = /** @type {HTMLElement | null | undefined} */ (item?.parentElement?.closest(".item[data-f]"));
    this.within = parent ? range(parent) : NOTHING;
    if (this.place?.isRange) this.selected = { from: this.place.first, to: this.place.end };
  }

  /** @param {number} octet */
  reveal(octet) {
    this.following = true;
    const top = Math.floor(octet / this.perRow) * this.rowHeight;
    const { scrollTop } = this.grid;
    const seen = seenOf(this.grid);
    const needed = Math.ceil(this.octets.length / this.perRow) * this.rowHeight;
    if (this.grid.scrollHeight < needed) this.after.style.height = `${needed}px`; // not drawn yet
    if (top < scrollTop) this.grid.scrollTop = Math.max(0, top - this.rowHeight);
    else if (top + 2 * this.rowHeight > scrollTop + seen) {
      this.grid.scrollTop = top + Math.min(3 * this.rowHeight, seen) - seen;
    }
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const octet = octetAt(/** @type {Element} */ (event.target), event.clientX);
    if (octet < 0) return;
    if (event.shiftKey) this.extendTo(octet);
    else this.moveTo(octet);
  }

  /** @param {number} octet */
  moveTo(octet) {
    const at = Math.max(0, Math.min(octet, this.octets.length - 1));
    this.setPlace(placeAt(at), this.leaves[ownerOf(this.leaves, at)]?.key ?? "");
  }

  /** @param {Place} place of one bit */
  moveToBit(place) {
    this.setPlace(place, this.leaves[ownerOfBit(this.leaves, place.first * 8 + 7 - place.bit)]?.key ?? "");
  }

  /** @param {string} key */
  chooseField(key) {
    if (key !== this.key) this.choose(key);
    else if (this.place) this.select(key);
  }

  /** @param {number} octet which the range reaches to */
  extendTo(octet) {
    const at = Math.max(0, Math.min(octet, this.octets.length - 1));
    if (this.anchor < 0) this.anchor = Math.max(0, this.cursor);
    this.place = rangeOf(this.anchor, at);
    this.cursor = at;
    this.afterMove();
  }

  /**
   * @param {Place} place
   * @param {string} key of its field
   */
  setPlace(place, key) {
    this.place = place;
    this.cursor = this.anchor = place.first;
    this.moving = true;
    if (key && key !== this.key) this.choose(key);
    this.moving = false;
    this.afterMove();
  }

  afterMove() {
    this.showSelected();
    this.reveal(this.cursor);
    this.draw();
    this.spot.moved();
    this.speakSoon();
    if (this.loaded.has(this.cursor, this.cursor + 1)) return;
    const chunk = Math.floor(this.cursor / CHUNK) * CHUNK;
    void this.load(chunk, Math.min(chunk + CHUNK, this.octets.length));
  }

  /** The leaf under the cursor: the chosen one, where several share an octet. */
  current() {
    const at = Math.max(0, this.cursor);
    const chosen = this.leaves.findIndex((leaf) => leaf.key === this.key);
    const leaf = this.leaves[chosen];
    const { from, to } = leaf ? octetsOf(leaf.start, leaf.length) : NOTHING;
    return at >= from && at < to ? chosen : ownerOf(this.leaves, at);
  }

  /** @param {number} step */
  moveToLeaf(step) {
    const next = this.leaves[this.current() + step];
    if (!next) return;
    this.cursor = this.anchor = octetsOf(next.start, next.length).from;
    this.chooseField(next.key);
    this.speakSoon();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.altKey || event.metaKey) return;
    const line = this.perRow;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / this.rowHeight) - 1) * line;
    const place = moveOf(event, { at: Math.max(0, this.cursor), line, page, size: this.octets.length });
    if (place !== undefined) event.shiftKey ? this.extendTo(place) : this.moveTo(place);
    else if (event.ctrlKey || !this.letter(event.key)) return;
    event.preventDefault();
  }

  /**
   * @param {string} key
   * @returns {boolean} whether it did something
   */
  letter(key) {
    if (key === "[") this.moveToLeaf(-1);
    else if (key === "]") this.moveToLeaf(1);
    else if (key === "r") this.speak(explained());
    else if (key === "y") void navigator.clipboard?.writeText(pythonBytes(this.chosen()));
    else return false;
    return true;
  }

  /** The selected octets, none while they have not come. */
  chosen() {
    const { from, to } = this.selected;
    return this.loaded.has(from, to) ? this.octets.subarray(from, to) : new Uint8Array(0);
  }

  /** @param {ClipboardEvent} event */
  onCopy(event) {
    const octets = this.chosen();
    if (String(getSelection()) || octets.length === 0) return;
    event.clipboardData?.setData("text/plain", [...octets].map(hex).join(" "));
    event.preventDefault();
  }

  speakSoon() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.speakCursor(), 300);
  }

  speakCursor() {
    const leaf = this.leaves[this.current()];
    const octet = this.octets[this.cursor];
    if (!leaf || octet === undefined || document.activeElement?.closest("#spot")) return;
    /** @type {Record<string, string | number>} */
    const facts = {
      index: this.cursor,
      size: this.octets.length,
      hex: hex(octet),
      nth: this.cursor - Math.floor(leaf.start / 8) + 1,
      name: itemOf(leaf.key)?.querySelector(".name")?.textContent ?? "",
      first: this.selected.from,
      last: this.selected.to - 1,
      count: this.selected.to - this.selected.from,
    };
    const { spoken = "", spokenRange = "" } = this.grid.dataset;
    const sentence = this.place?.isRange ? spokenRange : spoken;
    this.speak(sentence.replace(/\{(\w+)\}/g, (_, word) => String(facts[word] ?? "")));
  }

  /** @param {string} text */
  speak(text) {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  }

  stop() {
    this.resizing.disconnect();
    this.spot.stop();
    clearTimeout(this.speaking);
    if (this.waiting) cancelAnimationFrame(this.waiting);
  }
}
