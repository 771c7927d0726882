"""Comparing: one click to two fetches, counterparts, both themes, and no sideways scroll."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace
from tests.browser.test_accessibility import SCREENS, complaints


def compared(page: Page, name: str) -> None:
    """Press a comparison of the lab, and wait until all its fetches have ended."""
    page.goto("/compare")
    page.locator(f"button[name=set][value={name}]").click()
    page.wait_for_url("**/compare?a=*")
    expect(page.locator(".side-head .pill.ok")).to_have_count(3 if name == "versions" else 2)


def test_the_same_address_in_another_version_is_one_click_from_its_trace(
    any_page: Page,
) -> None:
    path = trace(any_page, "three-versions")
    any_page.locator("#more > summary").click()
    any_page.get_by_role("link", name="Compare").click()
    any_page.locator("button[name=change][value=h3]").click()
    any_page.wait_for_url("**/compare?a=*")
    expect(any_page.locator(".side-head .pill.ok")).to_have_count(2)
    expect(any_page.locator(".side-head h2")).to_have_text(["A HTTP/2", "B HTTP/3"])
    expect(any_page.locator(".side-head a").first).to_have_attribute("href", path)
    expect(any_page.get_by_text("1 fewer: QUIC connects and agrees on keys")).to_be_visible()


def test_a_step_selects_its_counterpart_and_both_show_what_differs(any_page: Page) -> None:
    compared(any_page, "sessions")
    any_page.locator(".pairs a", has_text="ClientHello").last.click()
    panes = any_page.locator(".panes-pair .one")
    expect(panes).to_have_count(2)
    expect(any_page.locator(".pairs a[aria-current=true]")).to_have_count(2)
    expect(panes.first.locator(".octets u").first).to_be_visible()
    expect(any_page.locator("#octets")).to_be_in_viewport()
    any_page.go_back()
    expect(panes).to_have_count(0)


def test_keys_alone_choose_a_step_and_keep_their_place(script_page: Page) -> None:
    compared(script_page, "handshakes")
    step = script_page.locator(".pairs a", has_text="GET /").first
    step.focus()
    step.press("Enter")
    chosen = script_page.locator(".pairs a[aria-current=true]").first
    expect(chosen).to_be_focused()
    script_page.get_by_role("link", name="Time", exact=True).press("Enter")
    expect(script_page.get_by_role("link", name="Time", exact=True)).to_be_focused()
    expect(script_page.locator(".panes-pair .one")).to_have_count(2)


@pytest.mark.thorough
def test_a_comparison_has_no_fault_and_does_not_scroll_sideways(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(reduced_motion="reduce", **SCREENS["phone"])
    compared(page, "versions")
    page.locator(".pairs a", has_text="ClientHello").first.click()
    expect(page.locator(".panes-pair .one")).to_have_count(3)
    found = complaints(page)
    wide = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/compare")
    assert [*found, *complaints(page)] == []
    assert wide
