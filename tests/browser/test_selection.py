"""One selection: timeline, table, tree, bytes and words all show the same field."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from lab import Lab
from tests.browser.conftest import FINISHED, trace

LEAVES_TO_BYTES = """() => {
  const wrong = [];
  const leaves = [...document.querySelectorAll('#tree [data-leaf]')];
  for (const item of leaves) {
    if (Number(item.dataset.length) === 0) continue;
    item.querySelector('.field').click();
    const from = Math.floor(parseInt(item.dataset.f) / 8);
    const to = Math.ceil((parseInt(item.dataset.f) + Number(item.dataset.length)) / 8);
    const chosen = [];
    for (const run of document.querySelectorAll('#octets .hex .run.sel')) {
      const count = run.textContent.trim().split(/\\s+/).length;
      for (let i = 0; i < count; i += 1) chosen.push(Number(run.dataset.from) + i);
    }
    const rows = [...document.querySelectorAll('#octets .row')].map(row => +row.dataset.offset);
    const wanted = [...Array(to - from).keys()].map(i => from + i)
      .filter(octet => octet >= rows[0] && octet < rows[rows.length - 1] + 16);
    const same = wanted.length > 0 && chosen.join() === wanted.join();
    if (!same) wrong.push([item.dataset.f, chosen, wanted]);
    const marked = [...document.querySelectorAll('#tree .field.on')];
    if (marked.length !== 1 || marked[0].parentElement !== item) wrong.push(item.dataset.f);
  }
  return [leaves.length, wrong];
}"""

BYTES_TO_LEAVES = """() => {
  const wrong = [];
  const leaves = [...document.querySelectorAll('#tree [data-leaf]')]
    .filter(item => Number(item.dataset.length) > 0);
  const size = Number(document.getElementById('octets').dataset.size);
  document.getElementById('octets').scrollTop = 0;
  let seen = 0;
  for (let octet = 0; octet < size; octet += 1) {
    const run = [...document.querySelectorAll('#octets .hex .run')].find(one => {
      const count = one.textContent.trim().split(/\\s+/).length;
      return octet >= one.dataset.from && octet < Number(one.dataset.from) + count;
    });
    if (!run) continue;
    seen += 1;
    const box = run.getBoundingClientRect();
    const x = box.left + (3 * (octet - run.dataset.from) + 1) * box.width / run.textContent.length;
    run.dispatchEvent(new MouseEvent('click', { bubbles: true, clientX: x, clientY: box.top + 4 }));
    const owner = leaves.find(item => octet * 8 >= parseInt(item.dataset.f) &&
      octet * 8 < parseInt(item.dataset.f) + Number(item.dataset.length));
    const on = document.querySelector('#tree .field.on')?.parentElement;
    if (on !== owner) wrong.push([octet, on?.dataset.f, owner?.dataset.f]);
  }
  return [seen, wrong];
}"""


def mark(page: Page, title: str) -> Locator:
    return page.locator(f"#wide .mark[aria-label*='{title}']").first


def open_mark(page: Page, title: str) -> None:
    mark(page, title).locator(".pill-box").first.click()
    expect(page.locator("#event-title")).to_contain_text(title)


@pytest.mark.parametrize(
    ("target", "title"),
    [
        ("plain", "DNS answer"),
        pytest.param("tls13", "ClientHello", marks=pytest.mark.thorough),
        ("plain", "GET /"),
    ],
)
def test_a_leaf_selects_its_bytes_and_a_byte_its_leaf(
    script_page: Page, target: str, title: str
) -> None:
    trace(script_page, target)
    open_mark(script_page, title)
    expect(script_page.locator("#octets .run[data-from]").first).to_be_visible()
    count, wrong = script_page.evaluate(LEAVES_TO_BYTES)
    assert count >= 5
    assert wrong == []
    seen, wrong = script_page.evaluate(BYTES_TO_LEAVES)
    assert seen >= 30
    assert wrong == []


def test_a_chosen_field_is_explained_and_addressed(script_page: Page) -> None:
    trace(script_page, "plain")
    open_mark(script_page, "DNS query")
    script_page.locator("#tree .item[data-name=qdcount] > .field").click()
    expect(script_page.locator("#explanation dd").first).to_have_text("qdcount")
    expect(script_page).to_have_url(re.compile(r"/e/\d+\?.*f=32-48"))
    script_page.reload()
    expect(script_page.locator("#tree .field.on .name")).to_have_text("qdcount")
    expect(script_page.locator("#octets .run.sel").first).to_have_text("00 01")


def test_going_back_leads_through_the_events_that_were_opened(script_page: Page) -> None:
    path = trace(script_page, "tls13")
    script_page.goto(path)
    first = script_page.locator("#event-title").inner_text()
    titles = ["ClientHello", "connected", "DNS answer"]
    for title in titles:
        open_mark(script_page, title)
        expect(script_page.locator("#wide .mark.on")).to_have_count(1)
    for title in [*reversed(titles[:-1]), first]:
        script_page.go_back()
        expect(script_page.locator("#event-title")).to_contain_text(title)
        expect(script_page).to_have_title(re.compile(f"^{re.escape(title)}"))
    assert script_page.url.endswith(path)


def test_an_event_opened_from_the_table_takes_the_focus_and_one_from_the_timeline_does_not(
    script_page: Page,
) -> None:
    trace(script_page, "plain")
    open_mark(script_page, "connected")
    assert script_page.evaluate("() => document.activeElement.id") != "event-title"
    script_page.locator("#rows td a").nth(1).click()
    expect(script_page.locator("#event-title")).to_be_focused()
    expect(script_page.locator("#rows tr.on")).to_have_count(1)


def test_the_keyboard_leads_from_the_address_to_the_words_for_a_field(
    script_page: Page, lab: Lab
) -> None:
    keys = script_page.keyboard
    script_page.goto("/")
    tab_to(script_page, "#url")
    keys.type(next(one.url for one in lab.targets if one.name == "plain"))
    keys.press("Enter")
    expect(script_page.locator(FINISHED)).to_be_visible()
    tab_to(script_page, "#wide .mark")
    keys.press("End")
    keys.press("Home")
    while "DNS query" not in (focused(script_page, "aria-label") or ""):
        keys.press("ArrowRight")
    expect(script_page.locator("#event-title")).to_contain_text("DNS query")
    tab_to(script_page, "#tree .field")
    keys.press("Home")
    for _ in range(3):
        keys.press("ArrowDown")
    name = script_page.locator("#tree .field.on .name").inner_text()
    expect(script_page.locator("#explanation dd").first).to_have_text(name)
    keys.press("Enter")
    expect(script_page.locator("#octets")).to_be_focused()
    keys.press("]")
    after = script_page.locator("#tree .field.on .name").inner_text()
    assert after != name
    expect(script_page.locator("#explanation dd").first).to_have_text(after)
    expect(script_page.locator("#spoken")).to_contain_text(after)


def tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"The Tab key does not reach {selector}.")


def focused(page: Page, attribute: str) -> str | None:
    name: str | None = page.evaluate("name => document.activeElement.getAttribute(name)", attribute)
    return name


def test_keys_of_one_character_can_be_switched_off(script_page: Page) -> None:
    trace(script_page, "plain")
    title = script_page.locator("#event-title")
    before = title.inner_text()
    script_page.keyboard.press("n")
    expect(title).not_to_have_text(before)
    script_page.keyboard.press("p")
    expect(title).to_have_text(before)
    script_page.keyboard.press("?")
    expect(script_page.locator("#keys")).to_be_visible()
    script_page.locator("#letters").uncheck()
    script_page.keyboard.press("Escape")
    expect(script_page.locator("#keys")).to_be_hidden()
    script_page.keyboard.press("n")
    script_page.keyboard.press("?")
    expect(script_page.locator("#keys")).to_be_hidden()
    expect(title).to_have_text(before)


def test_up_and_down_lead_to_the_nearest_event_of_another_lane(script_page: Page) -> None:
    trace(script_page, "plain")
    open_mark(script_page, "DNS answer")
    script_page.locator("#wide .mark.on").focus()
    script_page.keyboard.press("ArrowDown")
    expect(script_page.locator("#wide .mark:focus .arrow[marker-end*=dns]")).to_have_count(0)
    expect(script_page.locator("#wide .mark.on:focus")).to_have_count(1)


def test_a_key_pressed_in_the_address_is_only_text(script_page: Page) -> None:
    trace(script_page, "plain")
    script_page.keyboard.press("/")
    expect(script_page.locator("#url")).to_be_focused()
    script_page.keyboard.type("n?1")
    expect(script_page.locator("#url")).to_have_value("n?1")
    expect(script_page.locator("#keys")).to_be_hidden()


def test_the_theme_button_is_remembered(script_page: Page) -> None:
    script_page.emulate_media(color_scheme="light")
    script_page.goto("/")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = script_page.evaluate(ground)
    script_page.locator("#theme").click()
    dark = script_page.evaluate(ground)
    assert light != dark
    script_page.reload()
    expect(script_page.locator("html")).to_have_attribute("data-theme", "dark")
    assert script_page.evaluate(ground) == dark


def test_a_page_works_where_storage_is_forbidden(script_page: Page) -> None:
    script_page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    trace(script_page, "plain")
    open_mark(script_page, "connected")
    script_page.locator("#theme").click()
    expect(script_page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_term_opens_beside_its_text_and_closes_with_escape(script_page: Page) -> None:
    trace(script_page, "plain")
    open_mark(script_page, "DNS query")
    expect(script_page).to_have_url(re.compile(r"/e/\d+$"))
    address = script_page.url
    script_page.locator("#explanation .term").first.click()
    expect(script_page.locator("#word")).to_be_visible()
    expect(script_page.locator("#word")).not_to_be_empty()
    script_page.keyboard.press("Escape")
    expect(script_page.locator("#word")).to_be_hidden()
    assert script_page.url == address
