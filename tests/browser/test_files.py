"""Traces leave the page as files and come back, by hand and by keys, with a script and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from netcore.trace import decode
from tests.browser.conftest import trace
from tests.browser.test_accessibility import complaints
from web.admission import FILE_OCTETS

EXAMPLE = Path(__file__).parents[2] / "docs" / "trace-example.jsonl"


def test_a_trace_is_saved_and_opened_again(any_page: Page, tmp_path: Path) -> None:
    any_page.goto("/lab")
    any_page.locator("button[name=lab][value=tls13]").click()
    expect(any_page.locator(".pill").first).to_contain_text("200 OK")
    any_page.get_by_role("button", name="Save").click()
    with any_page.expect_download() as started:
        any_page.get_by_role("link", name="Trace", exact=True).click()
    name = started.value.suggested_filename
    assert name.startswith("wiretale-tls13.lab.test-")
    saved = tmp_path / name
    started.value.save_as(saved)
    assert decode(saved.read_bytes()).events

    any_page.goto("/")
    any_page.get_by_label("Open a saved trace").set_input_files(saved)
    any_page.get_by_role("button", name="Open", exact=True).click()
    expect(any_page.get_by_role("note").first).to_contain_text("Imported. Recorded elsewhere on")
    expect(any_page.locator(".pill").first).to_contain_text("200 OK")
    expect(any_page.get_by_role("link", name="Trace", exact=True)).to_be_hidden()


@pytest.mark.parametrize("octets", [FILE_OCTETS + 1, 3 * FILE_OCTETS])
def test_a_file_that_is_too_large_is_told_so(any_page: Page, tmp_path: Path, octets: int) -> None:
    large = tmp_path / "large.jsonl"
    large.write_bytes(b"x" * octets)
    any_page.goto("/")
    any_page.get_by_label("Open a saved trace").set_input_files(large)
    any_page.get_by_role("button", name="Open", exact=True).click()
    expect(any_page.locator("#import-error")).to_contain_text("more than 8,388,608 bytes")


def test_the_menu_is_opened_and_left_by_keys(script_page: Page) -> None:
    trace(script_page, "plain")
    button = script_page.get_by_role("button", name="Save")
    button.focus()
    script_page.keyboard.press("Enter")
    first = script_page.get_by_role("link", name="Trace", exact=True)
    expect(first).to_be_visible()
    script_page.keyboard.press("Tab")
    expect(first).to_be_focused()
    script_page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(button).to_be_focused()


@pytest.mark.thorough
def test_the_menu_and_a_refused_file_have_no_fault(new_page: Callable[..., Page]) -> None:
    page = new_page(color_scheme="dark", viewport={"width": 390, "height": 844})
    trace(page, "plain")
    page.get_by_role("button", name="Save").click()
    found = complaints(page)
    page.goto("/")
    page.get_by_label("Open a saved trace").set_input_files(Path(__file__))
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator("#import-error")).to_contain_text("This is no trace that was saved here")
    expect(page.get_by_label("Open a saved trace")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    found += complaints(page)
    page.get_by_label("Open a saved trace").set_input_files(EXAMPLE)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.get_by_role("note").first).to_be_visible()
    found += complaints(page)
    assert found == []
