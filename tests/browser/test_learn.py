"""The exercises in a browser, with and without script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from exercises.exercise import Exercise, find
from tests.browser.conftest import FINISHED, SCRIPTS_KEY
from tests.browser.test_accessibility import SCREENS, complaints


def exercise(number: int) -> Exercise:
    found = find("sockets", number)
    assert found
    return found


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


def test_one_click_on_a_byte_is_one_tick(any_page: Page) -> None:
    any_page.goto("/learn")
    any_page.get_by_role("link", name="Click a byte").click()
    any_page.get_by_role("button", name="Trace plain").click()
    expect(any_page.locator(FINISHED)).to_be_visible()
    expect(any_page.locator("#lesson")).to_contain_text("An event. Its bytes are below")
    any_page.locator("#tree .leaf > .field").first.click()
    expect(any_page.locator("#lesson")).to_contain_text("done")
    expect(any_page.locator("#lesson")).to_contain_text("Selected: id.")
    any_page.get_by_role("link", name="Back to the exercise").click()
    expect(any_page.locator(".crumbs .pill")).to_have_text("done")
    any_page.get_by_role("link", name=re.compile("^Next: ")).click()
    expect(any_page.locator("h1")).to_have_text(exercise(1).title)


def test_a_click_on_a_byte_itself_ticks_too(script_page: Page) -> None:
    script_page.goto("/learn/sockets/0")
    script_page.get_by_role("button", name="Trace plain").click()
    expect(script_page.locator(FINISHED)).to_be_visible()
    script_page.locator("#octets .run[data-from]").first.hover()  # drawn by the script
    script_page.mouse.down()
    # A hand takes longer than a frame; the focus has the rows drawn anew meanwhile.
    script_page.evaluate(
        "new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )
    script_page.mouse.up()
    expect(script_page.locator("#lesson")).to_contain_text("Selected: ")


def test_predict_run_mend_run(any_page: Page) -> None:
    any_page.goto(f"/learn?key={SCRIPTS_KEY}")
    any_page.goto("/learn/sockets/1")
    expect(any_page.get_by_role("button", name="Run")).to_be_disabled()
    any_page.get_by_label(exercise(1).predict).fill("4 096")
    any_page.get_by_role("button", name="Predict").click()
    any_page.get_by_role("button", name="Run").click()
    expect(any_page.locator("#seen")).to_contain_text("Not yet.")
    expect(any_page.locator("#seen")).to_contain_text("you predicted 4,096")
    expect(any_page.get_by_role("button", name="Show me")).to_be_visible()
    any_page.get_by_label("Your script").fill(exercise(1).show)
    any_page.get_by_role("button", name="Run").click()
    expect(any_page.locator("#seen")).to_contain_text("It holds.")
    expect(any_page.get_by_label("Your script")).to_have_value(exercise(1).show)


def test_what_was_written_stays_when_a_solution_is_shown(script_page: Page) -> None:
    script_page.goto(f"/learn?key={SCRIPTS_KEY}")
    script_page.goto("/learn/sockets/2")
    script_page.get_by_label("Your script").fill("print('mine')\n")
    script_page.get_by_role("button", name="Run").click()
    script_page.get_by_role("button", name="Show me").click()
    expect(script_page.locator("#solution")).to_be_visible()
    expect(script_page.get_by_label("Your script")).to_have_value("print('mine')\n")


def test_show_me_appears_by_itself_in_the_second_minute(script_page: Page) -> None:
    script_page.clock.install()
    script_page.goto("/learn/sockets/3")
    expect(script_page.get_by_role("button", name="Show me")).to_be_hidden()
    script_page.clock.fast_forward(61_000)
    expect(script_page.get_by_role("button", name="Show me")).to_be_visible()


def test_a_hint_opens_the_way_to_the_next_by_keyboard(any_page: Page) -> None:
    any_page.goto("/learn/sockets/2")
    for text in exercise(2).hints:
        any_page.locator("summary:visible").last.focus()
        any_page.keyboard.press("Enter")
        expect(any_page.get_by_text(text)).to_be_visible()


@pytest.mark.thorough
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(color_scheme="dark", reduced_motion="reduce", **SCREENS["phone"])
    found, wide = [], []

    def look() -> None:
        found.extend(complaints(page))
        wide.append(overflow(page))

    def press(name: str) -> None:
        # The answer is another page: what is looked at must not be one on its way out.
        with page.expect_navigation():
            page.get_by_role("button", name=name).click()

    for address in ("/learn", "/learn/sockets/0", "/learn/sockets/1", "/learn/sockets/2"):
        page.goto(address)
        look()
    page.get_by_label("The last line it printed").fill("nothing")
    press("Check")
    look()
    page.goto(f"/learn?key={SCRIPTS_KEY}")
    page.goto("/learn/sockets/2")
    look()
    press("Run")
    look()
    press("Show me")
    look()
    page.get_by_label("Your script").fill(exercise(2).show)
    press("Run")
    look()
    page.goto("/learn/sockets/0")
    press("Trace plain")
    expect(page.locator(FINISHED)).to_be_visible()
    look()
    assert found == []
    assert max(wide) <= 0
