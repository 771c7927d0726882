"""axe finds nothing, in both themes, with and without an open field."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from netcore.trace import encode
from tests.browser.conftest import trace
from tests.netcore.test_path import WHOLE

SCREENS = {
    "desk": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


def complaints(page: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{page.url} {each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


@pytest.mark.thorough
def test_axe_finds_nothing(new_page: Callable[..., Page]) -> None:
    page = new_page(color_scheme="dark", reduced_motion="reduce", **SCREENS["phone"])
    page.goto("/")
    found = complaints(page)
    for target in ("tls13", "expired"):
        path = trace(page, target)
        found += complaints(page)
    page.locator("#rows td a").nth(2).click()
    expect(page.locator("#event-title")).to_be_focused()
    tab = page.locator(".pane-links a[href='#fields']")
    if tab.is_visible():
        tab.click()
    page.locator("#tree .field").nth(3).click()
    expect(page.locator("#tree .field.on")).to_have_count(1)
    found += complaints(page)
    streams = f"{trace(page, 'h2-streams')}/http2"
    quic = trace(page, "h3-lossy")
    for other in (
        f"{path}/list",
        f"{path}/again",
        streams,
        f"{quic}/quic",
        f"{quic}/http3",
        "/about",
        "/style",
        "/learn",
        "/learn/sockets/1",
        "/t/nothing",
    ):
        page.goto(other)
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        found += complaints(page)
    assert found == []


@pytest.mark.thorough
def test_what_is_told_beside_the_timeline_has_no_fault(new_page: Callable[..., Page]) -> None:
    page = new_page(reduced_motion="reduce", **SCREENS["phone"])
    found, addresses = [], [f"{trace(page, 'from-the-root')}", open_saved(page)]
    for address in (
        *addresses,
        f"{addresses[0]}/sockets",
        f"{addresses[0]}/stream/tcp:1",
        f"{addresses[1]}/http2",
        "/by-hand",
    ):
        page.goto(address)
        found += complaints(page)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
    page.get_by_label("Send exactly this").fill(r"\q")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#text-error")).to_be_visible()
    found += complaints(page)
    assert found == []


def open_saved(page: Page) -> str:
    """Open a saved trace with a path; returns its address."""
    page.goto("/")
    saved = FilePayload(name="t.jsonl", mimeType="application/x-ndjson", buffer=encode(WHOLE))
    page.get_by_label("Open a saved trace").set_input_files(saved)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("heading", name="path")).to_be_visible()
    return page.url


def test_a_page_that_is_not_there_leads_back_to_its_trace(any_page: Page) -> None:
    # Where a script runs, the address goes on to the event that is open.
    path = trace_without_script(any_page).partition("/e/")[0]
    any_page.goto(f"{path}/http2")
    any_page.get_by_role("link", name="Back to the trace").click()
    expect(any_page).to_have_url(re.compile(re.escape(path) + r"(/e/\d+)?$"))


@pytest.mark.thorough
def test_axe_finds_nothing_without_script_marks(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.route("**/main.js", lambda route: route.abort())
    path = trace_without_script(page)
    assert complaints(page) == [], path


def trace_without_script(page: Page) -> str:
    page.goto("/")
    page.locator("button[name=lab][value=plain]").click()
    for _ in range(100):  # nothing redraws this page: it is asked for until the trace is in it
        if page.locator("main[data-state=done]").count():
            break
        page.reload()
    expect(page.locator("#rows tr").first).to_be_visible()
    return page.url


@pytest.mark.thorough
def test_the_keys_sheet_has_no_fault(script_page: Page) -> None:
    trace(script_page, "plain")
    script_page.keyboard.press("?")
    expect(script_page.locator("#keys")).to_be_visible()
    assert complaints(script_page) == []
