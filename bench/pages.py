"""What pages cost: their weight, and in a browser how soon they are there and how they move."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from app import bind, create_app
from bench.generated import LEAST, URL, generated
from bench.table import percentile, table
from bench.weights import keep, weights
from netcore.options import Options
from netcore.outbox import Outbox
from netcore.stop import NEVER, Stop
from netcore.trace import Trace
from tools.find_chromium import HOW_TO_GET_ONE, find
from web.tracing import OnEvent

COUNTS: Final = (60, 10_000, 100_000)  # events
SCREEN: Final[ViewportSize] = {"width": 1440, "height": 900}
PAINTS: Final = 5
SELECTIONS: Final = 60
LIVE_EVENTS: Final = 60
LIVE_GAP_S: Final = 0.03
SLOW: Final = {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 200_000}
SLOW_GOAL_MS: Final = 1_500
WAIT_MS: Final = 60_000
ABOUT: Final = """\
PAGES: a trace's page at 1440 by 900 in headless Chromium. Generated traces of {counts} events.
Octets are exact; times are those of this machine at this hour, with no GPU."""

Row = tuple[str, str, str, str]

_FRAMES = """() => {
  const frames = window.frames_ = [];
  let before = 0;
  const note = (now) => {
    if (before) frames.push(now - before);
    before = now;
    if (!window.enough_) requestAnimationFrame(note);
  };
  window.enough_ = false;
  requestAnimationFrame(note);
}"""
_FRAMES_TAKEN = "() => { window.enough_ = true; return window.frames_; }"
_SELECT = """(times) => new Promise((done) => {
  const took = [];
  const title = () => document.querySelector(".step-links")?.textContent + location.pathname;
  const next = () => {
    const link = document.querySelector("#next[href]");
    if (!link || took.length === times) return done(took);
    const [was, began] = [title(), performance.now()];
    const seen = new MutationObserver(() => {
      if (title() === was) return;
      seen.disconnect();
      requestAnimationFrame(() => {
        took.push(performance.now() - began);
        setTimeout(next, 150);
      });
    });
    seen.observe(document.body, { subtree: true, childList: true, characterData: true });
    link.click();
  };
  next();
})"""
_SCROLL = """() => new Promise((done) => {
  const octets = document.getElementById("octets");
  const took = [];
  let left = 60;
  const step = () => {
    const began = performance.now();
    octets.scrollTop += 22;
    octets.dispatchEvent(new Event("scroll"));
    octets.getBoundingClientRect();
    took.push(performance.now() - began);
    left -= 1;
    if (left) requestAnimationFrame(step);
    else done(took);
  };
  step();
})"""
_PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
_PARSED = "() => performance.getEntriesByType('navigation')[0].domInteractive"
_NOTE_DRAWN = """() => {
  window.drawn_ = {};
  const note = () => {
    for (const mark of document.querySelectorAll("#wide .mark")) {
      window.drawn_[mark.dataset.n] ??= performance.timeOrigin + performance.now();
    }
  };
  new MutationObserver(note).observe(document, { subtree: true, childList: true });
}"""


class Paced:
    """Stands in for fetch: tells events one by one, and notes when each was observed."""

    def __init__(self) -> None:
        self.observed_ms: dict[int, float] = {}
        self.trace = generated(LIVE_EVENTS + LEAST)

    def __call__(
        self,
        url: str,
        options: Options,
        on_event: OnEvent | None = None,
        *,
        outbox: Outbox | None = None,
        stop: Stop = NEVER,
        **_: object,
    ) -> Trace:
        for number, event in enumerate(self.trace.events, start=1):
            time.sleep(LIVE_GAP_S)
            self.observed_ms[number] = time.time() * 1_000
            if on_event is not None:
                on_event(number, event)
        return self.trace


@contextlib.contextmanager
def serving(**config: object) -> Iterator[tuple[Flask, str]]:
    """An application and its address, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        app = create_app({"INSTANCE": Path(folder), **config})
        stack.callback(app.extensions["tracing"].close)
        server = bind(app, "127.0.0.1", 0)
        stack.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(thread.join, 10)
        stack.callback(server.shutdown)
        yield app, f"http://127.0.0.1:{server.port}"


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. Raises: RuntimeError if there is none."""
    with sync_playwright() as playwright:
        found = find(playwright.chromium.executable_path)
        if found is None:
            raise RuntimeError(HOW_TO_GET_ONE)
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def weighed() -> str:
    """The table of exact weights."""
    with serving() as (app, _):
        rows = [
            (each.what, f"{each.most:,} B", f"{each.octets:,} B", verdict(each.keeps))
            for each in weights(app)
        ]
    return table(("weight", "goal", "measured", ""), rows)


def timed(counts: tuple[int, ...] = COUNTS) -> str:
    """The table of what was measured in a browser."""
    rows: list[Row] = []
    with chromium() as browser, serving() as (app, address):
        for count in counts:
            rows += _of_count(browser, address + keep(app, count), count)
        path = address + keep(app, counts[0])
        slow = f"first paint, {counts[0]} events, 1.6 Mbit/s and 150 ms"
        rows.append(_row(slow, [_times(browser, path, slow=True)[0]], SLOW_GOAL_MS))
    rows.append(_row("live: observed to drawn, p95", live(), 150, 95))
    return table(("in the browser", "goal", "measured", ""), rows)


def _of_count(browser: Browser, path: str, count: int) -> list[Row]:
    _times(browser, path)  # explains the trace, which is kept from then on
    painted, parsed = zip(*(_times(browser, path) for _ in range(PAINTS)), strict=True)
    page = _open(browser, f"{path}?m=time")
    size = f"{count:,} events"
    rows = [_row(f"first paint, {size}", painted, 500)]
    rows.append((f"whole page parsed, {size}", "", f"{percentile(parsed, 50):,.1f} ms", ""))
    frames = pan(page)
    rows.append(_row(f"pan frame p50, {size}", frames, 33, 50))
    rows.append(_row(f"pan frame p95, {size}", frames, 100, 95))
    goal = 100 if count > 10_000 else 50
    chosen = page.evaluate(_SELECT, SELECTIONS)
    rows.append(_row(f"event selected to panes p95, {size}", chosen, goal, 95))
    rows.append(_row(f"hex scroll script p95, {size}", page.evaluate(_SCROLL), 8, 95))
    used, empty = memory(page), memory(_open(browser, "about:blank"))
    mega = (used - empty) / 1e6
    rows.append(
        (f"memory above an empty page, {size}", "60 MB", f"{mega:.1f} MB", verdict(mega <= 60))
    )
    page.context.close()
    return rows


def _open(browser: Browser, address: str) -> Page:
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


def _times(browser: Browser, address: str, *, slow: bool = False) -> tuple[float, float]:
    """When there was something to see for the first time, and when all of the page was there.

    In milliseconds, by a browser that has nothing of it yet.
    """
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    if slow:
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", {"offline": False, **SLOW})
    page.goto(address)
    page.wait_for_load_state("networkidle")
    times = page.evaluate(_PAINT), page.evaluate(_PARSED)
    context.close()
    return times


def pan(page: Page) -> list[float]:
    """Milliseconds between frames while the timeline is dragged to and fro."""
    page.keyboard.press("+")
    page.locator("#drawing .look:not([data-span=''])").wait_for()
    box = page.locator("#wide").bounding_box()
    if box is None:
        raise RuntimeError("the timeline is not shown")
    x, y = box["x"] + box["width"] / 2, box["y"] + 40
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(_FRAMES)
    for step in range(120):
        page.mouse.move(x + 3 * (step if step < 60 else 120 - step), y)
    frames: list[float] = page.evaluate(_FRAMES_TAKEN)
    page.mouse.up()
    return frames


def memory(page: Page) -> float:
    """Octets of a page's script memory after a collection."""
    wire = page.context.new_cdp_session(page)
    wire.send("HeapProfiler.collectGarbage")
    wire.send("Performance.enable")
    metrics: list[dict[str, Any]] = wire.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"))


def live() -> list[float]:
    """Milliseconds from when an event was observed to when its mark stood in the page."""
    paced = Paced()
    with chromium() as browser, serving(FETCH=paced) as (_, address):
        page = _open(browser, address)
        page.context.add_init_script(f"({_NOTE_DRAWN})()")
        page.locator("#url").fill(URL)
        page.locator("#start").get_by_role("button", name="Trace").click()
        page.locator("main[data-state=done]").wait_for()
        drawn: dict[str, float] = page.evaluate("() => window.drawn_")
    # What was observed before the page was there was drawn with it.
    arrived = min(drawn.values())
    return [
        drawn[str(number)] - at
        for number, at in paced.observed_ms.items()
        if str(number) in drawn and at > arrived
    ]


def _row(what: str, took: Sequence[float], goal: float, percent: int = 50) -> Row:
    measured = percentile(took, percent)
    return what, f"{goal:,.0f} ms", f"{measured:,.1f} ms", verdict(measured <= goal)


def verdict(keeps: bool) -> str:
    """A word for whether a goal was reached."""
    return "kept" if keeps else "missed"
