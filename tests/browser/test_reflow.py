"""Pages hold at 400 % zoom, with wider text, and around bytes from right to left.

That they hold with longer words is asked in test_acceptance.py, in a language that has them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import trace
from tests.browser.test_time import show

SPACED = """() => {
  for (const one of document.querySelectorAll("body *")) {
    if (one.closest("svg")) continue;
    one.style.setProperty("line-height", "1.5", "important");
    one.style.setProperty("letter-spacing", "0.12em", "important");
    one.style.setProperty("word-spacing", "0.16em", "important");
  }
}"""
CLIPPED = """() => [...document.querySelectorAll("button, .button, .pill, label, summary, h1, h2")]
  .filter((one) => one.getClientRects().length && !one.closest(".vh, dialog, [popover]"))
  .filter((one) => getComputedStyle(one).overflowX !== "visible")
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 120))"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
BEYOND = """() => [...document.querySelectorAll("button, .button, a.logo, input, select")]
  .filter((one) => one.getClientRects().length)
  .filter((one) => !one.closest(".scroll, dialog, [popover], .skip-links"))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < -1 || box.right > innerWidth + 1;
  })
  .map((one) => one.outerHTML.slice(0, 120))"""


def pages(page: Page) -> list[str]:
    path = trace(page, "tls13")
    return ["/", path, f"{path}/list", "/about", "/learn", "/style"]


def test_nothing_is_clipped_or_runs_out_of_the_page_where_letters_stand_apart(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 320, "height": 800})
    for address in pages(page):
        page.goto(address)
        page.evaluate(SPACED)
        assert page.evaluate(CLIPPED) == [], address
        assert page.evaluate(BEYOND) == [], address
        assert page.evaluate(SIDEWAYS) <= 0, address


def test_from_right_to_left_bytes_times_and_the_timeline_stay_as_they_are(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(look="time.1300.1", viewport={"width": 1440, "height": 900})
    show(page, f"{trace(page, 'tls13')}?m=time")
    before = places(page)
    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(BEYOND) == []
    after = places(page)
    assert after["order"] == before["order"]
    assert after["marks"] == pytest.approx(before["marks"], abs=1)
    assert after["url"] == "ltr"
    logo, links = (page.locator(one).bounding_box() for one in (".logo", ".top-links"))
    assert logo is not None
    assert links is not None
    assert logo["x"] > links["x"]  # the rest of the page has turned round


def places(page: Page) -> dict[str, Any]:
    """Where bytes and marks stand, counted from the left of what they stand in."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const left = (one) => one.getBoundingClientRect().left;
          const all = (selector) => [...document.querySelectorAll(selector)];
          const row = "#octets .row:first-child";
          const base = left(document.getElementById("wide"));
          return {
            order: all(`${row} .offset, ${row} .hex, ${row} .text`)
              .sort((a, b) => left(a) - left(b)).map((one) => one.className),
            marks: all("#wide .mark .hit").map((one) => left(one) - base),
            url: getComputedStyle(document.getElementById("url")).direction,
          };
        }"""
    )
    return found
