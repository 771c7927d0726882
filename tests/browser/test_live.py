"""A running trace: seen while it runs, and whole although its stream was cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from app import bind, create_app
from lab import Lab
from netcore.options import Options
from netcore.trace import AnyEvent, SecretLogged, Trace
from tests.browser.conftest import FINISHED
from tests.web.conftest import STARTED, WAIT_S
from tests.web.recordings import MS, exchange
from web.tracing import OnEvent

LINGER = (socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # close with a reset

NOTE_THE_END = """() => {
    const close = EventSource.prototype.close;
    EventSource.prototype.close = function () {
        document.documentElement.dataset.ended = "yes";
        close.call(this);
    };
}"""


class Proxy:
    """Stands between browser and application; `cut` breaks all connections there are."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._lock = threading.Lock()
        self.asked_for_events = threading.Semaphore(0)  # one for each time

    def start(self) -> None:
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            with self._lock:
                self._pairs.append((near, far))
            for source, sink in ((near, far), (far, near)):
                thread = threading.Thread(target=self._pump, args=(source, sink), daemon=True)
                thread.start()
                self._threads.append(thread)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if data.startswith(b"GET /t/") and b"/events?" in data.split(b"\r\n", 1)[0]:
                    self.asked_for_events.release()
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.setsockopt(*LINGER)
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    host, _, port = server.removeprefix("http://").rpartition(":")
    made = Proxy(host, int(port))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def held(lab: Lab) -> Iterator[threading.Event]:
    """`slow` holds its body back until this is set; afterwards it holds it as it did before."""
    release = lab.servers["slow"].release
    release.clear()
    yield release
    release.set()
    release.clear()


def start(page: Page, target: str) -> None:
    page.goto("/lab")
    page.locator(f"button[name=lab][value={target}]").click()


def numbers(page: Page, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).evaluate_all("all => all.map(one => one.dataset.n)")
    return found


def test_the_connection_is_seen_while_the_server_still_holds_its_body_back(
    script_page: Page, held: threading.Event
) -> None:
    start(script_page, "slow")
    expect(script_page.locator("#wide .mark.connected")).to_be_visible()
    expect(script_page.locator("#rows")).to_contain_text("connected")
    expect(script_page.locator("main")).to_have_attribute("data-state", "running")
    expect(script_page.locator("#pause")).to_be_visible()
    assert not held.is_set()
    before = len(numbers(script_page, "#rows tr"))
    held.set()
    expect(script_page.locator("main")).to_have_attribute("data-state", "done")
    expect(script_page.locator("#status")).to_contain_text("200 OK")
    expect(script_page.locator("#live")).to_be_hidden()
    assert len(numbers(script_page, "#rows tr")) > before


def test_a_stream_that_is_cut_loses_no_event(
    new_page: Callable[..., Page], proxy: Proxy, held: threading.Event
) -> None:
    page = new_page(base_url=proxy.address, viewport={"width": 1440, "height": 900})
    start(page, "slow")
    expect(page.locator("#wide .mark.connected")).to_be_visible()
    assert proxy.asked_for_events.acquire(timeout=WAIT_S)
    assert not proxy.asked_for_events.acquire(blocking=False)
    proxy.cut()
    expect(page.locator("#lost")).to_be_visible()
    held.set()
    expect(page.locator(FINISHED)).to_be_visible()
    assert proxy.asked_for_events.acquire(timeout=WAIT_S)
    live = [numbers(page, each) for each in ("#wide .mark", "#ladder .mark", "#rows tr")]
    texts = page.locator("#rows th").all_inner_texts()
    page.reload()
    finished = [numbers(page, each) for each in ("#wide .mark", "#ladder .mark", "#rows tr")]
    assert live == finished
    assert texts == page.locator("#rows th").all_inner_texts()
    assert len(live[2]) == len(set(live[2])) > 5


def test_a_running_trace_leaves_the_view_to_a_reader_who_has_chosen_something(
    script_page: Page, held: threading.Event
) -> None:
    start(script_page, "slow")
    expect(script_page.locator("#wide .mark.connected")).to_be_visible()
    script_page.locator("#rows td a").first.click()
    expect(script_page.locator("#event-title")).to_be_focused()
    title = script_page.locator("#event-title").inner_text()
    held.set()
    expect(script_page.locator("main")).to_have_attribute("data-state", "done")
    assert script_page.locator("#event-title").inner_text() == title
    expect(script_page.locator("#wide .mark.on")).to_have_count(1)


def test_updates_can_be_paused_and_none_is_lost(script_page: Page, held: threading.Event) -> None:
    start(script_page, "slow")
    expect(script_page.locator("#wide .mark.connected")).to_be_visible()
    script_page.locator("#pause").click()
    expect(script_page.locator("#resume")).to_be_focused()
    rows = numbers(script_page, "#rows tr")
    script_page.evaluate("() => document.getElementById('status').textContent = ''")
    assert numbers(script_page, "#rows tr") == rows
    script_page.locator("#resume").click()
    expect(script_page.locator("#pause")).to_be_visible()
    held.set()
    expect(script_page.locator("main")).to_have_attribute("data-state", "done")
    assert len(numbers(script_page, "#rows tr")) > len(rows)


class InSteps:
    """Stands in for fetch: tells the events before each gate once that gate is open."""

    def __init__(self, *gates: int) -> None:
        self.gates = {number: threading.Event() for number in gates}
        secret = SecretLogged(20 * MS, f"CLIENT_RANDOM {'ab' * 32} {'cd' * 48}")
        self.events: list[AnyEvent] = [*exchange()[:-1], secret, exchange()[-1]]

    def __call__(
        self, url: str, options: Options, on_event: OnEvent | None = None, **_: object
    ) -> Trace:
        assert on_event is not None
        for number, event in enumerate(self.events, start=1):
            if number in self.gates:
                assert self.gates[number].wait(WAIT_S)
            on_event(number, event)
        return Trace(url, STARTED, options, self.events)


@pytest.fixture
def steps(tmp_path: Path) -> Iterator[tuple[InSteps, str]]:
    """A fetch that is told in three steps: nothing to see yet, a question, the rest."""
    fetch = InSteps(2, 6)
    app = create_app({"INSTANCE": tmp_path, "FETCH": fetch})
    server = bind(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield fetch, f"http://127.0.0.1:{server.port}"
    for gate in fetch.gates.values():
        gate.set()
    server.shutdown()
    thread.join(WAIT_S)
    server.server_close()
    app.extensions["tracing"].close()


def stepping(new_page: Callable[..., Page], address: str) -> Page:
    """The page of a trace of which there is nothing to see yet."""
    page = new_page(base_url=address, viewport={"width": 1440, "height": 900})
    page.goto("/")
    page.locator("#url").fill("http://plain.example/")
    page.locator("#url").press("Enter")
    expect(page.locator("#panes .nothing")).to_have_text("The first event will open here.")
    return page


def test_the_first_mark_is_opened_when_it_comes(
    new_page: Callable[..., Page], steps: tuple[InSteps, str]
) -> None:
    fetch, address = steps
    page = stepping(new_page, address)
    fetch.gates[2].set()
    expect(page.locator("#event-title")).to_contain_text("DNS query")
    expect(page.locator("#next")).to_be_visible()
    expect(page.locator("main")).to_have_attribute("data-state", "running")


def test_what_is_paused_stays_paused_when_the_trace_ends(
    new_page: Callable[..., Page], steps: tuple[InSteps, str]
) -> None:
    fetch, address = steps
    page = stepping(new_page, address)
    fetch.gates[2].set()
    expect(page.locator("#event-title")).to_be_visible()
    page.locator("#pause").click()
    held = page.locator("#rows").inner_html(), page.locator("#summary").inner_html()
    page.evaluate(NOTE_THE_END)
    fetch.gates[6].set()
    expect(page.locator("html")).to_have_attribute("data-ended", "yes")
    expect(page.locator("#resume")).to_be_visible()
    assert held == (page.locator("#rows").inner_html(), page.locator("#summary").inner_html())
    expect(page.locator("main")).to_have_attribute("data-state", "running")
    page.locator("#resume").click()
    expect(page.locator("main")).to_have_attribute("data-state", "done")
    expect(page.locator("#summary")).to_contain_text("200 OK")
    expect(page.locator("#live")).to_be_hidden()
    expect(page.locator("#timeline .scroll")).to_be_focused()


def test_the_menu_of_files_offers_what_there_is_and_says_what_is_in_it(
    new_page: Callable[..., Page], steps: tuple[InSteps, str]
) -> None:
    fetch, address = steps
    page = stepping(new_page, address)
    page.get_by_role("button", name="Save").click()
    menu = page.get_by_role("dialog", name="Save this trace")
    expect(menu.get_by_role("button", name="Close")).to_be_focused()
    for name in ("HAR", "Packets", "Explanation"):
        expect(menu.get_by_role("link", name=name)).to_be_disabled()
    expect(menu).to_contain_text("once the fetch has ended")
    expect(menu).not_to_contain_text("keys of the encrypted connections")
    for gate in fetch.gates.values():
        gate.set()
    expect(menu).to_contain_text("So do the keys of the encrypted connections")
    expect(menu).not_to_contain_text("once the fetch has ended")
    with page.expect_download():
        menu.get_by_role("link", name="HAR").click()
    menu.get_by_role("button", name="Close").click()
    expect(menu).to_be_hidden()


def test_a_running_trace_refreshes_itself_without_script(
    new_page: Callable[..., Page], held: threading.Event
) -> None:
    page = new_page(java_script_enabled=False)
    start(page, "slow")
    expect(page.locator("#rows")).to_contain_text("connected")
    held.set()
    expect(page.locator("main")).to_have_attribute("data-state", "done")


def test_a_fetch_is_stopped_and_its_page_stays(script_page: Page, held: threading.Event) -> None:
    start(script_page, "slow")
    expect(script_page.locator("#rows")).to_contain_text("200 OK")
    script_page.get_by_role("button", name="Stop").press("Enter")
    expect(script_page.locator("main")).to_have_attribute("data-state", "cancelled")
    expect(script_page.locator("#failure")).to_contain_text("The fetch was stopped.")
    expect(script_page.locator("#status")).to_contain_text("The fetch was stopped.")
    expect(script_page.locator("#live")).to_be_hidden()
    expect(script_page.locator("#timeline .scroll")).to_be_focused()
    assert not held.is_set()


def test_a_fetch_is_stopped_without_script(
    new_page: Callable[..., Page], held: threading.Event
) -> None:
    page = new_page(java_script_enabled=False)
    start(page, "slow")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("main")).to_have_attribute("data-state", "cancelled")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert not held.is_set()


def test_a_page_that_streams_do_not_reach_asks_for_news(
    script_page: Page, held: threading.Event
) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        if "part=1" in route.request.url:
            return route.fallback()
        refused.append(route.request.url)
        return route.fulfill(status=503)

    script_page.route("**/events?*", refuse)
    start(script_page, "slow")
    expect(script_page.locator("#lost")).to_be_visible()
    expect(script_page.locator("#polling")).to_be_visible()
    expect(script_page.locator("#lost")).to_be_hidden()
    expect(script_page.locator("#rows")).to_contain_text("connected")
    held.set()
    expect(script_page.locator(FINISHED)).to_be_visible()
    expect(script_page.locator("#live")).to_be_hidden()
    assert len(refused) == 3
