/**
 * A trace on a projector: keys and clickers go from slide to slide. All slides are fetched once, so
 * that a room never waits; without this script each slide is a page of its own.
 */
import { parse } from "./insert.js";

const PANES = /** @type {Record<string, string>} */ ({ 1: "bytes", 2: "fields", 3: "code", 0: "none" });

/** @param {string} address */
function spot(address) {
  const query = new URL(address, location.href).searchParams;
  return `${query.get("step") ?? "1"}${query.get("shown") === "1" ? "!" : ""}`;
}

class Present {
  /**
   * @param {HTMLElement} main
   * @param {HTMLElement} slide
   */
  constructor(main, slide) {
    this.main = main;
    this.slide = slide;
    /** @type {HTMLTemplateElement[]} */
    this.slides = [];
    this.pane = /** @type {HTMLElement | null} */ (slide.querySelector("[data-pane]"))?.dataset.pane ?? "bytes";
    this.here = main.dataset.here ?? "";
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("click", (event) => this.onClick(event));
  }

  async load() {
    const url = new URL(`${this.main.dataset.base}/present`, location.href);
    url.search = location.search;
    url.searchParams.set("all", "1");
    try {
      const answer = await fetch(url);
      const nodes = answer.ok ? parse(await answer.text(), "html") : [];
      this.slides = /** @type {HTMLTemplateElement[]} */ (nodes.filter((node) => node instanceof HTMLTemplateElement));
    } catch {
      // Each slide is a page of its own, and is opened as one.
    }
  }

  get at() {
    return this.slides.findIndex((each) => spot(each.dataset.href ?? "") === spot(this.here));
  }

  /** @param {number} index */
  show(index) {
    const chosen = this.slides[index];
    if (!chosen) return;
    this.here = chosen.dataset.href ?? "";
    this.slide.replaceChildren(chosen.content.cloneNode(true));
    this.choose(this.pane);
    history.replaceState(null, "", this.here);
    const status = document.getElementById("status");
    const said = this.slide.querySelector(".slide-question .teacher, .slide-caption");
    if (status) status.textContent = said?.textContent ?? "";
  }

  /** @param {"next" | "prev" | "up"} rel */
  go(rel) {
    const link = /** @type {HTMLAnchorElement | null} */ (this.slide.querySelector(`a[rel=${rel}]`));
    if (!link) return;
    const to = this.slides.findIndex((each) => spot(each.dataset.href ?? "") === spot(link.href));
    if (rel === "up" || to < 0) location.assign(link.href);
    else this.show(to);
  }

  /** @param {string} pane */
  choose(pane) {
    this.pane = pane;
    for (const each of /** @type {NodeListOf<HTMLElement>} */ (this.slide.querySelectorAll("[data-pane]"))) {
      each.dataset.pane = pane;
    }
  }

  blank() {
    this.main.classList.toggle("blank");
  }

  fullScreen() {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void document.documentElement.requestFullscreen().catch(() => undefined);
  }

  code() {
    const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("qr-large"));
    if (dialog?.open) dialog.close();
    else dialog?.showModal();
  }

  /** @returns {Record<string, () => void>} */
  get keys() {
    return {
      PageDown: () => this.go("next"),
      ArrowRight: () => this.go("next"),
      " ": () => this.go("next"),
      PageUp: () => this.go("prev"),
      ArrowLeft: () => this.go("prev"),
      Home: () => this.show(0),
      End: () => this.show(this.slides.length - 1),
      Escape: () => (this.main.classList.contains("blank") ? this.blank() : this.go("up")),
      n: () => this.go("next"),
      p: () => this.go("prev"),
      ".": () => this.blank(),
      b: () => this.blank(),
      f: () => this.fullScreen(),
      q: () => this.code(),
      ...Object.fromEntries(Object.entries(PANES).map(([key, pane]) => [key, () => this.choose(pane)])),
    };
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const from = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    const sheet = document.querySelector("dialog[open]");
    if (sheet && !(sheet.id === "qr-large" && event.key === "q")) return;
    if (event.key === " " && from.closest("a, button, summary")) return;
    const letters = /** @type {HTMLInputElement | null} */ (document.getElementById("letters"));
    if (event.key.length === 1 && event.key !== " " && letters?.checked === false) return;
    const act = this.keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const link = /** @type {Element} */ (event.target).closest("a[rel=next], a[rel=prev], .slide-qr");
    if (!link) return;
    event.preventDefault();
    if (link.matches(".slide-qr")) this.code();
    else this.go(link.getAttribute("rel") === "next" ? "next" : "prev");
  }
}

const main = document.querySelector("main");
const slide = document.getElementById("slide");
if (main && slide) void new Present(main, slide).load();
