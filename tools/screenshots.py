"""Photograph the pages for the documentation.

    python -m tools.screenshots

starts the application with its lab, opens home, a finished trace, an event, a failure, the parts of
a handshake, an exercise, layers, streams, a WebSocket, a walk, sockets and bytes by hand at three
widths in both themes, and writes docs/screenshots/<page>-<width>-<theme>.png.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from app import bind, create_app
from lab import Lab
from tools.find_chromium import HOW_TO_GET_ONE, find
from tools.small_png import reduce

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
SCREENS: Final = {1440: 900, 1024: 768, 390: 844}
THEMES: Final = ("light", "dark")
SCROLLED_TO: Final = {
    "event": ("#panes", 700),
    "layers": ("#strips", 2000),
    "streams": ("#lanes", 2000),
    "websocket": ("#talk", 700),
    "walk": ("#walk", 2000),
}
"""What stands at the top of a picture, where the page is narrower than so many pixels."""
LIMIT: Final = 3_500_000  # octets, all pictures together
FINISHED: Final = "main[data-state=done], main[data-state=failed]"


@contextmanager
def serving() -> Iterator[str]:
    """The address of an application with its lab, for as long as the block runs."""
    with ExitStack() as stack:
        lab = stack.enter_context(Lab())
        instance = stack.enter_context(tempfile.TemporaryDirectory())
        app = create_app({"INSTANCE": Path(instance), "LAB": lab})
        stack.callback(app.extensions["tracing"].close)
        server = bind(app, "127.0.0.1", 0)
        stack.callback(server.server_close)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stack.callback(thread.join, 10)
        stack.callback(server.shutdown)
        yield f"http://127.0.0.1:{server.port}"


def trace(page: Page, address: str, target: str) -> str:
    """Trace a server of the lab; returns the address of the finished trace."""
    page.goto(f"{address}/lab")
    page.locator(f"button[name=lab][value={target}]").click()
    page.locator(FINISHED).wait_for()
    return address + str(page.locator("main").get_attribute("data-base"))


def talk(page: Page, address: str) -> str:
    """A WebSocket that the client has closed; returns the address of its trace."""
    page.goto(address)
    page.locator("button[name=lab][value=ws-echo]").click()
    page.get_by_label("Message", exact=True).fill("Typed while it is open")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#talk-lines .received", has_text="Typed while").wait_for()
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator(FINISHED).wait_for()
    return address + str(page.locator("main").get_attribute("data-base"))


def field_of_hello(page: Page, trace_address: str) -> str:
    """The address of the length of the record that carries the ClientHello."""
    page.goto(trace_address)
    page.get_by_role("row").filter(has_text="ClientHello").get_by_role("link").first.click()
    page.locator("#event-title", has_text="ClientHello").wait_for()
    page.locator("#tree .item[data-name=length] > .field").first.click()
    page.locator("#explanation dd", has_text="length").first.wait_for()
    return page.url


def chunk(page: Page, trace_address: str) -> str:
    """The address of a chunk among the layers of its connection."""
    page.goto(f"{trace_address}/layers/tcp:1")
    page.locator("#strip-received .unit", has_text="chunk of 304 bytes").click()
    page.locator("#said-title", has_text="chunk of 304 bytes").wait_for()
    page.wait_for_url("**/tcp:1?u=*")
    return page.url


def photograph(browser: Browser, addresses: dict[str, str]) -> Iterator[Path]:
    """Every page at every width in every theme; gives the files as they are written."""
    for width, height in SCREENS.items():
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            for name, address in addresses.items():
                page.goto(address, wait_until="networkidle")
                page.evaluate("() => document.fonts.ready")
                part, below = SCROLLED_TO.get(name, ("", 0))
                if width < below:
                    page.locator(part).evaluate("part => part.scrollIntoView()")
                path = FOLDER / f"{name}-{width}-{theme}.png"
                path.write_bytes(reduce(page.screenshot()))
                yield path
            context.close()


def main() -> int:
    """Take all pictures. Returns the exit status: 1 without a Chromium, or if they are too big."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serving() as address, sync_playwright() as playwright:
        chromium = find(playwright.chromium.executable_path)
        if chromium is None:
            sys.stderr.write(f"{HOW_TO_GET_ONE}\n")
            return 1
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        finished = trace(page, address, "tls13")
        failed = trace(page, address, "expired")
        addresses = {
            "home": address,
            "trace": finished,
            "event": field_of_hello(page, finished),
            "failure": failed,
            "handshake": f"{finished}/tls/1",
            "trust": f"{failed}/tls/1/trust",
            "keys": f"{finished}/tls/1/keys",
            "learn": f"{address}/learn/sockets/1",
            "layers": chunk(page, trace(page, address, "chunked")),
            "streams": f"{trace(page, address, 'h2-streams')}/http2",
            "websocket": talk(page, address),
            "walk": trace(page, address, "from-the-root"),
            "sockets": f"{finished}/sockets",
            "by-hand": f"{address}/by-hand",
        }
        octets = sum(path.stat().st_size for path in photograph(browser, addresses))
        browser.close()
    sys.stdout.write(f"{FOLDER}: {octets:,} octets\n")
    return 0 if octets <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
