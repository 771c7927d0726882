"""Pages with and without script: whole in both, and never wider than the screen."""

from __future__ import annotations

import gzip
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace

COVER = re.compile(r"([\d,]+) fields? covers? ([\d,]+) of ([\d,]+) bytes?\.")


def test_a_click_on_a_lab_server_leads_to_its_finished_trace(any_page: Page) -> None:
    trace(any_page, "tls13")
    expect(any_page.locator(".summary .pill")).to_contain_text("200 OK")
    expect(any_page.locator("#stages .stage")).not_to_have_count(0)
    expect(any_page.locator("#wide .mark")).not_to_have_count(0)
    expect(any_page.locator("#rows tr")).not_to_have_count(0)
    expect(any_page.locator("#octets .row").first).to_be_visible()
    expect(any_page.locator("#explanation-title")).not_to_be_empty()
    assert any_page.locator("h1").count() == 1


def test_fields_cover_all_bytes_of_every_event_without_script(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(java_script_enabled=False)
    trace(page, "tls12")
    links = page.locator("#rows td a").evaluate_all("links => links.map(link => link.href)")
    with_octets = 0
    for link in links:
        page.goto(link)
        expect(page.locator("#event-title")).not_to_be_empty()
        if page.locator("#octets").count() == 0:
            continue
        with_octets += 1
        cover = COVER.search(page.locator(".cover").inner_text())
        assert cover is not None
        assert cover.group(2) == cover.group(3)
        size = int(page.locator("#octets").get_attribute("data-size") or 0)
        assert int(cover.group(3).replace(",", "")) == size
        assert page.locator("#octets .row").count() == min(-(-size // 16), 256)
    assert with_octets >= 4


def test_a_field_can_be_opened_without_script(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    trace(page, "plain")
    leaf = page.locator("#tree .leaf > .field").nth(2)
    name = leaf.locator(".name").inner_text()
    leaf.click()
    expect(page.locator("#tree .field.on .name")).to_have_text(name)
    expect(page.locator("#explanation dd").first).to_have_text(name)
    expect(page.locator("#octets .run.sel").first).to_be_visible()


def test_a_refused_address_is_explained_in_place(any_page: Page) -> None:
    any_page.goto("/")
    any_page.locator("#url").fill("ftp://lab.test/")
    any_page.get_by_role("button", name="Trace", exact=True).click()
    expect(any_page.locator("#url-error")).to_be_visible()
    expect(any_page.locator("#url")).to_have_attribute("aria-invalid", "true")


def test_a_failure_keeps_what_came_before_it(any_page: Page) -> None:
    trace(any_page, "expired")
    expect(any_page.locator("#failure .card h2")).to_be_visible()
    expect(any_page.locator("#rows tr")).not_to_have_count(0)
    expect(any_page.locator(".stage.failed")).to_have_count(1)
    expect(any_page.locator(".stage.unreached")).not_to_have_count(0)


SCREENS = [(390, 844), (320, 256), (1024, 768)]
"""Pixels: a phone, a screen of 1280 by 1024 enlarged four times, and a tablet."""


@pytest.mark.thorough
def test_no_page_scrolls_sideways(new_page: Callable[..., Page]) -> None:
    page = new_page(has_touch=True)
    paths = [trace(page, target) for target in ("tls13", "expired", "redirect")]
    hello = page.locator("#rows td a").nth(4).get_attribute("href")
    for path in [
        "/",
        *paths,
        hello,
        f"{paths[0]}/list",
        f"{paths[0]}/again",
        f"{paths[0]}/sockets",
        "/by-hand",
        "/about",
        "/learn",
        "/t/nothing",
        "/words/alpn",
    ]:
        page.goto(str(path))
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            wide, screen_wide = page.evaluate(
                "() => [document.scrollingElement.scrollWidth, "
                "document.documentElement.clientWidth]"
            )
            assert wide <= screen_wide, (path, width)


def test_what_a_finger_presses_on_a_phone_is_large_enough(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    trace(page, "plain")
    small = page.evaluate(
        """() => [...document.querySelectorAll(
               'button, .button, .field, .pane-links a, .units a, select, input.input')]
             .filter(one => one.getClientRects().length)
             .map(one => [one.className, one.getBoundingClientRect()])
             .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
             .map(([name, box]) => `${name} ${box.width} x ${box.height}`)"""
    )
    assert small == []
    # An arrow's bytes are far below it: the foot of the page leads there and back.
    page.locator("#ladder .mark.receive").first.tap()
    expect(page.locator("#event-title")).not_to_be_in_viewport()
    page.locator(".to-panes").tap()
    expect(page.locator("#event-title")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(r"/e/\d+$"))
    page.locator(".to-timeline").tap()
    expect(page.locator("#stages")).to_be_in_viewport()


def test_a_small_desk_has_five_rows_of_bytes_above_the_player(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 1024, "height": 768})
    path = trace(page, "h2")
    page.locator("#wide .mark", has_text="ClientHello").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#event-title")).to_have_text("ClientHello")
    page.goto(f"{path}/e/{page.locator('#wide .mark.on').get_attribute('data-n')}?m=time")
    expect(page.locator("#octets .row[data-width]").nth(5)).to_be_attached()
    seen = page.evaluate(
        """() => {
             const foot = document.getElementById("player").getBoundingClientRect().top;
             return [...document.querySelectorAll("#octets .row")]
               .filter(row => row.getBoundingClientRect().bottom <= foot).length;
           }"""
    )
    assert seen >= 5


def test_a_finished_trace_is_a_light_page(new_page: Callable[..., Page], server: str) -> None:
    page = new_page(java_script_enabled=False)
    path = trace(page, "tls13")
    with urllib.request.urlopen(f"{server}{path}", timeout=10) as answer:
        html = answer.read()
    assert len(gzip.compress(html)) <= 40 * 1024


def test_paper_shows_timeline_bytes_and_words(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 794, "height": 1123})
    trace(page, "plain")
    page.emulate_media(media="print")
    for part in ("#stages", "#events", "#octets", "#explanation", "#fields"):
        expect(page.locator(part)).to_be_visible()
    expect(page.locator(".steps")).to_be_hidden()


def test_small_links_are_large_enough_and_code_is_not_cut(script_page: Page) -> None:
    trace(script_page, "early-close")
    for link in (".top-links > a", "#failure .saw a", "#events .more a"):
        box = script_page.locator(link).first.bounding_box()
        assert box is not None
        assert box["height"] >= 24, link
    # A call whose line is longer than the pane is wide.
    script_page.locator("#rows tr", has_text="DNS query").first.locator("a").click()
    expect(script_page.locator("#event-title")).to_contain_text("DNS query")
    for cut in (".source", ".callers"):
        wide, shown = script_page.locator(cut).evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert wide <= shown, cut
