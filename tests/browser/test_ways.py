"""The ways out of the open event, in a browser: by key, by click, with and without script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace


def open_status(page: Page) -> None:
    """The field line of :status in the answer of HTTP/2."""
    base = trace(page, "h2")
    rows = page.locator("#rows tr").filter(has_text="200 OK")
    page.goto(f"{base}/e/{rows.first.get_attribute('data-n')}")
    page.locator(".units a").filter(has_text="200 OK").first.click()
    expect(page.locator("#fields")).to_contain_text("http2_field_section")
    page.locator("#tree .item[data-name=field_line] > a.field").first.click()
    expect(page.locator("#crumbs")).to_contain_text(":status")


def test_one_key_shows_the_way_and_a_step_of_it_keeps_the_octets(script_page: Page) -> None:
    page = script_page
    open_status(page)
    page.keyboard.press("l")
    steps = page.locator("#lineage-steps li > a")
    expect(steps.first).to_be_visible()
    expect(steps.first).to_have_attribute("aria-current", "step")
    steps.nth(1).click()
    expect(page.locator("#tree .field.on")).to_contain_text("indexed_header_field")
    expect(page.locator("#lineage-steps li.here")).to_contain_text(
        "HEADERS"
    )  # whose tree has the block
    steps.first.click()
    expect(page.locator("#tree .field.on")).to_contain_text("field_line")


def test_the_switch_keeps_the_octets_with_and_without_script(any_page: Page) -> None:
    page = any_page
    open_status(page)
    page.locator("#forms").get_by_role("link", name="Decrypted").click()
    expect(page.locator("#tree .field.on")).to_contain_text("indexed_header_field")
    page.locator("#forms").get_by_role("link", name="Wire").click()
    expect(page.locator("#fields")).to_contain_text("tls_ciphertext")


def test_the_tab_of_the_code_stays_from_event_to_event(script_page: Page) -> None:
    page = script_page
    trace(page, "plain")
    page.locator(".code-tabs").get_by_role("link", name="Stand-alone script").click()
    expect(page.locator("#code")).to_contain_text("All of the script")
    page.locator("#rows tr").filter(has_text="GET /").get_by_role("link").first.click()
    expect(page.locator("#event-title")).to_contain_text("GET /")
    expect(page.locator("#code .source .current").first).to_contain_text("GET / HTTP/1.1")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_key_leads_to_the_onlooker_and_back_to_the_same_bit(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    base = trace(page, "tls13")
    event = page.locator("#rows tr").filter(has_text="GET /").get_attribute("data-n")
    selects = f"/e/{event}?u=1&f=0-8&b=0.3"
    page.goto(base + selects)
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(f"{base}/onlooker/e/{event}\\?from=trace&u=1&f=0-8&b=0.3$"))
    expect(page.locator("#spot")).to_contain_text("bit 3 at offset 0, type")
    expect(page.locator("#learnt")).to_contain_text("tls13.lab.test")
    expect(page.locator("#panes")).to_contain_text("encrypted application data")
    expect(page.locator("body")).not_to_contain_text("200 OK")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(f"{base}{re.escape(selects)}$"))
