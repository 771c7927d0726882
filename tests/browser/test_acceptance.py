"""Every page of a trace, once: axe in both themes, and no width that it does not fit.

docs/acceptance.md says which other tests show the rest of what has to hold. That the browser never
complained of the Content Security Policy is asked by `new_page` at the end of each test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from flask import Flask
from playwright.sync_api import Page

from lab import Lab
from netcore import fetch
from netcore.options import Options
from netcore.pdus import explain
from tests.browser.test_accessibility import complaints
from tests.browser.test_reflow import SIDEWAYS
from web.store import new_id

PAGES: Final = {
    "home": ("/", "/lab", "/compare"),
    "trace": ("/t/{id}", "/t/{id}/e/{hello}?u=1&f=24-40#spot"),
    "shown": ("/t/{id}/present", "/t/{id}/present?step=3", "/t/{id}/handout", "/embed/{id}"),
    "told": ("/t/{id}/share?e={hello}", "/t/{id}/onlooker/e/{hello}", "/t/{id}/layers"),
    "beside": ("/compare?a={id}&b={id}", "/t/{id}/e/{hello}/range?from=0&to=5", "/t/{id}/sockets"),
    "tls": ("/t/{id}/tls/1", "/t/{id}/tls/1/keys", "/t/{id}/tls/1/trust"),
    "learnt": ("/stories/why-so-many-hellos", "/learn/sockets/1", "/style", "/words/alpn"),
}
"""All kinds of pages but those that only a protocol has, which its own tests open."""
WIDTHS: Final = (390, 320)
"""Pixels: a phone, and a screen of 1280 enlarged four times."""


def pages_of(app: Flask, lab: Lab) -> dict[str, list[str]]:
    """The pages of a trace of the lab that an application is given, by what they are for."""
    target = next(target for target in lab.targets if target.name == "tls13")
    trace = fetch(target.url, Options(lab=lab.options_lab(), cacert=str(lab.cacert)))
    kept = new_id()
    app.extensions["tracing"].store.save(kept, trace)
    hello = next(pdu for pdu in explain(trace.events).pdus if pdu.name == "tls_record").events[0]
    return {
        group: [one.format(id=kept, hello=hello) for one in some] for group, some in PAGES.items()
    }


@pytest.fixture(scope="module")
def addresses(app: Flask, lab: Lab) -> dict[str, list[str]]:
    """The pages, by what they are for."""
    return pages_of(app, lab)


@pytest.mark.parametrize("group", PAGES)
def test_axe_finds_nothing_on_any_page_in_either_theme(
    new_page: Callable[..., Page], addresses: dict[str, list[str]], group: str
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    found: list[str] = []
    for address in addresses[group]:
        opened = page.goto(address)
        assert opened is not None
        assert opened.ok, address
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            found += [f"{theme}: {each}" for each in complaints(page)]
    assert found == []


@pytest.mark.parametrize("group", PAGES)
def test_no_page_scrolls_sideways(
    new_page: Callable[..., Page], addresses: dict[str, list[str]], group: str
) -> None:
    page = new_page(viewport={"width": WIDTHS[0], "height": 844})
    found: list[object] = []
    for address in addresses[group]:
        page.goto(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844})
            found += [address, width] if page.evaluate(SIDEWAYS) > 0 else []
    assert found == []
