"""Who vouches, in a browser: from a refusal to the chain, and from the chain to its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace
from tests.browser.test_accessibility import complaints
from tests.browser.test_handshake import tab_to


def test_a_refusal_leads_to_its_chain_with_the_guilty_certificate_open(any_page: Page) -> None:
    page = any_page
    trace(page, "expired")
    page.get_by_role("link", name="See the whole chain").click()
    expect(page).to_have_url(re.compile("/tls/1/trust$"))
    guilty = page.locator("#trust .rung.guilty details")
    expect(guilty).to_have_attribute("open", "")
    expect(guilty).to_contain_text("It has expired")
    expect(page.locator("#trust .step").first).to_contain_text("holds")
    expect(page.locator("#trust .mends")).to_contain_text("Renew expired.lab.test")
    guilty.get_by_role("link", name="What was signed").click()
    expect(page).to_have_url(re.compile(r"/e/\d+\?u=\d+&f=\d+-\d+"))


def test_going_on_tells_what_checking_would_have_said(any_page: Page) -> None:
    page = any_page
    trace(page, "wrong-host")
    page.get_by_role("button", name="Go on although").click()
    page.locator("main[data-state=done]").wait_for()
    path = page.locator("main").get_attribute("data-base")
    page.goto(f"{path}/tls/1/trust")
    expect(page.locator("#trust h2")).to_contain_text("not verified")
    expect(page.locator("#trust")).to_contain_text("tls.hostname_mismatch")
    expect(page.locator("#trust .name-row").first).to_contain_text("is another one")


def test_a_certificate_is_opened_by_keyboard(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{trace(page, 'tls12')}/tls/1/trust")
    root = page.locator("#trust .rung").nth(1).locator("details")
    expect(root).not_to_have_attribute("open", "")
    tab_to(page, re.compile("^Root that we trust"))
    page.keyboard.press("Enter")
    expect(root).to_have_attribute("open", "")
    expect(root).to_contain_text("CN=Wiretale lab authority")


@pytest.mark.parametrize(("target", "theme"), [("self-signed", "light"), ("tls12", "dark")])
@pytest.mark.thorough
def test_axe_finds_nothing_on_a_chain(
    new_page: Callable[..., Page], theme: str, target: str
) -> None:
    page = new_page(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{trace(page, target)}/tls/1/trust")
    page.locator("#trust details:not([open]) summary").evaluate_all(
        "all => all.map(e => e.click())"
    )
    assert complaints(page) == []


@pytest.mark.parametrize("target", ["self-signed", "wrong-host"])
@pytest.mark.thorough
def test_a_chain_does_not_scroll_sideways_on_a_phone(
    new_page: Callable[..., Page], target: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{trace(page, target)}/tls/1/trust")
    wide, screen = page.evaluate(
        "() => [document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= screen
