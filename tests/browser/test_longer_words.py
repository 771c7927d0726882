"""No control is clipped, and no page too wide, in a language whose words are 40 % longer.

It is the one of tests/pseudo.py: what it lengthens is what a translator would, and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import Page

from app import bind, create_app
from lab import Lab
from tests import pseudo
from tests.browser.test_acceptance import PAGES, pages_of
from tests.browser.test_reflow import BEYOND, CLIPPED, SIDEWAYS
from web.language import COOKIE

WIDTHS: Final = (1440, 1024, 390, 320)
"""Pixels."""
MORE: Final = ("/learn", "/about", "/by-hand", "/nowhere")


@pytest.fixture(scope="module")
def longer(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The address of an application that speaks the language, and the pages of a trace there."""
    with pytest.MonkeyPatch.context() as patch:
        pseudo.speak(patch, tmp_path_factory.mktemp("catalogue"))
        app = create_app({"INSTANCE": tmp_path_factory.mktemp("longer"), "LAB": lab})
        server = bind(app, "127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.port}", pages_of(app, lab) | {"more": list(MORE)}
        server.shutdown()
        thread.join(10)
        server.server_close()
        app.extensions["tracing"].close()


@pytest.mark.parametrize("group", [*PAGES, "more"])
def test_nothing_is_clipped_or_runs_out_of_the_page(
    new_page: Callable[..., Page], longer: tuple[str, dict[str, list[str]]], group: str
) -> None:
    base, addresses = longer
    page = new_page(base_url=base, viewport={"width": WIDTHS[0], "height": 900})
    page.context.add_cookies([{"name": COOKIE, "value": pseudo.TAG, "url": base}])
    found: list[object] = []
    for address in addresses[group]:
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == pseudo.TAG
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrong = [page.evaluate(CLIPPED), page.evaluate(BEYOND), page.evaluate(SIDEWAYS)]
            found += [address, width, wrong] if wrong[:2] != [[], []] or wrong[2] > 0 else []
    assert found == []
