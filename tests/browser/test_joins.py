"""From one view of a trace to another: what is selected goes along, also through a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import FINISHED, trace

BIT = re.compile(r"f=16-17&b=2\.7")


def at_a_bit(page: Page) -> None:
    """Select the bit QR of a DNS answer, in a fresh trace."""
    trace(page, "plain")
    row = page.locator("#events tr").filter(has_text="DNS answer").first
    page.goto(row.locator("a[data-n]").first.get_attribute("href") or "")
    page.locator("#tree .item[data-name=qr] > .field").click()
    page.locator("#spot .bit[aria-current]").click()
    expect(page).to_have_url(BIT)


def expect_the_bit(page: Page) -> None:
    expect(page.locator("#spot .bit[aria-current]")).to_have_attribute("data-bit", "2.7")
    expect(page.locator("#spot .bit[aria-current]")).to_be_in_viewport()
    expect(page.locator("#tree .field.on .name")).to_have_text("qr")


def test_a_link_to_a_bit_that_was_shared_opens_in_a_fresh_profile(
    new_page: Callable[..., Page],
) -> None:
    page, other = new_page(), new_page()
    at_a_bit(page)
    page.get_by_role("link", name="Share").click()
    shared = page.locator("#share-chosen").input_value()
    assert BIT.search(shared)
    other.goto(f"{shared}#spot")
    expect_the_bit(other)


@pytest.mark.parametrize("suffix", ["jsonl", "html"])
def test_a_link_to_a_bit_holds_after_export_and_import_in_a_fresh_profile(
    new_page: Callable[..., Page], tmp_path: Path, suffix: str
) -> None:
    page, other = new_page(), new_page()
    at_a_bit(page)
    path, _, place = page.url.partition("/e/")
    file = tmp_path / f"trace.{suffix}"
    file.write_bytes(page.request.get(f"{path}.{suffix}").body())
    other.goto("/")
    other.locator("#import-file").set_input_files(file)
    other.locator("#import button").click()
    expect(other.locator(FINISHED)).to_be_visible()
    brought = other.locator("main").get_attribute("data-base")
    assert brought is not None
    assert not path.endswith(brought)
    other.goto(f"{brought}/e/{place}#spot")
    expect_the_bit(other)
    if suffix == "html":  # and in the file itself, where no server is
        number = place.partition("?")[0]
        other.goto(f"{file.as_uri()}#e{number}.u1.b16")
        field = other.locator(f"[id='e{number}.u1.f16-17']")
        expect(field).to_have_class(re.compile(r"\bon\b"))
        expect(field).to_be_in_viewport()


def test_m_goes_through_all_widths_and_the_selection_goes_along(script_page: Page) -> None:
    page = script_page
    trace(page, "tls13")
    page.locator("#events tr").filter(has_text="ClientHello").locator("a[data-n]").first.click()
    expect(page.locator("#event-title")).to_have_text("ClientHello")
    number = page.locator("#wide .mark.on").get_attribute("data-n")
    look = page.locator("#drawing .look")
    expect(look).to_have_attribute("data-mode", "steps")
    page.keyboard.press("m")
    expect(page.locator("#said")).to_contain_text("ClientHello")
    expect(page.locator("html.js")).to_be_attached()  # it listens to keys now
    page.keyboard.press("m")
    expect(look).to_have_attribute("data-mode", "time")
    expect(page.locator("#event-title")).to_have_text("ClientHello")
    expect(page.locator("main")).to_have_attribute("data-n", number or "")
    page.keyboard.press("m")
    expect(look).to_have_attribute("data-mode", "steps")


def test_the_menu_of_a_trace_opens_without_a_script(new_page: Callable[..., Page]) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page.goto("/t/example-tls13")
    for name in ("Compare", "Present", "Onlooker"):
        expect(page.get_by_role("link", name=name)).to_be_hidden()
    page.locator("#more > summary").click()
    for name in ("Compare", "Present", "Onlooker"):
        expect(page.get_by_role("link", name=name)).to_be_in_viewport(ratio=1)
    page.get_by_role("link", name="Onlooker").click()
    expect(page.locator(".from-outside")).to_be_visible()


def test_the_menu_of_a_trace_closes_by_escape_and_by_a_click_beside_it(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 1024, "height": 768})
    page.goto("/t/example-tls13")
    menu = page.locator("#more")
    for leave in (lambda: page.keyboard.press("Escape"), page.locator("#summary").click):
        menu.locator("summary").click()
        expect(page.get_by_role("link", name="Compare")).to_be_visible()
        leave()
        expect(page.get_by_role("link", name="Compare")).to_be_hidden()
    expect(page.locator("#event-title")).to_be_visible()  # Escape left the menu, and nothing else
