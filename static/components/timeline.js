/**
 * Timeline, stages and table: they show which event is open, and the arrow keys go along the marks.
 */

/** @typedef {import("../lib/store.js").Store} Store */

let shown = 0;

/** The stream that `,` and `.` go along: a mark may carry several, and they keep to the one. */
let followed = "";

/** @returns {number} the event that is marked as open, 0 for none */
export function openEvent() {
  return shown;
}

/** @returns {SVGSVGElement | null} the drawing that is shown at this width */
export function drawing() {
  const drawings = /** @type {NodeListOf<SVGSVGElement>} */ (document.querySelectorAll("#wide, #ladder"));
  return [...drawings].find((one) => one.checkVisibility()) ?? null;
}

/** @returns {SVGAElement[]} */
function marks() {
  return [...(drawing()?.querySelectorAll(/** @type {"a"} */ (".mark")) ?? [])].map(
    (mark) => /** @type {SVGAElement} */ (/** @type {unknown} */ (mark)),
  );
}

/**
 * Whether an event is one of a mark's, or a quiet one among them.
 *
 * @param {Element} mark
 * @param {number} event
 */
function holds(mark, event) {
  const { n = "0", members = `${n}-${n}` } = /** @type {SVGElement} */ (mark).dataset;
  return members.split(" ").some((run) => {
    const [first = 0, last = 0] = run.split("-").map(Number);
    return first <= event && event <= last;
  });
}

/**
 * Put the selection's class where it belongs, in all drawings and the table.
 *
 * @param {number} event number of the open event, 0 for none
 */
export function markEvent(event) {
  shown = event;
  for (const old of document.querySelectorAll(".mark.on, .name.on, .bow.on, #rows .on, .stage.on")) {
    old.classList.remove("on");
  }
  const found = [...document.querySelectorAll("a.mark, a.name, .bow")].filter((mark) => holds(mark, event));
  for (const mark of found) {
    mark.classList.add("on");
  }
  // A row stands for the same events as a mark of the ladder; over time marks may stand apart.
  const rung = /** @type {SVGElement | undefined} */ (found.find((mark) => mark.matches("#ladder .mark")));
  const number = rung?.dataset.n ?? String(event);
  document.getElementById(`r-${number}`)?.classList.add("on");
  roam();
}

/** One mark is a stop of the Tab key: the open one, else the first. With keys, marks are a list to choose from. */
export function roam() {
  const all = marks();
  const stop = all.find((mark) => mark.classList.contains("on")) ?? all[0];
  if (!stop) return;
  for (const mark of all) {
    mark.setAttribute("role", "option");
    mark.setAttribute("aria-selected", String(mark.classList.contains("on")));
  }
  const list = stop.closest(".list");
  list?.setAttribute("role", "listbox");
  list?.setAttribute("aria-labelledby", drawing()?.id ?? "");
  list?.setAttribute("aria-orientation", drawing()?.id === "ladder" ? "vertical" : "horizontal");
  stay(all, stop);
}

/**
 * The Tab key comes to this mark, and the list says that it is the one.
 *
 * @param {SVGAElement[]} all
 * @param {SVGAElement} stop
 */
function stay(all, stop) {
  for (const mark of all) mark.setAttribute("tabindex", mark === stop ? "0" : "-1");
  stop.closest(".list")?.setAttribute("aria-activedescendant", stop.id);
}

/** Scroll the timeline sideways, and nothing else, until the open mark is in view. */
export function revealMark() {
  const scroll = document.querySelector("#timeline .scroll");
  const mark = scroll?.querySelector(".mark.on");
  if (!scroll || !mark) return;
  const outer = scroll.getBoundingClientRect();
  const inner = mark.getBoundingClientRect();
  const left = document.getElementById("names")?.getBoundingClientRect().right ?? outer.left;
  const right = outer.right - 32; // where it fades
  if (inner.left < left) scroll.scrollLeft -= left - inner.left;
  else if (inner.right > right) scroll.scrollLeft += inner.right - right;
}

/**
 * @param {KeyboardEvent} event
 * @param {SVGAElement} from
 * @returns {SVGAElement | undefined}
 */
function target(event, from) {
  const all = marks();
  const at = all.indexOf(from);
  const vertical = drawing()?.id === "ladder";
  const back = event.key === "ArrowLeft" || (vertical && event.key === "ArrowUp");
  const on = event.key === "ArrowRight" || (vertical && event.key === "ArrowDown");
  if (event.key === "," || event.key === ".") {
    const side = event.key === "." ? all.slice(at + 1) : all.slice(0, Math.max(at, 0)).reverse();
    const ours = streamsOf(from);
    const on = (/** @type {string} */ stream) => side.find((mark) => streamsOf(mark).includes(stream));
    if (!ours.includes(followed)) followed = ours.find(on) ?? "";
    return on(followed);
  }
  if (event.key === "Home") return all[0];
  if (event.key === "End") return all[all.length - 1];
  if (back || on) {
    const way = event.shiftKey ? ["sent", "received"].find((one) => from.classList.contains(one)) : "";
    const rest = on ? all.slice(at + 1) : all.slice(0, Math.max(at, 0)).reverse();
    return way ? rest.find((mark) => mark.classList.contains(way)) : rest[0];
  }
  if (event.key === "ArrowUp" || event.key === "ArrowDown") return nearestElsewhere(all, at);
  return undefined;
}

/** @param {SVGElement} mark */
function laneOf(mark) {
  return mark.dataset.lane ?? "";
}

/**
 * The streams of HTTP/2 or HTTP/3 that a mark carries, those of requests first; else what goes on
 * between two parties on one layer.
 *
 * @param {SVGElement} mark
 */
function streamsOf(mark) {
  const layer = [...mark.classList].find((name) => name.startsWith("L-"));
  return mark.dataset.streams?.split(" ") ?? [`${laneOf(mark)} ${layer}`];
}

/**
 * @param {SVGAElement[]} all
 * @param {number} at
 * @returns {SVGAElement | undefined} the nearest mark that concerns another lane
 */
function nearestElsewhere(all, at) {
  const from = all[at];
  const others = all.filter((mark) => from && laneOf(mark) !== laneOf(from));
  return others.sort((a, b) => Math.abs(all.indexOf(a) - at) - Math.abs(all.indexOf(b) - at))[0];
}

/**
 * @param {HTMLElement} section
 * @param {(address: string, event: number) => void} open
 */
export function startTimeline(section, open) {
  roam();
  addEventListener("resize", roam);
  section.addEventListener("keydown", alongStages);
  section.addEventListener("keydown", (event) => {
    const from = /** @type {SVGAElement | null} */ (/** @type {Element} */ (event.target).closest(".mark"));
    if (!from || event.altKey || event.ctrlKey || event.metaKey) return;
    const mark = target(event, from);
    sayEnd(mark ? "" : event.key);
    if (!mark) return;
    event.preventDefault();
    if (from.closest("[aria-busy]")) return; // its neighbours are on their way
    stay(marks(), mark);
    mark.focus({ preventScroll: true });
    open(mark.href.baseVal, Number(mark.dataset.n));
  });
}

/**
 * Say that a stream goes no further, to eyes and to ears; anything else takes it back.
 *
 * @param {string} key
 */
function sayEnd(key) {
  const line = document.getElementById("at-end");
  const status = document.getElementById("status");
  if (!line || !status) return;
  const text = (key === "." && line.dataset.after) || (key === "," && line.dataset.before) || "";
  line.textContent = text;
  line.hidden = !text;
  if (text) status.textContent = text;
}

/**
 * The stages are a toolbar: Left and Right go along it.
 *
 * @param {KeyboardEvent} event
 */
function alongStages(event) {
  const from = /** @type {Element} */ (event.target).closest(".stage[data-n]");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!from || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const all = [...document.querySelectorAll(".stage[data-n]")];
  /** @type {SVGElement | undefined} */ (all[all.indexOf(from) + step])?.focus();
}
