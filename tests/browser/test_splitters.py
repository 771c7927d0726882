"""The splitters between the panes: keys, pointer, what a device remembers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import trace


def test_a_splitter_moves_by_keys_and_pointer_is_remembered_and_reset(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    path = trace(page, "plain")
    splitter = page.get_by_role("separator", name="Width of the bytes")
    expect(splitter).to_have_attribute("aria-valuenow", "612")
    splitter.press("ArrowLeft")
    expect(splitter).to_have_attribute("aria-valuenow", "596")
    splitter.press("Home")
    least = splitter.get_attribute("aria-valuemin")
    assert least is not None
    expect(splitter).to_have_attribute("aria-valuenow", least)
    page.goto(path)
    expect(splitter).to_have_attribute("aria-valuenow", least)
    box = splitter.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 4, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + 104, box["y"] + 90)
    page.mouse.up()
    expect(splitter).to_have_attribute("aria-valuenow", str(int(least) + 100))
    splitter.dblclick(position={"x": 4, "y": 90})
    expect(splitter).to_have_attribute("aria-valuenow", "612")
    page.set_viewport_size({"width": 1000, "height": 768})
    expect(splitter).to_be_hidden()


def test_the_first_screen_of_a_trace_has_the_bytes_and_the_whole_answer(
    script_page: Page,
) -> None:
    trace(script_page, "tls13")
    script_page.evaluate("scrollTo(0, 0)")
    foot = script_page.locator("#player").bounding_box()
    assert foot is not None
    for part in ("#explanation .what", "#explanation .why", "#octets .row >> nth=0"):
        box = script_page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= foot["y"], part
