"""A list of more than a hundred fields: groups that open with a script and without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from netcore.options import Options
from netcore.trace import Trace, encode
from tests.netcore.recordings import http_exchange

REQUEST = b"GET / HTTP/1.1\r\nHost: x.example\r\n\r\n"
FEW, MANY = 250, 1_300  # field lines: fit into one page, and too many for one


def saved(lines: int, folder: Path) -> Path:
    """A file of a trace whose response has a head of so many field lines."""
    fields = b"".join(b"x-%d: some value\r\n" % at for at in range(lines))
    response = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n"
    trace = Trace(
        "http://x.example/",
        "2026-01-02T03:04:05.000006Z",
        Options(),
        http_exchange([REQUEST], [response]),
    )
    path = folder / "saved.jsonl"
    path.write_bytes(encode(trace))
    return path


def head_of(page: Page, file: Path) -> Locator:
    """Open the head of the response of a saved trace; returns its groups."""
    page.goto("/")
    page.get_by_label("Open a saved trace").set_input_files(file)
    page.get_by_role("button", name="Open", exact=True).click()
    row = page.locator("#rows tr").filter(has=page.locator("th", has_text="200 OK")).first
    row.get_by_role("link").click()
    expect(page.locator("#event-title")).to_have_text(re.compile("200 OK"))
    return page.locator("#tree .group")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    return saved(FEW, tmp_path)


def test_without_a_script_a_group_opens_at_a_click(
    new_page: Callable[..., Page], few: Path
) -> None:
    group = head_of(new_page(java_script_enabled=False), few).first
    inner = group.locator(".item").first
    expect(inner).to_be_hidden()
    group.locator("summary").click()
    expect(inner).to_be_visible()


def test_a_group_is_an_item_of_the_tree_and_opens_at_keys_and_clicks(
    script_page: Page, few: Path
) -> None:
    page = script_page
    groups = head_of(page, few)
    expect(groups).to_have_count(3)
    first = groups.first
    row = first.locator("> .field")
    expect(row).to_have_attribute("role", "treeitem")
    expect(row).to_have_attribute("aria-expanded", "false")
    expect(row).to_have_attribute("aria-level", "2")
    expect(page.locator("#tree details")).to_have_count(0)
    page.locator("#tree .field").first.focus()
    page.keyboard.press("ArrowDown")  # the status line
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(row).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(row).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowRight")
    expect(first.locator(".item > .field").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(row).to_have_attribute("aria-expanded", "false")
    page.locator("#tree .group").nth(1).locator("> .field").click()
    expect(groups.nth(1).locator("> .field")).to_have_attribute("aria-expanded", "true")


def test_a_byte_opens_the_group_that_its_field_is_in(script_page: Page, few: Path) -> None:
    page = script_page
    groups = head_of(page, few)
    expect(groups.first.locator("> .field")).to_have_attribute("aria-expanded", "false")
    key = groups.first.locator("[data-leaf]").first.get_attribute("data-f")
    page.locator(f'#octets .hex .run[data-f="{key}"]').first.click()
    expect(groups.first.locator("> .field")).to_have_attribute("aria-expanded", "true")
    expect(groups.first.locator(".field.on")).to_be_visible()


def test_of_too_many_fields_a_group_leads_to_where_it_is_open(
    any_page: Page, tmp_path: Path
) -> None:
    page = any_page
    groups = head_of(page, saved(MANY, tmp_path))
    expect(groups.nth(4)).to_be_attached()
    expect(groups.locator(".item")).to_have_count(0)
    groups.nth(4).locator("> .field").click()
    expect(page.locator("#tree .field.on")).to_contain_text("field_line")
    expect(page.locator("#tree .group .item .field.on")).to_be_visible()
    expect(groups.nth(3).locator(".item")).to_have_count(0)


def test_by_keys_a_group_leads_to_where_it_is_open(script_page: Page, tmp_path: Path) -> None:
    page = script_page
    groups = head_of(page, saved(MANY, tmp_path))
    groups.nth(2).locator("> .field").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tree .group .item .field.on")).to_be_visible()
