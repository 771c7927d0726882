import { startBetween, startFirstLine, startLater, startMore } from "./components/around.js";
import { startCompare } from "./components/compare.js";
import { startKeys } from "./components/keys.js";
import { startLayers } from "./components/layers.js";
import { Live } from "./components/live.js";
import { Looks } from "./components/looks.js";
import { Panes } from "./components/panes.js";
import { Player } from "./components/player.js";
import { startSay } from "./components/say.js";
import { startShare } from "./components/share.js";
import { startSplitters } from "./components/splitters.js";
import { startTerms } from "./components/terms.js";
import { startTheme } from "./components/theme.js";
import { markEvent, revealMark, startTimeline } from "./components/timeline.js";
import { waysKeys } from "./components/ways.js";
import { createStore } from "./lib/store.js";

/**
 * The trace page: one selection, shown by timeline, table and panes.
 *
 * @param {HTMLElement} main
 * @param {HTMLElement} element the panes
 * @param {HTMLElement} timeline
 * @returns {import("./components/keys.js").Keys}
 */
function startTrace(main, element, timeline) {
  const { n = "0", u = "", f = "" } = main.dataset;
  const store = createStore({ event: Number(n), unit: u, field: f });
  const panes = new Panes(main, element, store);
  const looks = new Looks(main, () => {
    markEvent(store.get().event);
    revealMark();
    player.draw();
  });

  /** @type {Live | null} */
  let live = null;

  store.listen((now, before) => {
    looks.address();
    if (now.event === before.event) return;
    markEvent(now.event);
    revealMark();
    looks.reveal(now.event);
  });
  /** @type {Panes["open"]} */
  const open = async (address, how) => {
    await panes.open(address, how);
    looks.address(); // also where the event was open already, so that nobody else is told
  };
  startTimeline(timeline, (address, event) => {
    live?.touch();
    void open(address, { history: "replace", event });
  });
  document.addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-n], a[data-u], a.field");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    const { n: number } = /** @type {HTMLElement | SVGElement} */ (link).dataset;
    if (number === "0") return;
    event.preventDefault();
    live?.touch();
    if (link.matches(".field:not([data-u])")) return panes.chooseRow(/** @type {HTMLElement} */ (link));
    const address = link instanceof SVGAElement ? link.href.baseVal : /** @type {HTMLAnchorElement} */ (link).href;
    void open(address, { event: number ? Number(number) : undefined, focus: Boolean(link.closest("#events, #failure")) });
  });
  markEvent(store.get().event);
  startSplitters(element);
  const player = new Player(main, panes, looks, (address, event) => {
    live?.touch();
    return open(address, { history: "replace", event });
  });
  revealMark();
  looks.begin();
  if (main.dataset.state === "queued" || main.dataset.state === "running") {
    live = new Live(main, store, (address) => open(address, { history: "replace" }), async () => {
      await looks.end();
      await player.offer(); // it moves what is below it: only then the page is done
    });
  } else player.begin();

  /** @type {import("./components/keys.js").Keys} */
  const keys = {
    ...looks.keys(),
    ...waysKeys(),
    n: () => void player.next(),
    p: () => void player.previous(),
    b: () => document.getElementById("octets")?.focus(),
    Escape: () => {
      if (player.leave()) return;
      if (store.get().field) store.set({ field: "" }, "keys");
      else if (store.get().event) panes.close();
      else looks.leave();
    },
  };
  for (let stage = 1; stage <= 7; stage += 1) {
    keys[stage] = () => {
      const stages = document.querySelectorAll(".stage[data-n]");
      stages[stage - 1]?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
    };
  }
  return keys;
}

document.documentElement.classList.replace("no-js", "js");
startTheme();
startTerms();
startLater();
startFirstLine();
startMore();
startSay();
startCompare();
startShare();
startBetween();
const main = document.querySelector("main");
const panes = document.getElementById("panes");
const timeline = document.getElementById("timeline");
if (main?.dataset.layersPage) startKeys(startLayers(main));
else startKeys(main?.dataset.trace && panes && timeline ? startTrace(main, panes, timeline) : waysKeys());
