/** Rows of octets as the server draws them: one span a run of one field's octets. */
import { hex, printable, runsOf } from "../lib/runs.js";
import { kindsOf } from "../lib/kinds.js";
import { recall, remember } from "./memory.js";

/** @typedef {import("../lib/runs.js").Leaf} Leaf */
/** @typedef {import("../lib/runs.js").Span} Span */
/** @typedef {import("../lib/runs.js").Run} Run */

/**
 * What rows are drawn from.
 *
 * @typedef {object} Sheet
 * @property {Uint8Array} octets
 * @property {readonly Leaf[]} leaves
 * @property {Span} selected
 * @property {Span} within octets of the selected field's parent
 * @property {number} cursor an octet, -1 for none
 * @property {number} width octets in a row
 * @property {boolean} kinds whether the text column tells kinds of octets
 * @property {boolean} textOnly
 */

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
 * @param {Sheet} sheet
 * @param {number} number of the row
 * @param {boolean} here whether its octets have come
 */
export function drawRow(sheet, number, here) {
  const start = number * sheet.width;
  const end = Math.min(start + sheet.width, sheet.octets.length);
  const row = document.createElement("div");
  const within = start < sheet.within.to && end > sheet.within.from;
  row.className = within ? "row within" : "row";
  row.dataset.offset = String(start);
  row.dataset.width = String(sheet.width);
  const digits = sheet.octets.length > 0x10000 ? 6 : 4;
  row.append(span("offset", start.toString(16).padStart(digits, "0")));
  if (!here) return row;
  const middle = Math.min(start + sheet.width / 2, end);
  const halves = [{ from: start, to: middle }, { from: middle, to: end }]
    .map((stretch) => runsOf(sheet.leaves, stretch, sheet.selected));
  if (!sheet.textOnly) halves.forEach((runs, at) => row.append(drawHalf(sheet, runs, "hex", at + 1)));
  halves.forEach((runs, at) => row.append(drawHalf(sheet, runs, "text", at + 1)));
  return row;
}

/**
 * @param {Sheet} sheet
 * @param {Run[]} runs
 * @param {"hex" | "text"} column
 * @param {number} which
 */
function drawHalf(sheet, runs, column, which) {
  const half = span(`${column} half${which}`);
  runs.forEach((run, index) => {
    if (index > 0 && column === "hex") half.append(" ");
    half.append(drawRun(sheet, run, column));
  });
  return half;
}

/**
 * @param {Sheet} sheet
 * @param {Run} run
 * @param {"hex" | "text"} column
 */
function drawRun(sheet, run, column) {
  const leaf = sheet.leaves[run.leaf];
  const element = span(`run ${run.leaf % 2 ? "b" : "a"}`);
  if (leaf) element.dataset.f = leaf.key;
  if (leaf?.opaque) element.classList.add("opaque");
  if (run.selected) element.classList.add("sel");
  element.dataset.from = String(run.from);
  const gap = column === "hex" ? " " : "";
  const at = sheet.cursor >= run.from && sheet.cursor < run.to ? sheet.cursor : -1;
  const parts = at < 0 ? [[run.from, run.to]] : [[run.from, at], [at, at + 1], [at + 1, run.to]];
  parts.filter(([from = 0, to = 0]) => from < to).forEach(([from = 0, to = 0], index) => {
    if (index > 0 && gap) element.append(gap);
    const inside = from === at ? span("cursor") : element;
    inside.append(...written(sheet, from, to, column, gap));
    if (inside !== element) element.append(inside);
  });
  return element;
}

/**
 * @param {Sheet} sheet
 * @param {number} from
 * @param {number} to
 * @param {"hex" | "text"} column
 * @param {string} gap
 * @returns {(Node | string)[]}
 */
function written(sheet, from, to, column, gap) {
  const octets = sheet.octets.subarray(from, to);
  if (column === "text" && sheet.kinds) return kindsOf(octets).map(({ kind, text }) => span(`k${kind}`, text));
  return [[...octets].map(column === "hex" ? hex : printable).join(gap)];
}

/**
 * The octets that the server's rows already show.
 *
 * @param {Element} grid
 */
export function octetsInRows(grid) {
  const digits = [...grid.querySelectorAll(".hex")].map((half) => half.textContent).join(" ");
  return Uint8Array.from(digits.split(/\s+/).filter(Boolean), (two) => parseInt(two, 16));
}

/**
 * @param {Element | null} target
 * @param {number} x where it was hit
 * @returns {number} the octet there, -1 for none
 */
export function octetAt(target, x) {
  const run = /** @type {HTMLElement | null} */ (target?.closest("#octets .run"));
  if (!run?.dataset.from) return -1;
  const box = run.getBoundingClientRect();
  const characters = run.textContent?.length || 1;
  const character = Math.min(characters - 1, Math.floor(((x - box.left) / box.width) * characters));
  const step = run.closest(".hex") ? 3 : 1;
  return Number(run.dataset.from) + Math.max(0, Math.floor(character / step));
}

/**
 * The switches above the bytes, as the device remembers them.
 *
 * @param {() => void} changed
 * @returns {() => boolean} whether the text column tells kinds of bytes; also shows what they mean
 */
export function startOptions(changed) {
  const kinds = /** @type {HTMLInputElement | null} */ (document.getElementById("octet-kinds"));
  for (const name of ["octet-kinds", "octet-plain"]) {
    const box = /** @type {HTMLInputElement | null} */ (document.getElementById(name));
    if (!box) continue;
    box.checked = recall(name) === "on";
    box.addEventListener("change", () => {
      remember(name, box.checked ? "on" : "");
      changed();
    });
  }
  const legend = document.getElementById("kinds-legend");
  return () => {
    if (legend) legend.hidden = !kinds?.checked;
    return Boolean(kinds?.checked);
  };
}
