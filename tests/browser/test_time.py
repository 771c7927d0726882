"""Time mode: width is time, for the stage bar, the axis and the lanes alike."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from lab import Lab
from tests.browser.conftest import trace
from tests.browser.test_accessibility import complaints

DESK = {"viewport": {"width": 1440, "height": 900}}
LOOK = "#drawing .look"


@pytest.fixture(scope="module")
def slow(browser: Browser, server: str, lab: Lab) -> str:
    """The path of a finished trace with a gap of three seconds in it."""
    lab.servers["slow"].release.clear()
    context = browser.new_context(base_url=server)
    path = trace(context.new_page(), "slow")
    context.close()
    return path


def show(page: Page, path: str) -> None:
    """Open a finished trace and wait until it is drawn over time."""
    page.goto(path)
    expect(page.locator(LOOK)).to_have_attribute("data-mode", "time")
    expect(page.locator(LOOK)).to_have_attribute("data-width", str(room(page)))


def room(page: Page) -> int:
    wide: int = page.evaluate(
        """() => document.querySelector('#timeline .scroll').clientWidth
                 - document.getElementById('names').getBoundingClientRect().width"""
    )
    return wide


@pytest.fixture
def time_page(new_page: Callable[..., Page]) -> Page:
    """A page of a device that remembers nothing, at 1440 by 900."""
    return new_page(look="", **DESK)


def span(page: Page) -> str:
    return page.locator(LOOK).get_attribute("data-span") or ""


def middle(page: Page, selector: str) -> list[float]:
    found: list[float] = page.locator(selector).evaluate_all(
        """all => all.map(one => { const box = one.getBoundingClientRect();
                                   return (box.left + box.right) / 2; })"""
    )
    return found


def test_a_finished_trace_opens_in_time_on_a_wide_screen(time_page: Page) -> None:
    path = trace(time_page, "plain")
    expect(time_page.locator(LOOK)).to_have_attribute("data-mode", "time")
    expect(time_page.locator("#mode-time")).to_have_attribute("aria-current", "page")
    expect(time_page.locator("#wide .tick-time")).not_to_have_count(0)
    time_page.goto(path)
    expect(time_page.locator(LOOK)).to_have_attribute("data-mode", "time")


def test_without_script_it_opens_in_steps_and_links_change_that(
    new_page: Callable[..., Page], slow: str
) -> None:
    page = new_page(look="", java_script_enabled=False, **DESK)
    page.goto(slow)
    expect(page.locator(LOOK)).to_have_attribute("data-mode", "steps")
    page.locator("#mode-time").click()
    expect(page.locator(LOOK)).to_have_attribute("data-mode", "time")
    expect(page.locator("#wide .fold")).not_to_have_count(0)
    page.locator("#zoom-in").click()
    assert span(page) != ""
    page.locator("#fold").click()
    expect(page.locator("#wide .fold")).to_have_count(0)
    page.goto(slow)
    expect(page.locator(LOOK)).to_have_attribute("data-mode", "time")  # it is remembered
    expect(page.locator("#fold")).to_have_text("Fold gaps")


def test_a_phone_shows_steps(new_page: Callable[..., Page], slow: str) -> None:
    page = new_page(look="", viewport={"width": 390, "height": 844})
    page.goto(slow)
    expect(page.locator(LOOK)).to_have_attribute("data-mode", "steps")
    expect(page.locator("#ladder")).to_be_visible()
    expect(page.locator("#wide")).to_be_hidden()
    expect(page.locator("#stages .stage").first).to_be_visible()


def lefts(page: Page, selector: str) -> list[float]:
    found: list[float] = page.locator(selector).evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().left)"
    )
    return found


@pytest.mark.parametrize("width", [1440, 1024, 760])
def test_the_bar_of_stages_folds_where_the_lanes_do(
    new_page: Callable[..., Page], slow: str, width: int
) -> None:
    page = new_page(look="", viewport={"width": width, "height": 900})
    show(page, slow)
    expect(page.locator("#wide .fold")).not_to_have_count(0)
    folds, tears = lefts(page, "#wide .fold-band"), middle(page, "#stages .tear")
    assert folds == pytest.approx(tears, abs=1.5)
    bar, lanes = (page.locator(each).bounding_box() for each in (".stage-bar", "#wide"))
    assert bar is not None
    assert lanes is not None
    assert (bar["x"], bar["width"]) == pytest.approx((lanes["x"], lanes["width"]), abs=0.5)
    names = page.locator("#names").bounding_box()
    assert names is not None
    assert lanes["width"] + names["width"] <= width - 40 + 0.5


def test_a_mark_stands_within_its_stage(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    connect = time_page.locator("#wide .mark.connect .arrow").first.get_attribute("x1")
    stage = time_page.locator("#stages .stage[data-stage=connect] > svg")
    begin, width = (float(stage.get_attribute(name) or 0) for name in ("x", "width"))
    assert begin <= float(connect or 0) <= begin + width


def test_keys_zoom_pan_fold_and_change_the_mode(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    look, status = time_page.locator(LOOK), time_page.locator("#status")
    expect(look).to_have_attribute("data-span", "")
    time_page.keyboard.press("+")
    expect(look).not_to_have_attribute("data-span", "")
    expect(status).to_contain_text("Width shows time")
    once = span(time_page)
    time_page.keyboard.press("d")
    expect(look).not_to_have_attribute("data-span", once)
    time_page.keyboard.press("0")
    expect(look).to_have_attribute("data-span", "")
    time_page.keyboard.press("g")
    expect(time_page.locator("#wide .fold")).to_have_count(0)
    expect(status).to_contain_text("no gaps folded")
    time_page.keyboard.press("g")
    expect(time_page.locator("#wide .fold")).not_to_have_count(0)
    time_page.keyboard.press("m")
    expect(look).to_have_attribute("data-mode", "steps")
    expect(status).to_contain_text("Width shows steps")
    time_page.reload()
    expect(look).to_have_attribute("data-mode", "steps")


def test_buttons_zoom_and_keep_the_focus(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    time_page.locator("#zoom-in").focus()
    time_page.keyboard.press("Enter")
    expect(time_page.locator(LOOK)).not_to_have_attribute("data-span", "")
    expect(time_page.locator("#zoom-in")).to_be_focused()
    time_page.locator("#zoom-fit").click()
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", "")


def test_the_wheel_with_control_zooms_at_the_pointer(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    box = time_page.locator("#wide").bounding_box()
    assert box is not None
    time_page.mouse.move(box["x"] + 14, box["y"] + 60)
    time_page.keyboard.down("Control")
    time_page.mouse.wheel(0, -600)
    time_page.keyboard.up("Control")
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", re.compile(r"^0-"))


def test_a_double_click_on_a_stage_fits_it(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    time_page.locator("#stages .stage[data-stage=dns]").dblclick()
    expect(time_page.locator(LOOK)).not_to_have_attribute("data-span", "")
    begin, end = map(float, span(time_page).split("-"))
    assert 0 <= begin < end
    dns = time_page.locator("#stages .stage[data-stage=dns] > svg").get_attribute("width")
    assert float(dns or 0) > 1_200


def test_enter_on_a_bundle_zooms_to_its_members(time_page: Page) -> None:
    show(time_page, trace(time_page, "trickle"))
    bundle = time_page.locator("#wide .mark.bundle:not(.on)").first
    members, number = (bundle.get_attribute(name) for name in ("data-members", "data-n"))
    bundle.focus()
    time_page.keyboard.press("Enter")
    expect(time_page.locator(LOOK)).not_to_have_attribute("data-span", "")
    expect(time_page.locator(f"#wide .mark[data-members='{members}']")).to_have_count(0)
    # What was entered is also what is open.
    expect(time_page.locator(f"#wide .mark.on[data-n='{number}']")).to_have_count(1)
    expect(time_page).to_have_url(re.compile(rf"/e/{number}\?m=time&z="))
    expect(time_page.locator("#panes")).to_contain_text(f"event {number} of")


def test_the_selection_is_shared_with_table_and_panes(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    time_page.locator("#rows tr", has_text="200 OK").locator("td a").click()
    expect(time_page.locator("#event-title")).to_contain_text("200 OK")
    expect(time_page.locator("#wide .mark.on")).to_have_count(1)
    on = time_page.locator("#wide .mark.on")
    on.focus()
    time_page.keyboard.press("ArrowRight")
    expect(time_page.locator("#event-title")).not_to_contain_text("200 OK")
    expect(time_page.locator("#rows tr.on")).to_have_count(1)
    expect(time_page.locator("#wide .mark.on:focus")).to_have_count(1)


def test_an_event_out_of_sight_comes_into_view_when_it_is_opened(
    time_page: Page, slow: str
) -> None:
    show(time_page, slow)
    time_page.locator("#stages .stage[data-stage=dns]").dblclick()
    expect(time_page.locator(LOOK)).not_to_have_attribute("data-span", "")
    before = span(time_page)
    time_page.locator("#rows tr td a").last.click()
    expect(time_page.locator(LOOK)).not_to_have_attribute("data-span", before)
    expect(time_page.locator("#wide .mark.on")).to_have_count(1)


def test_every_mark_says_its_time(time_page: Page) -> None:
    show(time_page, trace(time_page, "tls13"))
    labels = time_page.locator("#wide .mark").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert len(labels) >= 5
    assert all(re.search(r", at [\d.,]+ \w*seconds", label) for label in labels), labels


@pytest.mark.thorough
def test_axe_finds_nothing_over_time(new_page: Callable[..., Page], slow: str) -> None:
    page = new_page(look="", color_scheme="dark", reduced_motion="reduce", **DESK)
    found: list[str] = []
    for path in (slow, trace(page, "port-closed")):
        show(page, path)
        found += complaints(page)
    assert found == []


def test_a_page_over_time_does_not_scroll_sideways(new_page: Callable[..., Page]) -> None:
    page = new_page(look="time.1300.1", viewport={"width": 1024, "height": 768})
    page.goto(trace(page, "redirect"))
    wide, screen = page.evaluate(
        "() => [document.scrollingElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= screen


def query(page: Page) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(
        "() => Object.fromEntries(new URLSearchParams(location.search))"
    )
    return found


def test_pans_go_on_to_the_right(time_page: Page, slow: str) -> None:
    show(time_page, f"{slow}?m=time&z=0-20")
    seen = [span(time_page)]
    for _ in range(40):
        time_page.evaluate("document.querySelector('#drawing .look').id = 'before'")
        time_page.keyboard.press("d")
        expect(time_page.locator("#before")).to_have_count(0)
        seen.append(span(time_page))
        if seen[-1] == seen[-2]:
            break
    starts = [float(each.split("-")[0]) for each in seen]
    assert starts == sorted(starts)
    assert starts[-1] > starts[0]


def test_a_fold_at_the_edge_has_its_whole_text_in_the_drawing(time_page: Page, slow: str) -> None:
    show(time_page, f"{slow}?m=time&z=0-1500")
    label = time_page.locator("#wide .fold-time").last
    expect(label).to_contain_text("waiting")
    expect(label).to_contain_text(re.compile(r"^(?:[2-9]|1\d)\.\d+ s"))  # the whole gap
    box, wide = label.bounding_box(), time_page.locator("#wide").bounding_box()
    assert box is not None
    assert wide is not None
    assert box["x"] + box["width"] <= wide["x"] + wide["width"]


def test_the_address_has_what_is_seen_and_brings_it_back(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    assert query(time_page) == {}
    time_page.keyboard.press("+")
    expect(time_page).to_have_url(re.compile(r"\?m=time&z=[\d.]+-[\d.]+$"))
    once = span(time_page)
    assert query(time_page) == {"m": "time", "z": once}
    time_page.reload()
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", once)
    time_page.locator("#wide .mark").last.dispatch_event("click")  # pills may lie over its middle
    expect(time_page).to_have_url(re.compile(r"/e/\d+\?m=time&z="))
    time_page.keyboard.press("g")
    expect(time_page).to_have_url(re.compile(r"&fold=0$"))
    time_page.keyboard.press("0")
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", "")
    assert query(time_page) == {"m": "time", "fold": "0"}
    time_page.go_back()
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", once)
    expect(time_page.locator("#wide .fold")).not_to_have_count(0)
    time_page.keyboard.press("m")
    expect(time_page).to_have_url(re.compile(r"\?m=steps$"))


def test_the_address_keeps_what_is_seen_where_the_open_event_is_opened_again(
    time_page: Page, slow: str
) -> None:
    show(time_page, slow)
    number = time_page.locator("#wide .mark.on").first.get_attribute("data-n")
    time_page.keyboard.press("+")
    expect(time_page).to_have_url(re.compile(r"\?m=time&z="))
    time_page.locator(f"#wide .mark[data-n='{number}']").dispatch_event("click")
    expect(time_page).to_have_url(re.compile(rf"/e/{number}\?m=time&z="))


def test_zooming_in_to_the_limit_keeps_the_open_mark_in_sight(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    for _ in range(40):
        before = span(time_page)
        time_page.evaluate("document.querySelector('#drawing .look').id = 'before'")
        time_page.keyboard.press("+")
        expect(time_page.locator("#before")).to_have_count(0)
        if span(time_page) == before:
            break
    begin, end = map(float, span(time_page).split("-"))
    assert end - begin == pytest.approx(0.001)
    expect(time_page.locator("#wide .fold")).to_have_count(0)
    expect(time_page.locator("#wide .mark.on")).to_have_count(1)
    expect(time_page.locator("#status")).to_contain_text(", 1 mark.")


def test_escape_leaves_the_field_then_the_event_then_the_zoom(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    time_page.locator("#wide .mark").first.focus()
    time_page.keyboard.press("+")
    expect(time_page.locator(LOOK)).not_to_have_attribute("data-span", "")
    for _ in range(3):
        time_page.keyboard.press("Escape")
    expect(time_page.locator("#event-title")).to_have_count(0)
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", "")


def test_a_drag_on_the_axis_selects_a_span(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    box = time_page.locator("#wide").bounding_box()
    assert box is not None
    time_page.mouse.move(box["x"] + 15, box["y"] + 10)
    time_page.mouse.down()
    time_page.mouse.move(box["x"] + 60, box["y"] + 30, steps=3)
    expect(time_page.locator("#wide .range")).to_have_attribute("width", "45.0")
    time_page.mouse.up()
    expect(time_page.locator(LOOK)).to_have_attribute("data-span", re.compile(r"^0\.\d+-\d"))
    expect(time_page.locator("#wide .range")).to_have_count(0)
    once = span(time_page)
    time_page.mouse.click(box["x"] + 200, box["y"] + 10)
    time_page.keyboard.press("g")
    expect(time_page.locator("#wide .fold")).to_have_count(0)
    assert span(time_page) == once


def test_where_the_drawing_stops_is_said_of_steps_alone(time_page: Page, slow: str) -> None:
    show(time_page, slow)
    time_page.evaluate(
        """() => { const more = document.createElement("p"); more.className = "more";
                   more.textContent = "The drawing stops.";
                   document.getElementById("timeline").append(more); }"""
    )
    said = time_page.locator("#timeline > .more:not(#at-end)")
    expect(said).to_be_hidden()
    time_page.keyboard.press("m")
    expect(said).to_be_visible()
    time_page.locator("#mode-time").click()
    expect(said).to_be_hidden()
    time_page.set_viewport_size({"width": 390, "height": 844})
    expect(said).to_be_visible()  # the ladder is made of steps
