"""All of it by keys: from an address to a field's explanation and back, and along the timeline."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from bench.generated import generated
from tests.browser.conftest import trace
from tools.keyboard_walk import walk

DESK = {"viewport": {"width": 1440, "height": 900}}
LOOK = "#drawing .look"


def test_from_an_address_to_the_length_of_the_clienthello_and_back(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(look="", **DESK)
    trace(page, "tls13")
    url = page.locator("#url").input_value()
    page.goto("/")
    heard = [step.heard for step in walk(page, url)]
    assert "length 512 2 B, treeitem, level 2, selected" in heard
    assert any(re.match(r"TLS handshake, [\d.]+ \w+, \d+ percent, ", line) for line in heard)
    assert any(re.match(r"Event \d+, sent, .+, option, selected$", line) for line in heard)
    assert any(line.endswith(", byte grid") for line in heard)
    assert heard[-1].startswith("Address, textbox")


def test_keys_of_one_character_can_be_switched_off_and_that_is_remembered(
    script_page: Page,
) -> None:
    page = script_page
    trace(page, "plain")
    sheet = page.locator("#keys")
    page.keyboard.press("?")
    expect(sheet).to_be_visible()
    page.locator("#letters").press("Space")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.reload()
    first = page.locator("#wide .mark.on").get_attribute("data-n")
    page.keyboard.press("n")
    page.keyboard.press("?")
    page.locator("#wide .mark.on").focus()
    page.keyboard.press("ArrowRight")  # has no character, and still works
    expect(page.locator(f"#wide .mark.on:not([data-n='{first}'])")).to_have_count(1)
    after = page.locator("#wide .mark").evaluate_all("all => all.map(one => one.dataset.n)")
    on = page.locator("#wide .mark.on").get_attribute("data-n")
    assert after.index(on) == after.index(first) + 1
    expect(sheet).to_be_hidden()


def test_comma_and_full_stop_stay_with_a_stream_or_a_peer_and_a_layer(script_page: Page) -> None:
    page = script_page
    trace(page, "tls13")
    mark = page.locator("#wide .mark.connect")
    lane, number = (mark.get_attribute(name) for name in ("data-lane", "data-n"))
    mark.focus()
    here = page.locator("#wide .mark:focus")
    for kind in ("connected", "close"):  # not what TLS and HTTP say in between
        page.keyboard.press(".")
        expect(here).to_have_class(re.compile(rf"\b{kind} L-tcp\b"))
        expect(here).to_have_attribute("data-lane", lane or "")
    page.keyboard.press(",")
    page.keyboard.press(",")
    expect(here).to_have_attribute("data-n", number or "")
    trace(page, "h2-streams")
    asked = page.locator("#wide .mark[data-streams~='1/3']")  # the second request
    asked.first.focus()
    for press in (".", "."):  # nothing comes after its answer, although stream 0 goes on
        page.keyboard.press(press)
        expect(here).to_have_attribute("data-n", asked.last.get_attribute("data-n") or "")
    expect(page.locator("#at-end")).to_have_text("That was the last event of this stream.")
    expect(page.locator("#status")).to_have_text("That was the last event of this stream.")
    page.keyboard.press(",")
    expect(page.locator("#at-end")).to_be_hidden()
    expect(here).to_have_attribute("data-n", asked.first.get_attribute("data-n") or "")


def test_among_totals_the_arrow_keys_go_from_event_to_event(
    new_page: Callable[..., Page], keep: Callable[..., str]
) -> None:
    page = new_page(look="time.1300.1", **DESK)
    page.goto(f"{keep(generated(2_000))}/e/1000?m=time")
    look = page.locator(LOOK)
    expect(look).to_have_attribute("data-totals", "")
    expect(page.locator(".legend").first).to_contain_text(
        "showing totals, zoom in for single events"
    )
    expect(page.locator("#wide .sum")).not_to_have_count(0)
    page.locator("#wide .mark.on").focus()
    for number in (1001, 1002):
        page.keyboard.press("ArrowRight")
        expect(page.locator(f"#wide .mark[data-n='{number + 1}']")).to_have_count(1)
        expect(page.locator(f"#wide .mark.on[data-n='{number}']")).to_be_focused()
        expect(page.locator("#drawing")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("f")
    expect(look).not_to_have_attribute("data-span", "")
    expect(look).not_to_have_attribute("data-totals", "")
