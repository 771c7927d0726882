"""The handshake of a connection as a page, and the switch between the forms of a unit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace
from tests.browser.test_accessibility import complaints

TABS = 60  # more than there are stops before what is looked for


def tab_to(page: Page, name: re.Pattern[str]) -> None:
    """Press Tab until a link of that name has the focus."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if name.search(page.evaluate("document.activeElement?.textContent ?? ''")):
            return
    raise AssertionError(f"no link called {name.pattern} came within {TABS} tabs")


def test_the_summary_leads_to_the_handshake_and_it_leads_to_the_bytes(any_page: Page) -> None:
    page = any_page
    trace(page, "tls13")
    page.locator("#summary").get_by_role("link", name="TLS 1.3").click()
    expect(page.locator("#conversation")).to_be_visible()
    expect(page.locator(".flight.sent").first).to_contain_text("in the clear")
    expect(page.locator(".said.sealed").first).to_contain_text("SERVER_HANDSHAKE_TRAFFIC_SECRET")
    conversation = page.locator("#conversation")
    conversation.get_by_role("link", name="Certificate", exact=True).click()
    expect(page).to_have_url(re.compile(r"/e/\d+\?u=\d+"))
    expect(page.locator("#tree")).to_contain_text("certificate_list")


def test_on_a_phone_the_summary_leads_to_the_handshake_too(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    trace(page, "tls13")
    link = page.locator("#summary").get_by_role("link", name="TLS 1.3")
    expect(link).to_be_visible()
    box = link.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_on_paper_the_part_that_is_shown_can_be_read(new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{trace(page, 'tls13')}/tls/1")
    page.emulate_media(media="print")
    shown = page.locator(".story-links [aria-current]")
    expect(shown).to_have_css("background-color", "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("width", [1440, 390])
def test_by_keyboard_alone_to_the_fields_of_a_client_hello(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    path = trace(page, "tls13")
    page.goto(f"{path}/tls/1")
    tab_to(page, re.compile("^ClientHello$"))
    page.keyboard.press("Enter")
    expect(page.locator("#event-title")).to_have_text("ClientHello")
    if width == 390:
        tab_to(page, re.compile("^Fields$"))
        page.keyboard.press("Enter")
    tab_to(page, re.compile("^tls_record"))
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    expect(page.locator("#tree .field.on")).to_be_focused()


FIELDS = 300  # more than a certificate of the lab has


@pytest.mark.thorough
def test_by_keyboard_alone_to_the_last_day_of_a_certificate(script_page: Page) -> None:
    page = script_page
    page.goto(f"{trace(page, 'tls12')}?depth=rfc")  # from now on
    page.goto(page.url.replace("?depth=rfc", "/tls/1"))
    tab_to(page, re.compile("^Certificate$"))
    page.keyboard.press("Enter")
    expect(page.locator("#tree")).to_contain_text("certificate_list")
    tab_to(page, re.compile("^tls_record"))
    for _ in range(FIELDS):
        page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.textContent").startswith("not_after"):
            break
    expect(page.locator("#tree .field.on")).to_contain_text("not_after")
    expect(page.locator("#explanation")).to_contain_text("RFC 5280 §4.1.2.5")


def test_a_certificate_is_read_without_a_script(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{trace(page, 'tls12')}?depth=rfc")  # from now on
    page.goto(page.url.replace("?depth=rfc", "/tls/1"))
    page.locator("#conversation").get_by_role("link", name="Certificate", exact=True).click()
    page.locator("#tree .item[data-name=subject_public_key_info] > .field").first.click()
    expect(page.locator("#tree .field.on")).to_contain_text("subject_public_key_info")
    expect(page.locator("#explanation")).to_contain_text("RFC 5280 §4.1.2.7")


@pytest.mark.parametrize(("target", "theme"), [("tls13", "dark"), ("expired", "light")])
@pytest.mark.thorough
def test_axe_finds_nothing_on_the_handshake(
    new_page: Callable[..., Page], theme: str, target: str
) -> None:
    page = new_page(color_scheme=theme, reduced_motion="reduce")
    page.goto(f"{trace(page, target)}/tls/1")
    assert complaints(page) == []


@pytest.mark.parametrize("target", ["tls13", "tls12", "expired"])
@pytest.mark.thorough
def test_the_handshake_does_not_scroll_sideways_on_a_phone(
    new_page: Callable[..., Page], target: str
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{trace(page, target)}/tls/1")
    wide, screen = page.evaluate(
        "() => [document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= screen


def test_the_switch_shows_the_same_bytes_as_they_crossed(any_page: Page) -> None:
    page = any_page
    path = trace(page, "tls13")
    page.goto(path)
    page.locator("#rows tr", has_text="GET /").locator("td a").click()
    expect(page.locator("#event-title")).to_have_text("GET /")
    switch = page.get_by_role("navigation", name="The same bytes")
    expect(switch.get_by_role("link", name="Decrypted")).to_have_attribute("aria-current", "page")
    switch.get_by_role("link", name="Wire").click()
    expect(page.locator("#tree")).to_contain_text("encrypted_record")
    expect(switch.get_by_role("link", name="Wire")).to_have_attribute("aria-current", "page")
    page.locator("#tree .item[data-name=type] > .field").click()
    decrypted = switch.get_by_role("link", name="Decrypted")
    expect(decrypted).to_have_attribute("href", re.compile("[?&]f="))
    decrypted.click()
    expect(page.locator("#tree")).to_contain_text("content")
    expect(page.locator("#tree .field.on")).to_contain_text("type")
