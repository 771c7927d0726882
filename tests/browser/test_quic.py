"""The pages of a QUIC connection: found, read and left by keyboard and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace
from tests.browser.test_handshake import tab_to


def test_the_summary_leads_to_the_packets_and_one_of_them_to_its_bytes(any_page: Page) -> None:
    page = any_page
    trace(page, "h3")
    page.locator("#summary").get_by_role("link", name="Packets and keys").click()
    expect(page.locator("#packets .frame").first).to_be_visible()
    expect(page.locator("#packets .datagram").first).to_be_attached()
    expect(page.locator("#story")).to_contain_text("ClientHello")
    page.locator("#packets").get_by_role("link", name=re.compile("^sent, Initial: CRYPTO")).click()
    expect(page).to_have_url(re.compile(r"/e/\d+\?u=\d+"))
    expect(page.locator("#tree")).to_contain_text("crypto_data")
    page.get_by_role("link", name="All its packets").click()
    page.get_by_role("link", name="The streams of HTTP/3 on it").click()
    page.locator("#lanes").get_by_role("link", name=re.compile("HEADERS")).first.click()
    expect(page.locator("#tree")).to_contain_text("http3_headers")


def test_a_retry_and_a_lost_connection_are_told(any_page: Page) -> None:
    page = any_page
    page.goto(f"{trace(page, 'h3-retry')}/quic")
    expect(page.locator("#story")).to_contain_text("kept nothing")


def test_a_lost_request_is_joined_to_what_carried_it_again_while_one_is_open(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 1440, "height": 844})
    path = trace(page, "h3-lost-request")
    lost = page.locator("#wide .mark.lost").first
    number = lost.get_attribute("data-n")
    # What was told lost at the end stands in its place among what was shown while it ran.
    places, order = ("#rows tr", "#ladder .mark"), "all => all.map(one => Number(one.dataset.n))"
    grown = [page.locator(place).evaluate_all(order) for place in places]
    again = new_page(viewport={"width": 1440, "height": 844})
    again.goto(path)
    assert grown == [again.locator(place).evaluate_all(order) for place in places]
    expect(page.locator(f"#ladder .bow.again[data-members^='{number}-{number} ']")).to_have_count(1)
    link = page.locator(f"#wide .bow.again[data-members^='{number}-{number} ']").first
    page.goto(f"{path}/e/1?m=steps")
    expect(link).to_be_attached()
    expect(link).to_be_hidden()
    lost.focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    fates = page.locator(".fates")
    expect(fates).to_contain_text("The server lost this packet on purpose")
    fates.get_by_text("Carried again by:").get_by_role("link").click()
    expect(page.locator(".fates")).to_contain_text("Carries again some of:")
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()


def test_by_keyboard_alone_to_an_ack(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1440, "height": 844})
    page.goto(f"{trace(page, 'h3')}/quic")
    tab_to(page, re.compile(r"^ACK in .*: covers 0"))
    page.keyboard.press("Enter")
    expect(page.locator("#tree")).to_contain_text("ack")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_but_the_regions_for_it_scrolls_sideways(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    path = trace(page, "h3-streams")
    for part in ("quic", "http3"):
        page.goto(f"{path}/{part}")
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") == width
