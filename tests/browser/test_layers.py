"""The boundary ruler: chosen, walked and zoomed by hand, by keyboard and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace
from tests.browser.test_accessibility import complaints

Pages = Callable[..., Page]


def test_the_width_leads_to_bytes_and_a_chunk_to_the_reads_it_came_in(any_page: Page) -> None:
    page = any_page
    trace(page, "chunked")
    page.get_by_role("link", name="Width shows bytes").click()
    expect(page).to_have_url(re.compile(r"/layers/tcp:1(\?|$)"))
    page.locator("#strip-received .unit", has_text="chunk of 304 bytes").click()
    expect(page.locator("#said")).to_contain_text("of which 304 are payload")
    expect(page.locator("#said")).to_contain_text(re.compile("It came in"))
    expect(page).to_have_url(re.compile(r"[?&]u=\d+$"))
    page.get_by_role("link", name="See its bytes").click()
    expect(page.locator("#tree")).to_contain_text("chunk_size")


def test_arrows_go_from_box_to_box_and_a_step_back_is_the_selection_before(
    script_page: Page,
) -> None:
    page = script_page
    page.goto(f"{trace(page, 'h2')}/layers/tcp:1")
    expect(page.locator("#strip-received .unit[tabindex='0']")).to_have_count(1)
    page.locator("#strip-received .unit").last.focus()
    page.keyboard.press("Home")
    expect(page.locator(".unit:focus")).to_have_attribute("aria-label", re.compile("^read 1,"))
    page.keyboard.press("Enter")
    expect(page.locator("#said-title")).to_have_text("read 1")
    expect(page.locator(".unit.on:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#said-title")).to_have_text("read 2")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".unit:focus")).not_to_have_attribute("aria-label", re.compile("^read"))
    page.go_back()
    expect(page.locator("#said-title")).to_have_text("read 1")
    page.keyboard.press("Escape")
    expect(page.locator("#said")).to_contain_text("Choose any box")


def test_keys_and_the_wheel_zoom_and_the_address_says_it(script_page: Page) -> None:
    page = script_page
    page.goto(f"{trace(page, 'chunked')}/layers/tcp:1")
    strip = page.locator("#strip-received svg.strip")
    octets = strip.get_attribute("data-octets") or ""
    expect(strip).to_have_attribute("data-to", octets)
    page.keyboard.press("+")
    expect(strip).not_to_have_attribute("data-to", octets)
    expect(page).to_have_url(re.compile(r"\?z=\d+-\d+$"))
    page.keyboard.press("0")
    expect(strip).to_have_attribute("data-to", octets)
    expect(page).to_have_url(re.compile(r"tcp:1$"))
    strip.hover(position={"x": 100, "y": 20})
    page.keyboard.down("Control")
    page.mouse.wheel(0, -400)
    page.keyboard.up("Control")
    expect(strip).not_to_have_attribute("data-to", octets)


def test_a_drag_pans_and_is_no_click(script_page: Page) -> None:
    page = script_page
    page.goto(f"{trace(page, 'big')}/layers/tcp:1?z=100000-200000")
    strip = page.locator("#strip-received svg.strip")
    expect(strip).to_have_attribute("data-from", "100000")
    box = strip.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 500, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 60, steps=4)
    page.mouse.up()
    expect(strip).not_to_have_attribute("data-from", "100000")
    expect(page).to_have_url(re.compile(r"\?z=1[0-9]{5}-2[0-9]{5}$"))
    expect(page.locator(".unit.on")).to_have_count(0)


@pytest.mark.thorough
def test_axe_finds_nothing_and_only_the_strip_scrolls_sideways(new_page: Pages) -> None:
    page = new_page(
        viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce"
    )
    page.goto(f"{trace(page, 'h3')}/layers/udp:3")
    page.locator("#strip-received .unit:not(.run)").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#said-title")).to_have_text(re.compile("^read"))
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert complaints(page) == []
