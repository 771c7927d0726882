/**
 * The inspector: opens events, units and fields without leaving the page. Every link in it is a
 * page of its own; here the same address is fetched as a part and put in place.
 */
import { parse } from "./insert.js";
import { OctetGrid } from "./octets.js";
import { markField, startTree } from "./tree.js";
import { adoptWays, openCode } from "./ways.js";

/** @typedef {import("../lib/store.js").Store} Store */

const RECENT = 100; // parts that are kept
const AHEAD_MS = 60; // a held key passes by

/**
 * @param {string} address
 * @param {string} part
 * @param {string} [code] the tab of the code to open, where the address names none
 */
function partOf(address, part, code = "") {
  const url = new URL(address, location.href);
  url.searchParams.set("part", part);
  if (code && !url.searchParams.has("code")) url.searchParams.set("code", code);
  url.hash = "";
  return url.href;
}

export class Panes {
  /**
   * @param {HTMLElement} main
   * @param {HTMLElement} element
   * @param {Store} store
   */
  constructor(main, element, store) {
    this.main = main;
    this.element = element;
    this.store = store;
    this.home = `${main.dataset.base}/e/${main.dataset.n}`;
    /** @type {OctetGrid | null} */
    this.grid = null;
    /** @type {Map<string, HTMLTemplateElement>} What the player fetched in advance, by path and query. */
    this.kept = new Map();
    /** @type {Map<string, Node[]>} What was opened or may be next, by the address of the part. */
    this.recent = new Map();
    this.still = false; // while the player plays: what is opened is there to be looked at
    this.opening = new AbortController();
    this.explaining = new AbortController();
    store.listen((now, before, source) => {
      if (now.field !== before.field && source !== "panes") this.showField(now.field);
    });
    addEventListener("popstate", () => void this.open(location.href, { history: "none" }));
    element.addEventListener("click", (event) => {
      const link = /** @type {Element} */ (event.target).closest(".pane-links a");
      if (!link) return;
      event.preventDefault();
      this.showTab((link.getAttribute("href") ?? "").slice(1));
    });
    element.addEventListener("click", (event) => {
      const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest(".depths a"));
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      for (const told of [this.kept, this.recent]) told.clear(); // at the depth before
      void this.explain(link.href).then(() => {
        const now = this.element.querySelector(".depths [aria-current]");
        if (now instanceof HTMLElement) now.focus({ preventScroll: true });
      });
    });
    this.tab = innerWidth > 900 ? "explanation" : "bytes";
    this.adopt();
  }

  /**
   * Where there is no room for all panes, a tab chooses; it stays when another event is opened.
   *
   * @param {string} tab id of a pane
   */
  showTab(tab) {
    this.tab = tab;
    const there = document.getElementById(tab) ? tab : "explanation";
    this.element.dataset.tab = there;
    for (const link of this.element.querySelectorAll(".pane-links a")) {
      if (link.getAttribute("href") === `#${there}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.grid?.measure();
  }

  /** Make what the panes hold now work, and learn from it what is selected. */
  adopt() {
    this.grid?.stop();
    this.grid = null;
    this.showTab(this.tab);
    const { event } = this.store.get();
    adoptWays(this.element, event ? `${this.main.dataset.base}/onlooker/e/${event}?from=trace` : "");
    const source = this.element.querySelector(".source");
    const line = /** @type {HTMLElement | null} */ (source?.querySelector(".current"));
    if (source && line) source.scrollTop = line.offsetTop - (source.clientHeight - line.offsetHeight) / 2;
    startTree({
      choose: (row) => this.chooseRow(row),
      toBytes: () => document.getElementById("octets")?.focus(),
    });
    const chosen = this.element.querySelector(".field.on")?.closest(".item");
    const field = chosen instanceof HTMLElement ? (chosen.dataset.f ?? "") : "";
    const unit = this.element.querySelector(".units a[aria-current]");
    this.store.set({ unit: unit?.getAttribute("data-u") ?? "", field }, "panes");
    markField(field);
    const octets = document.getElementById("octets");
    if (octets && !this.still) {
      const grid = new OctetGrid(octets, (key) => this.store.set({ field: key }, "octets"));
      this.grid = grid;
      void grid.start().then(() => grid === this.grid && grid.select(this.store.get().field));
    }
  }

  /**
   * Open an event or a unit.
   *
   * @param {string} address of its page
   * @param {{history?: "push" | "replace" | "none", event?: number, focus?: boolean}} [how]
   */
  async open(address, { history: how = "push", event, focus = false } = {}) {
    this.opening.abort();
    this.explaining.abort();
    this.opening = new AbortController();
    const url = new URL(address, location.href);
    const inside = this.element.contains(document.activeElement);
    if (url.pathname === this.main.dataset.base) address = this.home;
    const number = event ?? Number(/\/e\/(\d+)/.exec(new URL(address, location.href).pathname)?.[1] ?? 0);
    if (number === 0) return this.close();
    /** @type {Iterable<Node> | null | undefined} */
    let nodes = this.kept.get(url.pathname + url.search)?.content.childNodes;
    if (!nodes) try {
      nodes = await this.part(address, this.opening.signal);
      if (!nodes) return void location.assign(address);
    } catch (error) {
      if (!(error instanceof DOMException)) location.assign(address);
      return;
    }
    if (how === "push") history.pushState(null, "", url);
    if (how === "replace") history.replaceState(null, "", url);
    this.element.replaceChildren(...[...nodes].map((node) => node.cloneNode(true)));
    this.element.classList.toggle("no-octets", !document.getElementById("octets"));
    this.placeRegions();
    this.retitle();
    this.store.set({ event: number }, "panes");
    this.adopt();
    if (focus || inside) document.getElementById("event-title")?.focus({ preventScroll: !focus });
    if (focus) this.element.scrollIntoView({ block: "nearest" });
    this.lookAhead();
  }

  /**
   * A part of the server's. It is kept where nothing will change it any more and no exercise has
   * to hear of what is opened.
   *
   * @param {string} address
   * @param {AbortSignal} signal
   */
  async part(address, signal) {
    const asked = partOf(address, "1", openCode(this.element));
    const there = this.recent.get(asked);
    if (there) return there;
    const answer = await fetch(asked, { signal });
    if (!answer.ok) return null;
    const nodes = parse(await answer.text(), "html");
    if (this.keeps) this.recent.set(asked, nodes);
    if (this.recent.size > RECENT) this.recent.delete([...this.recent.keys()][0] ?? "");
    return nodes;
  }

  get keeps() {
    const { state = "" } = this.main.dataset;
    return !["queued", "running"].includes(state) && !document.getElementById("lesson");
  }

  /** Whoever steps most often steps on: what comes next is here before it is asked for. */
  lookAhead() {
    const next = /** @type {HTMLAnchorElement | null} */ (document.querySelector("#next[href]"));
    if (!next || !this.keeps || this.kept.has(next.pathname + next.search)) return;
    const { signal } = this.opening;
    setTimeout(() => signal.aborted || this.part(next.href, signal).catch(() => null), AHEAD_MS);
  }

  /** A fragment may bring the contents of a region outside of the panes, such as the steps. */
  placeRegions() {
    for (const part of this.element.querySelectorAll("template[data-region]")) {
      const region = document.getElementById(part.getAttribute("data-region") ?? "");
      const focused = region?.contains(document.activeElement) ? document.activeElement?.id : "";
      region?.replaceChildren(/** @type {HTMLTemplateElement} */ (part).content);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      part.remove();
    }
  }

  /** The history lists pages by their titles, which name the event first. */
  retitle() {
    const names = ["event-title", "heading"].map((id) => document.getElementById(id)?.textContent);
    document.title = names.filter(Boolean).join(", ");
  }

  /** No event is open. */
  close() {
    this.grid?.stop();
    this.grid = null;
    this.element.replaceChildren();
    history.replaceState(null, "", this.main.dataset.base ?? "");
    this.store.set({ event: 0, unit: "", field: "" }, "panes");
  }

  /** @param {HTMLElement} row */
  chooseRow(row) {
    const item = /** @type {HTMLElement | null} */ (row.closest(".item"));
    this.store.set({ field: item?.dataset.f ?? "" }, "tree");
  }

  /** @param {string} key */
  showField(key) {
    markField(key);
    this.grid?.select(key);
    const row = /** @type {HTMLAnchorElement | null} */ (this.element.querySelector(".field.on"));
    if (!row) return;
    history.replaceState(null, "", row.href);
    void this.explain(row.href);
  }

  /** @param {string} address of the field's page */
  async explain(address) {
    this.explaining.abort();
    this.explaining = new AbortController();
    try {
      const answer = await fetch(partOf(address, "field"), { signal: this.explaining.signal });
      const html = answer.ok ? await answer.text() : "";
      const place = document.getElementById("explanation");
      if (!html || !place) return;
      place.replaceChildren(...parse(html, "html"));
      place.scrollTop = 0;
      this.placeRegions();
    } catch {
      // Another field was chosen meanwhile, or the server is away: the old text stays.
    }
  }
}
