"""What TLS offers is chosen on the start page, with and without script, on a phone too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lab import Lab
from tests.browser.conftest import FINISHED
from tests.browser.test_accessibility import SCREENS, complaints


def start(page: Page, lab: Lab) -> None:
    """The start page with the options open and a server's address typed."""
    url = next(target.url for target in lab.targets if target.name == "tls13")
    page.goto("/")
    page.locator(".more > summary").click()
    page.locator(".group > summary", has_text="TLS").click()
    page.locator("#url").fill(url)


def test_a_session_is_resumed_and_sni_left_out(any_page: Page, lab: Lab) -> None:
    start(any_page, lab)
    any_page.get_by_label("Fetch twice").check()
    any_page.get_by_label("none in SNI").check()
    any_page.get_by_label("Group").select_option("P-256")
    any_page.get_by_role("button", name="Trace", exact=True).click()
    any_page.locator(FINISHED).wait_for()
    expect(any_page.locator(".summary .pill")).to_contain_text("200 OK")
    rows = any_page.locator("#rows tr")
    for title in ("session: offered", "session: resumed", "certificate: not sent"):
        expect(rows.filter(has_text=title)).to_have_count(1)
    expect(rows.filter(has_text="sni: none")).to_have_count(2)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_a_mistake_is_found_where_it_was_made(
    new_page: Callable[..., Page], lab: Lab, theme: str, screen: str
) -> None:
    page = new_page(color_scheme=theme, reduced_motion="reduce", **SCREENS[screen])
    start(page, lab)
    assert complaints(page) == []
    page.get_by_label("Name in SNI").fill("127.0.0.1")
    page.get_by_role("button", name="Trace", exact=True).click()
    wrong = page.get_by_label("Name in SNI")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("127.0.0.1")
    expect(wrong).to_have_accessible_description(
        "SNI takes a host name, and 127.0.0.1 is an address (RFC 6066 §3)."
    )
    assert complaints(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == SCREENS[screen]["viewport"]["width"]
