/**
 * A running trace: events arrive over one stream and take their places by number. The stream may
 * break and resume; it is closed at the end, and while the page has been hidden for a minute.
 */
import { Backlog } from "../lib/backlog.js";
import { insert, parse, upsert } from "./insert.js";
import { markEvent, roam } from "./timeline.js";

/** @typedef {import("../lib/store.js").Store} Store */
/** @typedef {"names" | "wide" | "ladder"} Drawing */
/**
 * @typedef {object} Wire
 * @property {{n: number, wide: string, ladder: string, row: string}[]} marks
 * @property {number[]} gone
 * @property {number[] | null} order of all marks, where what is new does not go to the end
 * @property {Record<string, string>} regions
 * @property {Record<Drawing | "links", string> | null} lanes
 * @property {Record<Drawing, [number, number]> | null} size
 * @property {string} state
 * @property {string} status
 * @property {string} open address of what the page opens by itself, "" for nothing
 */
/** @typedef {{state: string, last: number, open: string, status: string}} End */

const HIDDEN_MS = 60_000;
const AGAIN_MS = 2_000;
const FAILURES = 3; // of the stream in a row, after which the page asks instead
const DRAWINGS = /** @type {const} */ (["names", "wide", "ladder"]);

export class Live {
  /**
   * @param {HTMLElement} main
   * @param {Store} store
   * @param {(address: string) => Promise<void>} open opens an event without a step in the history
   * @param {() => Promise<void>} onEnd draws what has ended as it is drawn then
   */
  constructor(main, store, open, onEnd) {
    this.main = main;
    this.store = store;
    this.open = open;
    this.onEnd = onEnd;
    this.status = document.getElementById("status");
    this.panel = document.getElementById("live");
    this.fresh = 0;
    this.asked = ""; // the address of the event that was opened because none was
    this.touched = false;
    /** @type {Backlog<Wire>} */
    this.backlog = new Backlog(Number(main.dataset.last ?? 0), (message) => this.show(message));
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {End | null} */
    this.ended = null; // how it ended, while a reader wants no updates
    this.failures = 0; // of the stream, since something came
    this.hidden = false; // for so long that nothing is asked for
    this.control("pause", () => this.pause(true));
    this.control("resume", () => this.pause(false));
    this.control("follow", () => this.follow());
    const scroll = /** @type {HTMLElement | null} */ (document.querySelector("#timeline .scroll"));
    scroll?.addEventListener("pointerdown", () => this.touch());
    scroll?.addEventListener("wheel", (event) => {
      if (event.deltaX || event.shiftKey) this.touch();
    }, { passive: true });
    scroll?.addEventListener("keydown", (event) => {
      if (event.key.startsWith("Arrow")) this.touch();
    });
    document.addEventListener("visibilitychange", () => this.onVisibility());
    addEventListener("pagehide", () => this.source?.close());
    startStop();
    this.reveal("pause", true);
    document.getElementById("rows")?.closest("table")?.setAttribute("aria-busy", "true");
    this.connect();
  }

  connect() {
    this.source?.close();
    const source = new EventSource(this.address());
    this.source = source;
    source.addEventListener("open", () => this.reveal("lost", false));
    for (const name of ["wire", "queue", "quiet", "done"]) {
      source.addEventListener(name, (event) => {
        this.failures = 0;
        this.hear(name, Number(event.lastEventId), JSON.parse(event.data));
      });
    }
    source.addEventListener("error", () => {
      this.reveal("lost", true);
      this.failures += 1;
      if (this.failures >= FAILURES) this.poll();
      else if (source.readyState === EventSource.CLOSED) setTimeout(() => this.again(source), AGAIN_MS);
    });
  }

  /** Where the news is that this page does not have. */
  address() {
    return `${this.main.dataset.base}/events?after=${this.backlog.last}&lang=${document.documentElement.lang}`;
  }

  /**
   * @param {string} name
   * @param {number} number of the last event that is in it
   * @param {any} data
   */
  hear(name, number, data) {
    if (name === "wire") this.backlog.take(number, data);
    else if (name === "done") this.end(data);
    else if (!this.backlog.paused) {
      this.draw(data.regions ?? {});
      this.say(data.status);
    }
  }

  /** Streams break on their way here: from now on the page asks every now and then. */
  poll() {
    this.source?.close();
    this.source = null;
    const words = document.getElementById("polling")?.dataset.said ?? "";
    if (!this.backlog.paused) this.say(words);
    void this.ask();
  }

  async ask() {
    if (this.ended) return;
    if (!this.hidden) {
      const told = await ask(`${this.address()}&part=1`);
      if (told === "gone") return location.reload(); // that page says what became of it
      this.reveal("lost", told === null);
      this.reveal("polling", told !== null);
      for (const { name, id, data } of told ?? []) this.hear(name, id, data);
    }
    setTimeout(() => void this.ask(), AGAIN_MS);
  }

  /** @param {EventSource} source the stream that was given up by the browser */
  again(source) {
    if (this.source === source) this.connect();
  }

  /** @param {Record<string, string>} regions what they hold now, by id */
  draw(regions) {
    for (const [id, html] of Object.entries(regions)) {
      const region = document.getElementById(id);
      if (!region) continue;
      insert(region, html);
      if (["failure", "path", "walk"].includes(id)) region.hidden = html.trim() === "";
    }
  }

  /** @param {Wire} message */
  show(message) {
    this.draw(message.regions ?? {});
    for (const id of DRAWINGS) this.resize(id, message);
    for (const number of message.gone ?? []) {
      for (const prefix of ["m", "l", "r"]) document.getElementById(`${prefix}-${number}`)?.remove();
    }
    for (const mark of message.marks ?? []) this.place(mark);
    for (const number of message.order ?? []) {
      for (const prefix of ["m", "l", "r"]) {
        const element = document.getElementById(`${prefix}-${number}`);
        element?.parentElement?.append(element);
      }
    }
    // The last state is for `finish` to say, once the page shows all there is to show.
    if (message.state === "running") this.main.dataset.state = message.state;
    this.main.dataset.last = String(this.backlog.last);
    markEvent(this.store.get().event);
    this.say(message.status);
    this.keepView(message.marks?.length ?? 0);
    if (this.touched || this.store.get().event || message.open === this.asked) return;
    this.asked = message.open;
    if (message.open) void this.open(message.open);
  }

  /**
   * @param {Drawing} id
   * @param {Wire} message
   */
  resize(id, { lanes, size }) {
    const drawing = document.getElementById(id);
    if (!drawing) return;
    const group = drawing.querySelector(".lanes");
    if (lanes && group) group.replaceChildren(...parse(lanes[id], "svg"));
    // The lying drawing is asked for again at the end; the standing one gets its links here.
    if (lanes && id === "ladder") drawing.querySelector(".links")?.replaceChildren(...parse(lanes.links, "svg"));
    if (!size) return;
    const [width, height] = size[id];
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    if (id === "ladder") return; // as wide as the page
    drawing.setAttribute("width", String(width));
    drawing.setAttribute("height", String(height));
  }

  /** @param {{wide: string, ladder: string, row: string}} mark */
  place(mark) {
    const wide = document.querySelector("#wide .list");
    const ladder = document.querySelector("#ladder .list");
    const rows = document.getElementById("rows");
    if (wide) upsert(wide, mark.wide, "svg");
    if (ladder) upsert(ladder, mark.ladder, "svg");
    if (rows) upsert(rows, mark.row, "rows");
  }

  /**
   * Follow the newest mark, until the reader has chosen something: then only count.
   *
   * @param {number} more
   */
  keepView(more) {
    if (!this.touched) {
      const scroll = document.querySelector("#timeline .scroll");
      if (scroll) scroll.scrollLeft = scroll.scrollWidth;
      return;
    }
    this.fresh += more;
    const count = document.querySelector("#live .count");
    if (count) count.textContent = String(this.fresh);
    this.reveal("follow", this.fresh > 0);
  }

  /** The reader has chosen something: from now on the view is theirs. */
  touch() {
    this.touched = true;
  }

  follow() {
    this.touched = false;
    this.fresh = 0;
    this.reveal("follow", false);
    this.keepView(0);
  }

  /** @param {boolean} on */
  pause(on) {
    if (on) this.backlog.pause();
    else this.backlog.resume();
    if (!on && this.ended) return void this.finish(this.ended);
    this.reveal("pause", !on && !this.ended);
    this.reveal("resume", on);
    document.getElementById(on ? "resume" : "pause")?.focus();
  }

  /**
   * Nothing more will come. What is paused stays as it is until the reader wants to see the rest.
   *
   * @param {End} end
   */
  end(end) {
    this.source?.close();
    this.source = null;
    this.ended = end;
    this.reveal("lost", false);
    this.reveal("polling", false);
    this.reveal("stop", false);
    if (!this.backlog.paused) void this.finish(end);
  }

  /** @param {End} end */
  async finish(end) {
    this.main.dataset.last = String(end.last);
    const inside = this.panel?.contains(document.activeElement);
    if (this.panel) this.panel.hidden = true;
    if (inside) /** @type {HTMLElement | null} */ (document.querySelector("#timeline .scroll"))?.focus();
    document.getElementById("rows")?.closest("table")?.setAttribute("aria-busy", "false");
    this.say(end.status);
    roam();
    if (!this.touched && end.open) await this.open(end.open);
    await this.onEnd();
    this.main.dataset.state = end.state;
  }

  onVisibility() {
    clearTimeout(this.hiding);
    this.hidden = false;
    if (document.hidden) {
      this.hiding = setTimeout(() => {
        this.hidden = true;
        this.source?.close();
      }, HIDDEN_MS);
    } else if (this.source?.readyState === EventSource.CLOSED) this.connect();
  }

  /** @param {string} text */
  say(text) {
    if (text && this.status) this.status.textContent = text;
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  reveal(id, on) {
    const element = document.getElementById(id);
    if (element) element.hidden = !on;
  }

  /**
   * @param {string} id
   * @param {() => void} act
   */
  control(id, act) {
    document.getElementById(id)?.addEventListener("click", act);
  }
}

/** @typedef {{name: string, id: number, data: any}} News as the stream has it */

/**
 * What is new by now, for a page that no stream reaches.
 *
 * @param {string} address
 * @returns {Promise<News[] | "gone" | null>} null if the server was not reached
 */
async function ask(address) {
  try {
    const answer = await fetch(address);
    if (answer.status === 404) return "gone";
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/**
 * Stopping a fetch without leaving its page: the form is posted, and its end arrives with the other
 * events. Where that fails the form is sent as it is.
 */
function startStop() {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("stop"));
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button?.ariaDisabled === "true") return; // asked once is enough
    if (button) button.ariaDisabled = "true"; // and not disabled: the focus stays where it is
    const stopped = await fetch(`${form.action}?part=1`, { method: "POST" }).then((answer) => answer.ok, () => false);
    if (!stopped) form.submit();
  });
}
