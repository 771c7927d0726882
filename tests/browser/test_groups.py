"""A list of more than a hundred fields: groups that open with a script and without one."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import trace


def head_of_many_fields(page: Page) -> Locator:
    """Open the head that has too many fields; returns its groups."""
    page.goto(trace(page, "endless-headers"))
    row = page.locator("#rows tr").filter(has=page.locator("th", has_text="200 OK")).first
    # The failure opens that event by itself; opened again, its panes are new ones.
    page.evaluate("document.getElementById('event-title').id = 'before'")
    row.get_by_role("link").click()
    expect(page.locator("#before")).to_have_count(0)
    expect(page.locator("#event-title")).to_have_text(re.compile("200 OK"))
    groups = page.locator("#tree .group")
    expect(groups.nth(2)).to_be_attached()  # how many came with the last read is chance
    return groups


def test_without_a_script_a_group_opens_at_a_click(
    new_page: Callable[..., Page],
) -> None:
    group = head_of_many_fields(new_page(java_script_enabled=False)).first
    inner = group.locator(".item").first
    expect(inner).to_be_hidden()
    group.locator("summary").click()
    expect(inner).to_be_visible()


def test_a_group_is_an_item_of_the_tree_and_opens_at_keys_and_clicks(script_page: Page) -> None:
    page = script_page
    groups = head_of_many_fields(page)
    first = groups.first
    expect(first).to_have_attribute("role", "treeitem")
    expect(first).to_have_attribute("aria-expanded", "false")
    expect(first).to_have_attribute("aria-level", "2")
    expect(page.locator("#tree details")).to_have_count(0)
    page.locator("#tree .field").first.focus()
    page.keyboard.press("ArrowDown")  # the status line
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(first.locator("> .field")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowRight")
    expect(first.locator(".item > .field").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(first.locator("> .field")).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-expanded", "false")
    page.locator("#tree .group").nth(1).locator("> .field").click()
    expect(groups.nth(1)).to_have_attribute("aria-expanded", "true")


def test_a_byte_opens_the_group_that_its_field_is_in(script_page: Page) -> None:
    page = script_page
    groups = head_of_many_fields(page)
    expect(groups.first).to_have_attribute("aria-expanded", "false")
    key = groups.first.locator("[data-leaf]").first.get_attribute("data-f")
    page.locator(f'#octets .hex .run[data-f="{key}"]').first.click()
    expect(groups.first).to_have_attribute("aria-expanded", "true")
    expect(groups.first.locator(".field.on")).to_be_visible()
