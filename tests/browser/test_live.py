"""A running trace: seen while it runs, and whole although its stream was cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Page, expect

from lab import Lab
from tests.browser.conftest import FINISHED

LINGER = (socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # close with a reset


class Proxy:
    """Stands between browser and application; `cut` breaks all connections there are."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._lock = threading.Lock()
        self.asked_for_events = 0

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
                    self.asked_for_events += 1
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
    """`slow` holds its body back until this is set."""
    release = lab.servers["slow"].release
    release.clear()
    yield release
    release.set()


def start(page: Page, target: str) -> None:
    page.goto("/")
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
    assert proxy.asked_for_events == 1
    proxy.cut()
    expect(page.locator("#lost")).to_be_visible()
    held.set()
    expect(page.locator(FINISHED)).to_be_visible()
    assert proxy.asked_for_events >= 2
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


def test_a_running_trace_refreshes_itself_without_script(
    new_page: Callable[..., Page], held: threading.Event
) -> None:
    page = new_page(java_script_enabled=False)
    start(page, "slow")
    expect(page.locator("#rows")).to_contain_text("connected")
    held.set()
    expect(page.locator("main")).to_have_attribute("data-state", "done")
