"""The player and present mode: stepping is reversible, and playing asks the server for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import ELSEWHERE, fetched, trace

FORTH = 6


def at(page: Page, number: int) -> None:
    """Wait for a step to be open."""
    expect(page.locator("#steps .place")).to_have_text(re.compile(rf"^{number} / \d+$"))


def quick(page: Page) -> None:
    """Play without pauses to read."""
    page.locator("#options").click()
    page.locator("#flowing").check()
    page.locator("#options").click()


def asked_for(page: Page) -> list[str]:
    """What the page asks the server for from now on; a browser looks its icon up by itself."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if not request.url.endswith("/icon.svg"):
            seen.append(request.url.partition("/t/")[2])

    page.on("request", note)
    return seen


def test_steps_forward_and_as_many_back_restore_the_page(script_page: Page) -> None:
    page = script_page
    page.goto(f"{trace(page, 'tls13')}?step=1")
    page.keyboard.press("n")
    page.keyboard.press("n")  # no key is lost, however fast
    at(page, 3)
    expect(page.locator("#event-title")).to_have_text("connect()")
    before = page.locator("body").evaluate("body => body.innerHTML")
    for step in range(FORTH):
        page.keyboard.press("n")
        at(page, 4 + step)
    assert page.locator("body").evaluate("body => body.innerHTML") != before
    for step in range(FORTH):
        page.keyboard.press("p")
        at(page, 2 + FORTH - step)
    expect(page.locator("body")).to_have_js_property("innerHTML", before)


def test_playing_to_the_end_makes_no_request(script_page: Page) -> None:
    page = script_page
    path = trace(page, "plain")
    page.goto(f"{path}?step=1")
    quick(page)
    seen = asked_for(page)
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#wide .mark.future").first).to_be_hidden()
    last = page.locator("#steps .place").get_attribute("data-count")
    expect(page.locator("#steps .place")).to_have_text(f"{last} / {last}", timeout=60_000)
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".future")).to_have_count(0)
    # One answer brought it all, before it began; nothing came after it.
    assert seen == [f"{path.removeprefix('/t/')}/player"]


def test_what_is_still_to_come_is_absent_until_one_leaves(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page.goto(f"{trace(page, 'plain')}?step=2")
    page.locator("#timeline .mark.on").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#wide .mark.future").first).to_be_attached()
    expect(page.locator("#wide .mark:not(.future)").first).to_be_visible()
    expect(page.locator(".stage.future").first).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator(".future")).to_have_count(0)
    expect(page.locator("#event-title")).to_be_visible()


def test_a_question_waits_for_an_answer(script_page: Page) -> None:
    page = script_page
    page.goto(f"{trace(page, 'plain')}?step=4")
    page.locator("#options").click()
    page.locator("#ask-first").check()
    page.keyboard.press("Escape")
    page.locator("#next").click()
    expect(page.locator("#asked")).to_contain_text("accept()")
    at(page, 4)
    page.locator("#prev").click()
    expect(page.locator("#asked")).to_be_hidden()
    page.locator("#next").click()
    expect(page.locator("#asked")).to_be_visible()
    page.locator("#next").click()
    at(page, 5)
    expect(page.locator("#asked")).to_be_hidden()
    expect(page.locator("#steps .caption")).to_contain_text("may not have called accept() yet")


def test_a_fetch_that_was_too_quick_to_see_is_offered_again(script_page: Page) -> None:
    page = script_page
    fetched(page, "plain")
    expect(page.locator("#replay")).to_be_visible()
    page.locator("#replay-go").click()
    expect(page.locator("#play")).to_have_attribute("aria-pressed", "true")
    at(page, 1)
    expect(page.locator("#replay")).to_be_hidden()


def test_how_to_play_stands_above_the_player_on_a_phone(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{trace(page, 'tls13')}?step=6")
    page.locator("#options").click()
    sheet, caption = (
        page.locator(place).evaluate("part => part.getBoundingClientRect().toJSON()")
        for place in ("#player-options", "#steps .caption")
    )
    assert sheet["bottom"] <= caption["top"]
    assert (sheet["left"], sheet["right"]) == (16, 374)


def test_the_qr_code_is_large_by_a_key_where_others_get_to_the_address(
    new_page: Callable[..., Page], server: str
) -> None:
    page = new_page(base_url=server.replace("127.0.0.1", ELSEWHERE))
    page.goto(f"{trace(page, 'tls13')}/present?step=6")
    page.keyboard.press("q")
    expect(page.locator("#qr-large")).to_be_visible()
    page.keyboard.press("q")
    expect(page.locator("#qr-large")).to_be_hidden()


def test_a_clicker_leads_through_the_slides(script_page: Page) -> None:
    page = script_page
    path = trace(page, "tls13")
    with page.expect_response(lambda answer: "all=1" in answer.url) as all_slides:
        page.goto(f"{path}/present?step=6")
    all_slides.value.finished()
    expect(page.locator(".slide-question")).to_contain_text("TCP marks no ends")
    page.keyboard.press("PageDown")
    expect(page.locator("#slide .strip.for-wide")).to_be_visible()
    expect(page).to_have_url(re.compile(r"step=6&shown=1$"))
    page.keyboard.press("2")
    expect(page.locator(".slide-fields")).to_be_visible()
    expect(page.locator(".slide-bytes")).to_be_hidden()
    page.keyboard.press("b")
    expect(page.locator("#slide")).to_be_hidden()
    page.keyboard.press(".")
    expect(page.locator("#slide")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("a[rel=next]")).to_have_count(0)
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    expect(page.locator(".slide-place")).to_have_text(re.compile("^1 /"))
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"\?step=1$"))
    at(page, 1)


@pytest.mark.thorough
def test_slides_and_handout_break_no_rule_and_no_width(new_page: Callable[..., Page]) -> None:
    page = new_page(color_scheme="dark", viewport={"width": 1280, "height": 720})
    path = trace(page, "h2")
    for address in ("/present?step=6", "/present?step=6&shown=1", "/handout", "?step=6"):
        page.goto(path + address)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    for address in ("/present?step=6&shown=1", "/handout", "?step=6"):
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(path + address)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
