"""The byte pane, to the bit: bits, ranges, and the address of each."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import trace


def open_event(page: Page, target: str, title: str) -> str:
    """Open the event of a fresh trace; returns its address."""
    trace(page, target)
    row = page.locator("#events tr").filter(has_text=title).first
    address = row.locator("a[data-n]").first.get_attribute("href")
    assert address is not None
    page.goto(address)
    expect(page.locator("#octets .row").first).to_be_visible()
    return address


def large_event(page: Page) -> str:
    """The number of the first step whose unit is not loaded whole."""
    for link in page.locator("#events a[data-n]").all():
        number = link.get_attribute("data-n") or ""
        address = link.get_attribute("href") or ""
        size = re.search(r'data-size="(\d+)"', page.request.get(address).text())
        if size and int(size[1]) > 1 << 18:
            return number
    raise AssertionError


def marked_bit(page: Page) -> Locator:
    return page.locator("#spot .bit[aria-current]")


def test_a_link_to_a_bit_opens_cold_with_and_without_a_script(
    new_page: Callable[..., Page],
) -> None:
    first = new_page()
    open_event(first, "plain", "DNS answer")
    first.locator("#tree .item[data-name=qr] > .field").click()
    expect(marked_bit(first)).to_have_attribute("aria-label", re.compile("bit 7 at offset 2, .*qr"))
    marked_bit(first).click()
    expect(first).to_have_url(re.compile(r"f=16-17&b=2\.7$"))
    link = first.locator("#spot-link")
    expect(link).to_have_attribute("href", re.compile(r"f=16-17&b=2\.7#spot$"))
    for script in (True, False):
        other = new_page(java_script_enabled=script)
        other.goto(link.get_attribute("href") or "")
        expect(marked_bit(other)).to_have_attribute("data-bit", "2.7")
        expect(marked_bit(other)).to_be_in_viewport()
        expect(other.locator("#tree .field.on .name")).to_have_text("qr")
        expect(other.locator("#octets .hex .sel")).to_have_text(re.compile("^8"))


def test_arrows_go_from_bit_to_bit_and_the_fields_follow(script_page: Page) -> None:
    address = open_event(script_page, "plain", "DNS answer")
    script_page.goto(f"{address}?u=1&b=2.7")
    marked_bit(script_page).focus()
    script_page.keyboard.press("ArrowRight")
    expect(script_page.locator("#spot .bit:focus")).to_have_attribute("data-bit", "2.6")
    expect(script_page.locator("#tree .field.on .name")).to_have_text("opcode")
    script_page.keyboard.press("ArrowDown")
    expect(script_page.locator("#spot .bit:focus")).to_have_attribute("data-bit", "3.6")
    expect(script_page).to_have_url(re.compile(r"b=3\.6$"))
    expect(script_page.locator("#tree .field.on .name")).to_have_text("z")


def test_shift_and_arrows_choose_a_range_that_is_read_and_copied(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    address = open_event(page, "plain", "DNS answer")
    page.goto(f"{address}?u=1&b=4")
    expect(page.locator("#octets .row[data-width]").first).to_be_visible()
    page.keyboard.press("b")
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile(r"b=4-5$"))
    expect(page.locator(".readings")).to_contain_text("u16, big-endian1")
    expect(page.locator("#spoken")).to_have_text("offsets 4 to 5, 2 bytes")
    page.keyboard.press("r")  # from the question on, without the depths to choose from
    question = page.locator("#explanation-title").inner_text()
    expect(page.locator("#spoken")).to_have_text(re.compile(f"^{re.escape(question)}"))
    page.locator("[data-copy=python]").click()
    expect(page.locator("#spoken")).to_have_text("Copied as Python bytes.")
    assert page.evaluate("navigator.clipboard.readText()") == r"b'\x00\x01'"
    page.locator("[data-copy=link]").click()
    expect(page.locator("#spoken")).to_contain_text("link")
    assert page.evaluate("navigator.clipboard.readText()") == f"{page.url}#spot"


def test_dragging_chooses_a_range_and_a_leaf_takes_it_back(script_page: Page) -> None:
    open_event(script_page, "plain", "DNS answer")
    row = script_page.locator("#octets .row[data-width] .hex.half1").first
    box = row.bounding_box()
    assert box is not None
    octet, y = box["width"] / 8, box["y"] + box["height"] / 2
    script_page.mouse.move(box["x"] + 1.4 * octet, y)
    script_page.mouse.down()
    script_page.mouse.move(box["x"] + 5.4 * octet, y, steps=4)
    script_page.mouse.up()
    expect(script_page).to_have_url(re.compile(r"b=1-5$"))
    script_page.locator("#tree .item[data-name=qdcount] > .field").click()
    expect(script_page.locator("#octets .hex .sel")).to_have_text("00 01")
    expect(script_page).not_to_have_url(re.compile("b="))


def test_of_a_large_body_the_ends_come_first_and_the_rest_when_asked(script_page: Page) -> None:
    got: list[int] = []
    script_page.on(
        "response",
        lambda response: (
            got.append(int(response.headers["content-length"])) if ".bin" in response.url else None
        ),
    )
    base = trace(script_page, "big")
    script_page.goto(f"{base}/e/{large_event(script_page)}")
    absent = script_page.locator("#octets-absent")
    expect(absent).to_be_visible()
    assert sorted(got) == [4_096, 65_536]
    script_page.locator("#octets").focus()
    script_page.keyboard.press("Control+End")
    expect(script_page.locator("#octets .row .cursor").first).to_be_visible()
    absent.locator("button").click()
    expect(absent).to_be_hidden()
    expect(script_page.locator("#octets .row:not(:has(.hex))")).to_have_count(0)


@pytest.mark.parametrize(("pixels", "octets"), [(1440, 16), (390, 8), (320, 4)])
def test_narrow_panes_have_fewer_bytes_in_a_row(
    new_page: Callable[..., Page], pixels: int, octets: int
) -> None:
    page = new_page(viewport={"width": pixels, "height": 900})
    open_event(page, "plain", "DNS answer")
    expect(page.locator("#octets .row").first).to_have_attribute("data-width", str(octets))
    assert page.evaluate("document.documentElement.scrollWidth") <= pixels
