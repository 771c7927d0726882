"""A WebSocket in a browser: messages are typed while it is open, and the replies arrive."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import SCREENS, complaints


def test_what_is_typed_is_sent_and_comes_back(script_page: Page) -> None:
    page = script_page
    page.goto("/")
    page.locator("button[name=lab][value=ws-echo]").click()
    log = page.get_by_role("log", name="Messages")
    expect(log.locator(".received .said")).to_have_text(["Hello", "Is anybody there?"])
    field = page.get_by_label("Message", exact=True)
    field.fill("typed <b>here</b>")
    field.press("Enter")
    expect(log.locator(".received").last).to_contain_text("typed <b>here</b>")
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("main")).to_have_attribute("data-state", "done")
    expect(log.locator(".control").last).to_contain_text("Close 1000")
    expect(page.locator("#say")).to_be_hidden()
    page.locator(".accept summary").click()
    expect(page.locator(".accept")).to_contain_text("258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
    log.get_by_role("link").last.click()
    expect(page.locator("#tree")).to_contain_text("opcode")


@pytest.mark.parametrize(("screen", "theme"), [("desk", "light"), ("phone", "dark")])
@pytest.mark.thorough
def test_axe_finds_nothing_while_it_is_open_and_after(
    new_page: Callable[..., Page], theme: str, screen: str
) -> None:
    page = new_page(color_scheme=theme, reduced_motion="reduce", **SCREENS[screen])
    page.goto("/")
    page.locator("button[name=lab][value=ws-echo]").click()
    expect(page.locator("#talk-lines .received")).to_have_count(2)
    found = complaints(page)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator("main")).to_have_attribute("data-state", "done")
    page.locator(".accept summary").click()
    found += complaints(page)
    assert found == []


def test_a_message_is_typed_without_javascript(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.locator("button[name=lab][value=ws-echo]").click()
    form = page.locator("#say")
    while not form.count():
        page.reload()
    page.get_by_label("Message", exact=True).fill("typed by hand")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page).to_have_url(re.compile("#talk$"))
    expect(page.locator("#talk-lines .sent .said").last).to_have_text("typed by hand")
    page.get_by_role("button", name="Close", exact=True).click()
