/**
 * A comparison: links in it are pages of their own; here the same address is fetched as a part and
 * put in place. While one of the traces runs, each news of it does the same.
 */
import { insert } from "./insert.js";

export function startCompare() {
  const region = document.getElementById("comparison");
  if (region) new Comparison(region);
}

class Comparison {
  /** @param {HTMLElement} region */
  constructor(region) {
    this.region = region;
    this.here = region.dataset.here ?? location.href;
    this.asking = new AbortController();
    /** @type {Map<string, EventSource>} */
    this.sources = new Map();
    region.addEventListener("click", (event) => this.onClick(event));
    addEventListener("popstate", () => void this.show(location.href, false));
    addEventListener("pagehide", () => this.sources.forEach((source) => source.close()));
    this.watch((region.dataset.live ?? "").split(" ").filter(Boolean));
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const link = /** @type {Element} */ (event.target).closest("a[href^='/compare?']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    event.preventDefault();
    void this.show(link.getAttribute("href") ?? "", true);
  }

  /**
   * @param {string} address of the comparison
   * @param {boolean} isNew whether it becomes a step in the history
   */
  async show(address, isNew) {
    this.asking.abort();
    this.asking = new AbortController();
    const url = new URL(address, location.href);
    const part = new URL(url);
    part.searchParams.set("part", "1");
    part.hash = "";
    let html;
    try {
      const answer = await fetch(part, { signal: this.asking.signal });
      if (!answer.ok) return void location.assign(url);
      html = await answer.text();
    } catch (error) {
      if (!(error instanceof DOMException)) location.assign(url);
      return;
    }
    if (isNew) history.pushState(null, "", url);
    this.here = url.href;
    this.place(html);
    if (isNew && url.hash === "#octets") document.getElementById("octets")?.scrollIntoView({ block: "start" });
  }

  /**
   * Put new contents in place; what had the focus has it again.
   *
   * @param {string} html
   */
  place(html) {
    const active = this.region.contains(document.activeElement) ? document.activeElement : null;
    const href = active?.getAttribute("href");
    const isMark = active instanceof SVGElement;
    insert(this.region, html);
    const live = this.region.querySelector("template[data-live]");
    const ids = (live?.getAttribute("data-live") ?? "").split(" ").filter(Boolean);
    live?.remove();
    this.watch(ids);
    if (!href) return;
    const same = [...this.region.querySelectorAll("a")].filter((link) => link.getAttribute("href") === href);
    const there = same.find((link) => /** @type {Element} */ (link) instanceof SVGElement === isMark) ?? this.region.querySelector("[aria-current='true']");
    /** @type {HTMLElement | SVGElement | null | undefined} */ (there)?.focus({ preventScroll: true });
  }

  /** @param {string[]} ids of the traces that still run */
  watch(ids) {
    for (const [id, source] of this.sources) {
      if (ids.includes(id)) continue;
      source.close();
      this.sources.delete(id);
    }
    for (const id of ids) {
      if (this.sources.has(id)) continue;
      const source = new EventSource(`/t/${id}/events`);
      source.addEventListener("done", (event) => {
        source.close();
        const status = document.getElementById("compare-status");
        if (status) status.textContent = JSON.parse(event.data).status;
        void this.show(this.here, false);
      });
      source.addEventListener("wire", (event) => {
        if (JSON.parse(event.data).status) void this.show(this.here, false);
      });
      this.sources.set(id, source);
    }
  }
}
