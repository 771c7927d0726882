/**
 * The player: tells the steps of a finished recording one after another, in slow motion. All that
 * it needs is fetched once, before it begins; while it plays it asks the server for nothing.
 */
import { placeOf, reading, travel } from "../lib/pace.js";
import { parse } from "./insert.js";
import { recall, remember } from "./memory.js";

/**
 * @typedef {{event: number, href: string, ns: number, words: number, ask: Element | null}} Step
 * @typedef {import("./panes.js").Panes} Panes
 * @typedef {import("./looks.js").Looks} Looks
 */

const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const LEAVES_SPACE = "button, select, input, textarea, summary, [popover]";

/** @param {string} id */
const byId = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id));

/**
 * The elements of a fragment of the server's; none where it is away, and then nothing changes.
 *
 * @param {string | URL} address
 */
async function ask(address) {
  const holder = document.createElement("div");
  try {
    const answer = await fetch(address);
    if (answer.ok) holder.append(...parse(await answer.text(), "html"));
  } catch {
    // Play can be pressed again.
  }
  return holder;
}

export class Player {
  /**
   * @param {HTMLElement} main
   * @param {Panes} panes
   * @param {Looks} looks
   * @param {(address: string, event: number) => Promise<void>} open
   */
  constructor(main, panes, looks, open) {
    this.main = main;
    this.panes = panes;
    this.looks = looks;
    this.open = open;
    /** @type {Step[]} */
    this.steps = [];
    /** @type {[number, number][]} */
    this.moments = []; // number and time of every mark
    this.on = false; // whether what is still to come is absent
    this.asking = 0;
    this.turn = 0; // of what plays; another number ends it
    this.playing = false;
    /** @type {Promise<void>} */
    this.turns = Promise.resolve(); // of keys that go on and back
    byId("play")?.addEventListener("click", () => void this.toggle());
    byId("replay-go")?.addEventListener("click", () => void this.replay());
    byId("player")?.addEventListener("click", (event) => this.onLink(event), { capture: true });
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.choices();
  }

  /** The choices of this device. An exercise asks first by itself. */
  choices() {
    const [speed, ask, flow] = ["speed", "ask-first", "flowing"].map(byId);
    if (!speed || !ask || !flow) return;
    const kept = recall("speed");
    if (kept && speed.querySelector(`[value="${CSS.escape(kept)}"]`)) speed.value = kept;
    ask.checked = recall("ask") ? recall("ask") === "on" : Boolean(byId("lesson"));
    flow.checked = recall("flow") === "on";
    speed.addEventListener("change", () => remember("speed", speed.value));
    ask.addEventListener("change", () => remember("ask", ask.checked ? "on" : "off"));
    flow.addEventListener("change", () => remember("flow", flow.checked ? "on" : ""));
  }

  /** The trace is finished: it can be played. */
  begin() {
    if (!this.place) return;
    for (const id of ["play", "options"]) byId(id)?.removeAttribute("hidden");
    // The form leads here: often the fetch was over before this page was there.
    const forms = ["/", "/lab"].map((path) => new URL(path, location.href).href);
    const isNew = forms.includes(document.referrer) && location.pathname === this.main.dataset.base;
    if (isNew && byId("replay")?.querySelector("span")?.textContent) byId("replay")?.removeAttribute("hidden");
  }

  get place() {
    return /** @type {HTMLElement | null} */ (document.querySelector("#steps .place"));
  }

  /** The number of the open step, from 1; 0 where what is open is none. */
  get at() {
    return Number(this.place?.dataset.step);
  }

  /** The fetch has ended: if that was too quick to be seen, it is offered again, slowly. */
  async offer() {
    const offered = await this.load();
    await this.renew();
    this.begin();
    const banner = byId("replay");
    const words = banner?.querySelector("span");
    if (!banner || !words || !offered) return;
    words.replaceChildren(offered);
    banner.hidden = false;
  }

  /** The steps of a trace that grew while this page was open. */
  async renew() {
    const url = new URL(location.href);
    if (!/\/e\/\d+$/.test(url.pathname)) url.pathname = this.panes.home;
    url.searchParams.set("part", "1");
    const holder = await ask(url);
    const region = /** @type {HTMLTemplateElement | null} */ (holder.querySelector("template[data-region=steps]"));
    if (region) document.getElementById("steps")?.replaceChildren(region.content);
  }

  /**
   * Fetch what every step puts on the page, once.
   *
   * @returns {Promise<DocumentFragment | null>} what is said of a trace that was quickly over
   */
  async load() {
    if (this.steps.length) return null;
    const every = this.place?.hasAttribute("data-every") ? "?every=1" : "";
    const holder = await ask(`${this.main.dataset.base}/player${every}`);
    const list = /** @type {HTMLElement | null} */ (holder.querySelector("[data-steps]"));
    const moments = (list?.dataset.moments ?? "").trim().split(" ");
    this.moments = moments.map((each) => /** @type {[number, number]} */ (each.split(":").map(Number)));
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (holder.querySelectorAll("li[data-href]"))) {
      const { n, href = "", ns, words } = item.dataset;
      this.steps.push({ event: Number(n), href, ns: Number(ns), words: Number(words), ask: item.querySelector(".ask") });
      const kept = item.querySelector("template");
      // An exercise has to hear of what is opened, so there every step is asked for.
      if (kept && !byId("lesson")) this.panes.kept.set(href, kept);
    }
    const offered = /** @type {HTMLTemplateElement | null} */ (holder.querySelector("[data-replay]"));
    return offered?.content ?? null;
  }

  async toggle() {
    if (this.asking) return this.answer();
    if (this.playing) return this.pause();
    await this.load();
    if (!this.steps.length) return;
    byId("replay")?.setAttribute("hidden", "");
    if (this.looks.timed && this.looks.look?.dataset.span) await this.looks.ask({ z: "" }, false);
    this.on = true;
    const isOver = this.at === 0 || this.at === this.steps.length;
    this.setPlaying(true);
    if (!isOver) return this.run();
    if (this.steps[0]?.ask && byId("ask-first")?.checked) return this.question(1);
    await this.show(1);
    return this.run();
  }

  /** From the first step on. */
  async replay() {
    if (this.playing) this.pause();
    await this.load();
    await this.show(1);
    await this.toggle();
  }

  /** @param {boolean} playing */
  setPlaying(playing) {
    this.playing = playing;
    this.turn += 1;
    this.panes.still = playing;
    byId("play")?.setAttribute("aria-pressed", String(playing));
    byId("player")?.classList.toggle("playing", playing);
    document.getElementById("playhead")?.remove();
    this.draw();
  }

  pause() {
    this.setPlaying(false);
    this.panes.adopt(); // the octets become a grid again
  }

  /** Tell one step after another until somebody stops it or the last is told. */
  async run() {
    const { turn } = this;
    while (turn === this.turn) {
      const next = this.steps[this.at];
      const now = this.steps[this.at - 1];
      if (!next || !now) return this.end();
      if (!byId("flowing")?.checked) await this.wait(reading(now.words), turn);
      await this.walk(now, next, turn);
      if (turn !== this.turn) return;
      if (next.ask && byId("ask-first")?.checked) return this.question(this.at + 1);
      await this.show(this.at + 1);
    }
  }

  end() {
    this.on = false;
    this.pause();
  }

  /**
   * @param {number} ms
   * @param {number} turn
   * @param {(share: number) => void} [each] what is done at every frame
   * @returns {Promise<void>}
   */
  wait(ms, turn, each) {
    return new Promise((resolve) => {
      let start = 0;
      /** @param {number} time */
      const frame = (time) => {
        start ||= time;
        if (turn !== this.turn || time - start >= ms) return resolve();
        each?.((time - start) / ms);
        requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
  }

  /**
   * The playhead goes from one step to the next, and what it passes appears.
   *
   * @param {Step} now
   * @param {Step} next
   * @param {number} turn
   */
  async walk(now, next, turn) {
    if (STILL.matches) return;
    const known = this.known();
    const wide = document.getElementById("wide");
    const head = document.createElementNS(wide?.namespaceURI ?? null, "line");
    head.id = "playhead";
    head.setAttribute("y2", wide?.getAttribute("height") ?? "0");
    if (known.length) wide?.append(head);
    await this.wait(travel(next.ns - now.ns, Number(byId("speed")?.value)), turn, (share) => {
      const time = now.ns + share * (next.ns - now.ns);
      const x = placeOf(known, time).toFixed(1);
      head.setAttribute("x1", x);
      head.setAttribute("x2", x);
      const passed = this.moments.filter(([number, at]) => at <= time && number < next.event);
      this.draw(Math.max(now.event, ...passed.map(([number]) => number)));
    });
    head.remove();
  }

  /** @returns {[number, number][]} the times of what is drawn, with their places */
  known() {
    const times = new Map(this.moments);
    /** @type {[number, number][]} */
    const known = [];
    for (const mark of /** @type {NodeListOf<SVGElement>} */ (document.querySelectorAll("#wide .mark"))) {
      const time = times.get(Number(mark.dataset.n));
      const hit = mark.querySelector(".hit");
      if (time === undefined || !hit) continue;
      const [x1, x2] = ["x1", "x2"].map((name) => Number(hit.getAttribute(name)));
      if (x1 === undefined || x2 === undefined) continue;
      const own = mark.classList.contains("sent") ? x1 : mark.classList.contains("received") ? x2 : (x1 + x2) / 2;
      known.push([time, own]);
    }
    return known.sort((a, b) => a[0] - b[0]);
  }

  /**
   * While this is on, what is still to come is absent.
   *
   * @param {number} [now] the number of the last event that has been
   */
  draw(now = this.steps[this.at - 1]?.event ?? 0) {
    const last = this.on && this.at !== this.steps.length ? now : Infinity;
    for (const each of document.querySelectorAll("#timeline .mark, #drawing .name, .stage[data-n]")) {
      const later = Number(/** @type {SVGElement} */ (each).dataset.n) > last;
      if (each.classList.contains("future") !== later) each.classList.toggle("future", later);
    }
  }

  /** @param {number} number of a step */
  async show(number) {
    const step = this.steps[number - 1];
    if (step) await this.open(new URL(step.href, location.href).href, step.event);
    this.draw();
  }

  /**
   * Ask, and wait for somebody who has thought of an answer.
   *
   * @param {number} number of the step that answers
   */
  question(number) {
    const place = byId("asked");
    const ask = this.steps[number - 1]?.ask;
    if (!place || !ask) return;
    this.asking = number;
    place.replaceChildren(...ask.cloneNode(true).childNodes);
    place.hidden = false;
    byId("player")?.classList.add("asking");
  }

  /** @returns {number} the step that had been asked about, 0 for none */
  unask() {
    const number = this.asking;
    this.asking = 0;
    byId("asked")?.replaceChildren();
    byId("asked")?.setAttribute("hidden", "");
    byId("player")?.classList.remove("asking");
    return number;
  }

  async answer() {
    await this.show(this.unask());
    if (this.playing) void this.run();
  }

  /** Keys that come faster than pages wait for each other, so that none is lost. */
  next() {
    this.turns = this.turns.then(() => this.goOn());
    return this.turns;
  }

  previous() {
    this.turns = this.turns.then(() => this.goBack());
    return this.turns;
  }

  async goOn() {
    if (this.asking) return this.answer();
    if (this.playing) this.pause();
    if (byId("ask-first")?.checked) await this.load();
    const step = this.at ? this.steps[this.at] : undefined;
    if (step?.ask && byId("ask-first")?.checked) return this.question(this.at + 1);
    return this.press("next");
  }

  async goBack() {
    if (this.asking) return void this.unask();
    if (this.playing) this.pause();
    return this.press("prev");
  }

  /** @param {string} id of a link of the player */
  async press(id) {
    const link = document.getElementById(id);
    if (!(link instanceof HTMLAnchorElement)) return;
    await this.open(link.href, Number(link.dataset.n));
    this.draw();
  }

  /** @returns {boolean} whether there was something to leave */
  leave() {
    const was = this.on || this.asking > 0;
    this.unask();
    this.on = false;
    if (this.playing) this.pause();
    else if (was) this.draw();
    return was;
  }

  /** @param {MouseEvent} event */
  onLink(event) {
    const link = /** @type {Element} */ (event.target).closest("#next, #prev");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && !event.button;
    if (!(link instanceof HTMLAnchorElement) || !plain) {
      if (/** @type {Element} */ (event.target).closest("#steps a") && this.playing) this.pause();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    void (link.id === "next" ? this.next() : this.previous());
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const from = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || from.closest(LEAVES_SPACE)) return;
    const foot = from.closest("#player");
    if (event.key === " " && (foot || from.closest("#timeline") || this.asking)) {
      event.preventDefault();
      void this.toggle();
    } else if (foot && (event.key === "Home" || event.key === "End")) {
      event.preventDefault();
      void this.press(event.key === "Home" ? "first" : "last");
    }
  }
}
