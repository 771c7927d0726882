"""What a hostile server sends is shown and never runs: not from a page, not from the stream."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app import bind, create_app
from netcore.options import Options
from netcore.trace import AnyEvent, Trace
from tests.browser.conftest import FINISHED
from tests.web.recordings import exchange
from web.tracing import OnEvent

ATTACKS = (
    "<script>window.taken=1</script>",
    "<img src=x onerror=window.taken=1>",
    '"><svg onload=window.taken=1>',
    "</title></textarea></style><iframe srcdoc='<script>top.taken=1</script>'>",
    "javascript:window.taken=1",
    "{{ 7 * 7 }}${7*7}<!--",
    "'-alert(1)-'",
    "</td></tr></table><base href=//evil.example/>",
)
BODY = "".join(ATTACKS).encode()


def hostile() -> list[AnyEvent]:
    """A response that attacks in its reason phrase, its field names, its values and its body."""
    fields = "".join(
        f"X-{number}: {attack}\r\n" for number, attack in enumerate(ATTACKS)
    ) + "".join(f"{attack.partition(':')[0]}: 1\r\n" for attack in ATTACKS[:3])
    head = f"HTTP/1.1 200 {ATTACKS[1]}\r\nContent-Length: {len(BODY)}\r\n{fields}\r\n"
    return exchange(head.encode(), BODY)


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """The second half of the events is held back until this is set."""
    made = threading.Event()
    yield made
    made.set()


@pytest.fixture
def hostile_server(tmp_path: Path, go_on: threading.Event) -> Iterator[str]:
    def fetch(url: str, options: Options, on_event: OnEvent | None = None, **_: object) -> Trace:
        events = hostile()
        for number, event in enumerate(events, start=1):
            if number == len(events) // 2:
                go_on.wait(15)
            if on_event is not None:
                on_event(number, event)
        return Trace(url, "2026-01-02T03:04:05.000006Z", options, events)

    app = create_app({"INSTANCE": tmp_path, "FETCH": fetch})
    server = bind(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    go_on.set()
    server.shutdown()
    thread.join(10)
    server.server_close()
    app.extensions["tracing"].close()


def test_octets_that_attack_are_only_shown(
    new_page: Callable[..., Page], hostile_server: str, go_on: threading.Event
) -> None:
    page = new_page(base_url=hostile_server, viewport={"width": 1440, "height": 900})
    page.goto("/")
    page.locator("#url").fill("http://<img src=x onerror=window.taken=1>/")
    page.keyboard.press("Enter")
    expect(page.locator("#url-error")).to_be_visible()
    check(page)
    page.locator("#url").fill("http://plain.example/<svg/onload=window.taken=1>")
    page.keyboard.press("Enter")
    expect(page.locator("#wide .mark")).not_to_have_count(0)
    go_on.set()
    expect(page.locator(FINISHED)).to_be_visible()
    check(page)
    for row in range(page.locator("#rows td a").count()):
        page.locator("#rows td a").nth(row).click()
        expect(page.locator("#event-title")).to_be_focused()
        check(page)
    page.locator("#wide .mark[aria-label*='200']").locator(".pill-box").first.click()
    leaf = page.locator("#tree .leaf > .field", has_text="onerror").first
    leaf.click()
    expect(page.locator("#explanation")).to_contain_text("onerror")
    check(page)
    page.reload()
    check(page)


def check(page: Page) -> None:
    assert page.locator("img, iframe, base, object, main script").count() == 0
    assert page.locator("[onerror], [onload], [href^='javascript:']").count() == 0
    assert page.evaluate("() => window.taken") is None
