"""The page of an HTTP/2 connection: found, read and left by keyboard and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace
from tests.browser.test_handshake import tab_to


def test_the_summary_leads_to_the_streams_and_a_frame_to_its_bytes(any_page: Page) -> None:
    page = any_page
    trace(page, "h2-streams")
    page.locator("#summary").get_by_role("link", name="Streams and windows").click()
    expect(page.locator("#lanes .frame").first).to_be_visible()
    page.get_by_role("link", name="Stream 3", exact=True).click()
    expect(page.locator("#states")).to_contain_text("What stream 3 did")
    page.get_by_role("link", name=re.compile("^Step 1, from idle to open")).click()
    expect(page).to_have_url(re.compile(r"/e/\d+\?u=\d+"))
    expect(page.locator("#tree")).to_contain_text("http2_headers")


def test_a_field_leads_to_its_bits(any_page: Page) -> None:
    page = any_page
    page.goto(f"{trace(page, 'h2')}/http2")
    page.locator("#sections").get_by_role("link", name=re.compile("indexed")).first.click()
    expect(page.locator("#tree .field.on")).to_contain_text("indexed_header_field")


@pytest.mark.parametrize("width", [1440, 390])
def test_by_keyboard_alone_to_the_bytes_of_a_frame(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    page.goto(f"{trace(page, 'h2')}/http2")
    tab_to(page, re.compile("^Ending$"))
    for _ in range(2):  # the region that scrolls, then the first frame in it
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#tree")).to_contain_text("http2_settings")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_but_the_regions_for_it_scrolls_sideways(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    page.goto(f"{trace(page, 'small-window')}/http2")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_on_a_phone_the_way_of_a_request_is_in_sight(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{trace(page, 'h2')}/http2")
    for box in page.locator(".state.walked").all():
        place = box.bounding_box()
        assert place is not None
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= 390
