"""Walk from an address to one field and back by keyboard alone, and write down what is heard.

    python -m tools.keyboard_walk

starts the application with its lab and writes docs/keyboard-walk.md: for each press of a key which
element has the focus, with the role, the name and the state that the browser's accessibility tree
gives it, which is what a screen reader says; and at the end the tree of the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import CDPSession, Page, expect, sync_playwright

from tools.find_chromium import HOW_TO_GET_ONE, find
from tools.screenshots import FINISHED, serving, trace

TARGET: Final = Path(__file__).resolve().parent.parent / "docs" / "keyboard-walk.md"
SERVER: Final = "tls13"  # of the lab
PARTS: Final = ("header.top", "#summary", "#looks", "#timeline", "#panes", "footer.steps")
MOST_PRESSES: Final = 60
WAIT_MS: Final = 15_000
STATES: Final = ("expanded", "level", "checked", "pressed", "selected")
PORT: Final = re.compile(r"\.lab\.test:\d+")
HEAD: Final = """\
# By keyboard alone

From typing an address to why the ClientHello is as long as it is, and back. What stands under
"heard" is what the browser's accessibility tree says of the element with the focus, so it is what a
screen reader would say there. `make walk` writes this page anew.

| key | heard |
|---|---|
"""


@dataclass(frozen=True)
class Step:
    """One press of a key, or a word that was typed, and what is heard after it."""

    key: str
    heard: str


def walk(page: Page, url: str) -> Iterator[Step]:
    """Do the walk on a page that shows the start. Raises: AssertionError where it leads astray."""
    hearing = page.context.new_cdp_session(page)
    yield from _to_the_address(page, hearing)
    page.keyboard.type(url)
    yield Step(url, heard(hearing))
    page.keyboard.press("Enter")
    page.locator(FINISHED).wait_for(timeout=WAIT_MS)
    yield Step("Enter", f"page: {page.title()}")
    stages = page.locator(".stage[data-n]").evaluate_all("all => all.map(one => one.dataset.stage)")
    page.keyboard.press(str(stages.index("tls") + 1))
    expect(page.locator("#event-title")).to_contain_text("ClientHello", timeout=WAIT_MS)
    yield Step(str(stages.index("tls") + 1), f"opened: {page.locator('#event-title').inner_text()}")
    yield from _presses(page, hearing, "Tab", "#tree .field")
    yield from _presses(page, hearing, "ArrowDown", "#tree [data-name=length] > .field")
    expect(page.locator("#explanation-title")).to_contain_text("long", timeout=WAIT_MS)
    yield Step("", f"explained: {page.locator('#explanation-title').inner_text()}")
    page.keyboard.press("Enter")
    expect(page.locator("#octets")).to_be_focused(timeout=WAIT_MS)
    yield Step("Enter", heard(hearing))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#spoken")).not_to_be_empty(timeout=WAIT_MS)
    yield Step("→", f"said: {page.locator('#spoken').inner_text()}")
    yield from _back(page, hearing)


def _to_the_address(page: Page, hearing: CDPSession) -> Iterator[Step]:
    page.keyboard.press("/")
    expect(page.locator("#url")).to_be_focused(timeout=WAIT_MS)
    yield Step("/", heard(hearing))


def _back(page: Page, hearing: CDPSession) -> Iterator[Step]:
    page.keyboard.press("Escape")
    expect(page.locator("#tree .field.on")).to_have_count(0, timeout=WAIT_MS)
    yield Step("Esc", "the field is left")
    page.keyboard.press("Escape")
    expect(page.locator(".mark.on")).to_have_count(0, timeout=WAIT_MS)
    yield Step("Esc", "the event is left")
    page.keyboard.press("/")
    expect(page.locator("#url")).to_be_focused(timeout=WAIT_MS)
    yield Step("/", heard(hearing))


def _presses(page: Page, hearing: CDPSession, key: str, wanted: str) -> Iterator[Step]:
    """Press a key until the focus is on a wanted element. Raises: AssertionError if it never is."""
    for _ in range(MOST_PRESSES):
        page.keyboard.press(key)
        yield Step({"ArrowDown": "↓"}.get(key, key), heard(hearing))
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{key} never leads to {wanted}")


def heard(hearing: CDPSession) -> str:
    """What a screen reader says of the element with the focus: name, role, value, state."""
    focused = hearing.send("Runtime.evaluate", {"expression": "document.activeElement"})["result"]
    asked = {"objectId": focused["objectId"], "fetchRelatives": False}
    node = hearing.send("Accessibility.getPartialAXTree", asked)["nodes"][0]
    if _text(node, "role") == "RootWebArea" or focused["className"] == "HTMLBodyElement":
        return "the page"
    role = str(_property(node, "roledescription") or _text(node, "role"))
    parts = [_text(node, "name"), role, _text(node, "value")]
    for name in STATES:
        said = _property(node, name)
        if isinstance(said, bool):
            parts.append(name if said else f"not {name}")
        elif isinstance(said, int):
            parts.append(f"{name} {said}")
    return ", ".join(part for part in parts if part)


def _text(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", "")).strip()


def _property(node: dict[str, Any], name: str) -> object:
    found = (each for each in node.get("properties", []) if each["name"] == name)
    return next((each["value"].get("value") for each in found), None)


def document(steps: list[Step], tree: str) -> str:
    """The page of documentation."""
    rows = "".join(f"| {step.key} | {step.heard.replace('|', '/')} |\n" for step in steps)
    text = f"{HEAD}{rows}\n## The page but its table, as a tree\n\n```yaml\n{tree}\n```\n"
    return PORT.sub(".lab.test:58443", text)  # the lab's ports are others each time


def main() -> None:
    """Walk, and write the page."""
    with sync_playwright() as playwright, serving() as address:
        chromium = find(playwright.chromium.executable_path)
        if chromium is None:
            sys.exit(HOW_TO_GET_ONE)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(base_url=address, viewport={"width": 1440, "height": 900})
        trace(page, address, SERVER)
        url = page.locator("#url").input_value()
        page.goto(address)
        steps: list[Step] = []
        tree = ""
        for step in walk(page, url):
            steps.append(step)
            if step.heard.startswith("explained"):
                tree = "\n".join(page.locator(part).aria_snapshot() for part in PARTS)
        browser.close()
    TARGET.write_text(document(steps, tree))


if __name__ == "__main__":
    main()
