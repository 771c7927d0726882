"""The first screen of a trace: the panes end above the player's bar, whatever stands above them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace

SCREENS = [(1440, 900), (1280, 720), (1024, 768)]

OVER = """selectors => {
  const bar = document.querySelector(".steps").getBoundingClientRect().top;
  return selectors.map(selector => document.querySelector(selector))
    .filter(one => one.getClientRects().length)
    .map(one => [one.id || one.className, one.getBoundingClientRect().bottom - bar])
    .filter(([, over]) => over > 0.5);
}"""
"""What of some elements reaches below the top of the bar, and by how much."""


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("screen", SCREENS, ids=[f"{width}" for width, _ in SCREENS])
def test_the_feet_of_the_panes_stand_above_the_bar(
    new_page: Callable[..., Page], screen: tuple[int, int], script: bool
) -> None:
    width, height = screen
    page = new_page(
        look="", java_script_enabled=script, viewport={"width": width, "height": height}
    )
    path = trace(page, "tls13")
    feet = [".cover", "#spot", "#spot .spot-line"]
    assert page.evaluate(OVER, feet) == []
    row = page.locator("#rows tr").filter(has_text="ClientHello").first
    for address in (row.locator("a").first.get_attribute("href"), f"{path}?m=steps"):
        page.goto(str(address))
        expect(page.locator("#octets .row").first).to_be_visible()
        assert page.evaluate(OVER, feet) == []


def test_the_last_rows_of_the_page_are_not_under_the_bar(script_page: Page) -> None:
    trace(script_page, "plain")
    script_page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert script_page.evaluate(OVER, ["#rows tr:last-child"]) == []
    expect(script_page.locator("#player")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("screen", [(1024, 768), (390, 844)], ids=["desk", "phone"])
def test_bits_are_in_sight_once_they_are_asked_for(
    new_page: Callable[..., Page], screen: tuple[int, int]
) -> None:
    width, height = screen
    page = new_page(look="", viewport={"width": width, "height": height})
    trace(page, "tls13")
    row = page.locator("#rows tr").filter(has_text="ClientHello").first
    page.goto(f"{row.locator('a').first.get_attribute('href')}?f=24-40")
    page.locator("#octet-ways").get_by_role("link", name="Bits").click()
    expect(page.locator("#spot .bit")).to_have_count(16)
    expect(page.locator("#spot .bit").last).to_be_in_viewport(ratio=1)
    assert page.evaluate(OVER, ["#spot .bit-octet:last-child .bit-row"]) == []


def test_the_way_of_octets_opens_where_its_triangle_is(new_page: Callable[..., Page]) -> None:
    for width in (1440, 1024, 390):
        page = new_page(viewport={"width": width, "height": 900})
        trace(page, "tls13")
        row = page.locator("#rows tr").filter(has_text="ClientHello").first
        page.goto(str(row.locator("a").first.get_attribute("href")))
        summary = page.locator("#lineage > summary")
        place = """one => { const at = one.getBoundingClientRect();
            return [at.x, at.y - one.closest("header").getBoundingClientRect().y]; }"""
        before = summary.evaluate(place)
        assert summary.evaluate("one => getComputedStyle(one).display") == "list-item"
        summary.click()
        expect(page.locator("#lineage-steps")).to_be_visible()
        assert summary.evaluate(place) == pytest.approx(before, abs=2)


@pytest.mark.parametrize("width", [390, 360])
def test_on_a_phone_the_head_is_one_row_and_the_address(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    path = trace(page, "tls13")
    for address in (path, f"{path}/sockets", f"{path}/onlooker", f"{path}/tls/1/trust", "/learn"):
        page.goto(address)
        head = page.locator(".top").bounding_box()
        assert head is not None
        assert head["height"] <= 104, address
    for address in ("/", "/by-hand", "/lab"):
        page.goto(address)
        head = page.locator(".top").bounding_box()
        assert head is not None
        assert head["height"] <= 56, address


def test_on_a_phone_no_column_of_the_walk_and_of_the_options_is_out_of_sight(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    trace(page, "from-the-root")
    sides = """table => [...table.querySelectorAll('tbody td')]
        .filter(one => one.getClientRects().length)
        .map(one => one.getBoundingClientRect()).filter(box => box.right > innerWidth).length"""
    assert page.locator("#walk table").evaluate(sides) == 0
    cell = page.locator("#walk tbody td").nth(3)
    assert "What came back" in cell.evaluate("one => getComputedStyle(one, '::before').content")
    page.goto(f"{trace(page, 'plain')}/sockets")
    assert page.locator("table.options").first.evaluate(sides) == 0


def test_on_a_phone_all_of_a_strip_is_in_sight_where_it_says_so(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{trace(page, 'chunked')}/layers/tcp:1")
    expect(page.locator("#strip-received .in-view")).to_have_text("all of it")
    expect(page.locator("#strip-received svg.strip")).not_to_have_attribute("width", "1100")
    wide, shown = page.locator("#strip-received .ruler > .scroll").evaluate(
        "one => [one.scrollWidth, one.clientWidth]"
    )
    assert wide <= shown
