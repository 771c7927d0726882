"""The keys on the page of a connection: from step to step, and what is behind a step."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import trace


def test_an_input_leads_to_the_step_that_it_comes_from(any_page: Page) -> None:
    page = any_page
    page.goto(f"{trace(page, 'tls13')}/tls/1/keys")
    step = page.locator("#step-server_handshake_traffic_secret")
    step.get_by_role("link", name="handshake_secret").click()
    expect(page).to_have_url(re.compile("#step-handshake_secret$"))
    expect(page.locator("#step-handshake_secret")).to_be_in_viewport()
    expect(page.locator("#step-handshake_secret")).to_contain_text("not known")


@pytest.mark.parametrize("width", [1280, 390])
def test_by_keyboard_a_step_shows_its_python(new_page: Callable[..., Page], width: int) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    page.goto(f"{trace(page, 'tls12')}/tls/1/keys")
    step = page.locator("#step-server_verify_data")
    code = step.locator(".key-code")
    expect(code).to_be_hidden()
    step.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(code).to_be_visible()
    text = code.inner_text()
    assert text.startswith('server_verify_data = prf(master_secret, "server finished"')
    ast.parse(text)
    record = page.locator(".key-record")
    expect(record).to_contain_text("HTTP/1.1 200 OK")


def test_the_program_is_saved_as_a_file(any_page: Page) -> None:
    page = any_page
    page.goto(f"{trace(page, 'tls13')}/tls/1/keys")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save as Python").click()
    assert re.fullmatch(r"wiretale-.+\.tls1\.py", waiting.value.suggested_filename)
    ast.parse(waiting.value.path().read_text())


def test_a_part_of_a_fingerprint_leads_to_its_field(any_page: Page) -> None:
    page = any_page
    page.goto(f"{trace(page, 'tls13')}/tls/1")
    page.locator("#fingerprints").get_by_role("link", name="the highest version offered").click()
    expect(page.locator("#tree .field.on")).to_contain_text("versions")
