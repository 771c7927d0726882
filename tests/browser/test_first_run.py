"""From the home page to the answer, as somebody goes who knows what a URL is."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import FINISHED


def test_from_an_address_to_why_the_client_hello_is_this_long(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(look="", viewport={"width": 1440, "height": 900})
    page.goto("/")
    page.get_by_label("Address", exact=True).fill(" h2.lab.test ")
    page.get_by_role("button", name="Trace", exact=True).click()
    expect(page.locator(FINISHED)).to_be_visible()
    expect(page.get_by_text("The name is one of the lab's")).to_be_visible()
    expect(page.locator("#first-line")).to_be_visible()
    page.get_by_role("row").filter(has_text="ClientHello").get_by_role("link").first.click()
    expect(page.locator("#first-line")).to_be_hidden()
    expect(page.locator("#explanation .largest")).to_contain_text("of 517 B")
    page.locator("#explanation .by-size a").first.click()
    expect(page.locator("#tree .field.on")).to_have_count(1)
    page.reload()
    expect(page.locator("#first-line")).to_be_hidden()


def test_the_line_that_says_what_to_do_first_is_sent_away_by_its_button(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(look="", viewport={"width": 1440, "height": 900})
    page.goto("/lab")
    page.locator("button[name=lab][value=tls13]").click()
    expect(page.locator(FINISHED)).to_be_visible()
    page.locator("#first-line").get_by_role("button", name="Got it").click()
    expect(page.locator("#first-line")).to_be_hidden()
    page.reload()
    expect(page.locator("#first-line")).to_be_hidden()


def test_what_shows_a_failure_is_in_sight_above_the_player(new_page: Callable[..., Page]) -> None:
    page = new_page(look="", viewport={"width": 1440, "height": 960})
    page.goto("/lab")
    page.locator("button[name=lab][value=expired]").click()
    expect(page.locator(FINISHED)).to_be_visible()
    page.reload()
    expect(page.locator("#first-line")).to_be_hidden()
    headline = page.locator("#failure h2").inner_text().removesuffix(".")
    expect(page.locator("#summary .pill")).not_to_contain_text(headline)
    for chosen in ("#tree .field.on", "#octets .sel"):
        # Of a long one the beginning is enough.
        page.wait_for_function(
            """(chosen) => {
              const { top } = document.querySelector(chosen).getBoundingClientRect();
              const foot = document.getElementById("player").getBoundingClientRect();
              return top >= 0 && top + 20 <= foot.top;
            }""",
            arg=chosen,
        )


def test_a_story_is_walked_without_a_script_on_a_phone(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/")
    page.get_by_role("link", name="Why so many hellos?").click()
    page.get_by_text("Make your guess, then look").click()
    expect(page.get_by_text("of which five are the header")).to_be_visible()
    page.get_by_role("link", name="Next step").click()
    expect(page.get_by_text("Step 2 of 7")).to_be_visible()
    page.get_by_text("Make your guess, then look").click()
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Open it in the whole trace").click()
    expect(page.locator("#event-title")).to_contain_text("ClientHello")
