/**
 * The byte pane: only the rows in view are in the document, one span a run of one field's octets.
 * The rows look as the server draws them, so that nothing moves when the script takes over.
 */
import { HALF, ROW, hex, octetsOf, ownerOf, printable, pythonBytes, runsOf, windowOf } from "../lib/runs.js";
import { itemOf, leavesOf, startOf } from "./tree.js";

/** @typedef {import("../lib/runs.js").Span} Span */
/** @typedef {import("../lib/runs.js").Run} Run */

const NOTHING = Object.freeze({ from: 0, to: 0 });

/**
 * @param {string} name
 * @param {string} [text]
 */
function span(name, text) {
  const element = document.createElement("span");
  element.className = name;
  if (text) element.textContent = text;
  return element;
}

/**
 * The octets that the server's rows already show.
 *
 * @param {Element} grid
 */
function octetsInRows(grid) {
  const digits = [...grid.querySelectorAll(".hex")].map((half) => half.textContent).join(" ");
  return Uint8Array.from(digits.split(/\s+/).filter(Boolean), (two) => parseInt(two, 16));
}

export class OctetGrid {
  /**
   * @param {HTMLElement} grid the server's pane, to be taken over
   * @param {(key: string) => void} choose called with the key of the field of an octet
   */
  constructor(grid, choose) {
    this.grid = grid;
    this.choose = choose;
    this.leaves = leavesOf(document.getElementById("tree"));
    /** @type {Uint8Array} */
    this.octets = new Uint8Array(0);
    /** @type {Span} */
    this.selected = NOTHING;
    /** @type {Span} */
    this.within = NOTHING;
    this.cursor = -1;
    this.key = "";
    this.before = document.createElement("div");
    this.after = document.createElement("div");
    this.rowHeight = /** @type {HTMLElement | null} */ (grid.querySelector(".row"))?.offsetHeight || 22;
    grid.addEventListener("scroll", () => this.drawSoon());
    grid.addEventListener("click", (event) => this.onClick(event));
    grid.addEventListener("keydown", (event) => this.onKey(event));
    grid.addEventListener("copy", (event) => this.onCopy(event));
    grid.addEventListener("focus", () => this.drawSoon());
    this.resizing = new ResizeObserver(() => this.measure());
  }

  /** Get the octets, from the server's rows or in one request, and draw. */
  async start() {
    const size = Number(this.grid.dataset.size);
    const shown = octetsInRows(this.grid);
    if (shown.length === size) this.octets = shown;
    else {
      const answer = await fetch(this.grid.dataset.bin ?? "");
      if (!answer.ok) return;
      this.octets = new Uint8Array(await answer.arrayBuffer());
    }
    if (!this.grid.isConnected) return;
    document.querySelector("#bytes .more-bytes")?.remove();
    this.draw();
    this.resizing.observe(this.grid);
  }

  get rows() {
    return Math.ceil(this.octets.length / ROW);
  }

  /** Rows are twice as high where they wrap at half of their octets. */
  measure() {
    const row = /** @type {HTMLElement | null} */ (this.grid.querySelector(".row"));
    if (row && row.offsetHeight && row.offsetHeight !== this.rowHeight) {
      this.rowHeight = row.offsetHeight;
      this.draw();
    } else this.drawSoon();
  }

  drawSoon() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.draw();
    });
  }

  draw() {
    if (this.octets.length === 0) return;
    const { from, to } = windowOf(this.rows, this.grid.scrollTop, this.grid.clientHeight, this.rowHeight);
    const rows = [];
    for (let row = from; row < to; row += 1) rows.push(this.row(row));
    this.before.style.height = `${from * this.rowHeight}px`;
    this.after.style.height = `${(this.rows - to) * this.rowHeight}px`;
    this.grid.replaceChildren(this.before, ...rows, this.after);
  }

  /** @param {number} number */
  row(number) {
    const start = number * ROW;
    const end = Math.min(start + ROW, this.octets.length);
    const row = document.createElement("div");
    const within = start < this.within.to && end > this.within.from;
    row.className = within ? "row within" : "row";
    row.dataset.offset = String(start);
    const wide = this.octets.length > 0x10000 ? 6 : 4;
    row.append(span("offset", start.toString(16).padStart(wide, "0")));
    const middle = Math.min(start + HALF, end);
    const halves = [runsOf(this.leaves, { from: start, to: middle }, this.selected),
      runsOf(this.leaves, { from: middle, to: end }, this.selected)];
    halves.forEach((runs, half) => row.append(this.half(runs, "hex", half + 1)));
    halves.forEach((runs, half) => row.append(this.half(runs, "text", half + 1)));
    return row;
  }

  /**
   * @param {Run[]} runs
   * @param {"hex" | "text"} column
   * @param {number} which
   */
  half(runs, column, which) {
    const half = span(`${column} half${which}`);
    runs.forEach((run, index) => {
      if (index > 0 && column === "hex") half.append(" ");
      half.append(this.run(run, column));
    });
    return half;
  }

  /**
   * @param {Run} run
   * @param {"hex" | "text"} column
   */
  run(run, column) {
    const leaf = this.leaves[run.leaf];
    const element = span(`run ${run.leaf % 2 ? "b" : "a"}`);
    if (leaf) element.dataset.f = leaf.key;
    if (leaf?.opaque) element.classList.add("opaque");
    if (run.selected) element.classList.add("sel");
    element.dataset.from = String(run.from);
    const [write, gap] = column === "hex" ? [hex, " "] : [printable, ""];
    const words = [...this.octets.subarray(run.from, run.to)].map(write);
    const at = this.cursor - run.from;
    if (at < 0 || at >= words.length) element.textContent = words.join(gap);
    else {
      const before = words.slice(0, at).join(gap);
      const after = words.slice(at + 1).join(gap);
      element.append(before && before + gap, span("cursor", words[at]), after && gap + after);
    }
    return element;
  }

  /**
   * Show which field is chosen, and scroll to it no more than needed.
   *
   * @param {string} key of the field, "" for none
   */
  select(key) {
    this.key = key;
    const item = key ? itemOf(key) : null;
    const range = (/** @type {HTMLElement} */ of) =>
      octetsOf(startOf(of), Number(of.dataset.length));
    this.selected = item ? range(item) : NOTHING;
    const parent = /** @type {HTMLElement | null | undefined} */ (item?.parentElement?.closest(".item[data-f]"));
    this.within = parent ? range(parent) : NOTHING;
    if (item && (this.cursor < this.selected.from || this.cursor >= this.selected.to)) {
      this.cursor = this.selected.from;
    }
    if (item) this.reveal(this.selected.from);
    this.draw();
  }

  /** @param {number} octet */
  reveal(octet) {
    const top = Math.floor(octet / ROW) * this.rowHeight;
    const { scrollTop, clientHeight } = this.grid;
    if (top < scrollTop) this.grid.scrollTop = Math.max(0, top - this.rowHeight);
    else if (top + 2 * this.rowHeight > scrollTop + clientHeight) {
      this.grid.scrollTop = top + 3 * this.rowHeight - clientHeight;
    }
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const run = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".run"));
    if (!run?.dataset.from || String(getSelection())) return;
    const box = run.getBoundingClientRect();
    const characters = run.textContent?.length || 1;
    const character = Math.floor(((event.clientX - box.left) / box.width) * characters);
    const step = run.closest(".hex") ? 3 : 1;
    this.moveTo(Number(run.dataset.from) + Math.max(0, Math.floor(character / step)));
  }

  /** @param {number} octet */
  moveTo(octet) {
    this.cursor = Math.max(0, Math.min(octet, this.octets.length - 1));
    this.reveal(this.cursor);
    this.draw();
    this.speakSoon();
    const leaf = this.leaves[ownerOf(this.leaves, this.cursor)];
    if (leaf) this.choose(leaf.key);
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
    this.choose(next.key);
    this.cursor = octetsOf(next.start, next.length).from;
    this.reveal(this.cursor);
    this.draw();
    this.speakSoon();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.altKey || event.metaKey) return;
    const at = Math.max(0, this.cursor);
    const line = this.rowHeight > 30 ? HALF : ROW;
    const page = Math.max(1, Math.floor(this.grid.clientHeight / this.rowHeight) - 1) * ROW;
    /** @type {Record<string, number>} */
    const places = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at >= line ? at - line : at,
      ArrowDown: at + line < this.octets.length ? at + line : at,
      PageUp: at - page,
      PageDown: at + page,
      Home: event.ctrlKey ? 0 : at - (at % line),
      End: event.ctrlKey ? this.octets.length - 1 : at - (at % line) + line - 1,
    };
    const place = places[event.key];
    if (place !== undefined && !event.shiftKey) this.moveTo(place);
    else if (event.ctrlKey) return;
    else if (event.key === "[") this.moveToLeaf(-1);
    else if (event.key === "]") this.moveToLeaf(1);
    else if (event.key === "r") this.speak(document.getElementById("explanation")?.innerText ?? "");
    else if (event.key === "y") void navigator.clipboard?.writeText(pythonBytes(this.chosen()));
    else return;
    event.preventDefault();
  }

  chosen() {
    return this.octets.subarray(this.selected.from, this.selected.to);
  }

  /** @param {ClipboardEvent} event */
  onCopy(event) {
    if (String(getSelection()) || this.selected.to === this.selected.from) return;
    event.clipboardData?.setData("text/plain", [...this.chosen()].map(hex).join(" "));
    event.preventDefault();
  }

  speakSoon() {
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => this.speakCursor(), 300);
  }

  speakCursor() {
    const leaf = this.leaves[this.current()];
    const octet = this.octets[this.cursor];
    if (!leaf || octet === undefined) return;
    const name = itemOf(leaf.key)?.querySelector(".name")?.textContent ?? "";
    /** @type {Record<string, string | number>} */
    const facts = {
      index: this.cursor,
      size: this.octets.length,
      hex: hex(octet),
      nth: this.cursor - Math.floor(leaf.start / 8) + 1,
      name,
    };
    const sentence = this.grid.dataset.spoken ?? "{index}, {hex}, {name}";
    this.speak(sentence.replace(/\{(\w+)\}/g, (_, word) => String(facts[word] ?? "")));
  }

  /** @param {string} text */
  speak(text) {
    const spoken = document.getElementById("spoken");
    if (spoken) spoken.textContent = text;
  }

  stop() {
    this.resizing.disconnect();
    clearTimeout(this.speaking);
    if (this.waiting) cancelAnimationFrame(this.waiting);
  }
}
