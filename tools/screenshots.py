"""Photograph the pages for the documentation.

    python -m tools.screenshots

starts the application with its lab, opens every kind of page there is at three widths in both
themes, and writes docs/screenshots/<page>-<width>-<theme>.png. Names after the module's own are
those of the pages to photograph anew; without one, all are, and what is no page is deleted.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from app import bind, create_app
from lab import Lab
from tools.find_chromium import HOW_TO_GET_ONE, find
from tools.small_png import reduce
from web.style_guide import tokens

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDER: Final = ROOT / "docs" / "screenshots"
STATIC: Final = ROOT / "static"
SCREENS: Final = {1440: 900, 1024: 768, 390: 844}
THEMES: Final = ("light", "dark")
SCROLLED_TO: Final = {
    "steps": ("#panes", 700),
    "event": ("#panes", 700),
    "bits": ("#spot", 700),
    "lineage": ("#lineage", 2000),
    "onlooker": ("#learnt", 700),
    "compare": ("main section", 700),
    "layers": ("#strips", 2000),
    "streams": ("#lanes", 2000),
    "websocket": ("#talk", 700),
}
"""What stands at the top of a picture, where the page is narrower than so many pixels."""
AT_PANES: Final = ".steps.at-panes"
"""What the bar of a narrow page is once it knows that the panes are in sight."""
LIMIT: Final = 7_500_000  # octets, all pictures together
FINISHED: Final = "main[data-state=done], main[data-state=failed]"


FOREIGN: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Week 4</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>
body {{ max-width: 46rem; margin: 2rem auto; padding: 0 1rem; font: 1.0625rem/1.6 Georgia, serif }}
iframe {{ border: 1px solid GrayText }}
</style>
<h1>Week 4: before the first byte</h1>
<p>A page of a course, on another server than Wiretale. What follows is a trace in a frame.</p>
<iframe src="{address}" title="A trace, step by step" width="100%" height="480" loading="lazy"
 allow="fullscreen"></iframe>
<p>Read on when you know what the record says of its own length.</p>
</html>
"""
"""The page of somebody else, with an embed in it."""


@contextmanager
def embedding(address: str) -> Iterator[str]:
    """The address of a page of another origin, which has a frame with what that address shows."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server calls
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(FOREIGN.format(address=escape(address)).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join(10)


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


def open_lineage(page: Page) -> None:
    """Show where the selected field came from."""
    page.locator("#lineage > summary").click()
    page.locator("#lineage-steps li").first.wait_for()


def play(page: Page) -> None:
    """Go on by some steps, and show how the player can be told to play."""
    for _ in range(5):
        before = page.locator("#steps .place").inner_text()
        page.locator("#next").click()
        page.locator("#steps .place", has_not_text=before).wait_for()
    page.locator("#options").click()
    page.locator("#player-options").wait_for()


ACTS: Final[dict[str, Callable[[Page], None]]] = {"lineage": open_lineage, "player": play}
"""What is done on a page before its picture is taken."""


def addresses(page: Page, address: str) -> dict[str, str]:
    """Make the traces that are shown; gives the address of each page by its name."""
    finished = trace(page, address, "tls13")
    failed = trace(page, address, "expired")
    plain, multiplexed = (trace(page, address, name) for name in ("plain", "h2"))
    field = field_of_hello(page, finished)
    return {
        "home": address,
        "trace": finished,
        "steps": f"{finished}?m=steps",
        "event": field,
        "bits": f"{field}&v=bits",
        "lineage": field,
        "player": finished,
        "present": f"{finished}/present?step=6&ask=0",
        "onlooker": f"{finished}/onlooker",
        "share": f"{finished}/share",
        "compare": f"{address}/compare?a={identity(plain)}&b={identity(multiplexed)}",
        "failure": failed,
        "refused": trace(page, address, "port-closed"),
        "handshake": f"{finished}/tls/1",
        "trust": f"{failed}/tls/1/trust",
        "keys": f"{finished}/tls/1/keys",
        "learn": f"{address}/learn/sockets/1",
        "story": f"{address}/stories/why-so-many-hellos/2",
        "layers": chunk(page, trace(page, address, "chunked")),
        "streams": f"{trace(page, address, 'h2-streams')}/http2",
        "lossy": f"{trace(page, address, 'h3-lossy')}?m=steps",
        "websocket": talk(page, address),
        "walk": trace(page, address, "from-the-root"),
        "sockets": f"{finished}/sockets",
        "by-hand": f"{address}/by-hand",
        "style": f"{address}/style",
        "embed": f"{address}/embed/{identity(finished)}?view=story&step={number_of(field)}",
    }


def identity(trace_address: str) -> str:
    """The id of a trace, of its address."""
    return trace_address.rpartition("/")[2]


def number_of(event_address: str) -> str:
    """The number of an event, of its address."""
    return event_address.rpartition("/e/")[2].partition("?")[0]


def own_colours() -> list[bytes]:
    """The colours of the pages, in both themes."""
    declared = tokens((STATIC / "css" / "tokens.css").read_text())
    return [bytes.fromhex(one.lstrip("#")) for each in declared for one in (each.light, each.dark)]


def photograph(browser: Browser, shown: dict[str, str]) -> Iterator[Path]:
    """Every page at every width in every theme; gives the files as they are written."""
    kept = own_colours()
    for width, height in SCREENS.items():
        for theme in THEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if theme == "dark" else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            for name, address in shown.items():
                context.clear_cookies()  # how the width was shown last
                page.goto(address, wait_until="networkidle")
                page.evaluate("() => document.fonts.ready")
                if name in ACTS:
                    ACTS[name](page)
                part, below = SCROLLED_TO.get(name, ("", 0))
                if width < below:
                    page.locator(part).first.evaluate("part => part.scrollIntoView()")
                    if part in ("#panes", "#spot"):
                        page.locator(AT_PANES).wait_for()
                path = FOLDER / f"{name}-{width}-{theme}.png"
                path.write_bytes(reduce(page.screenshot(), kept))
                yield path
            context.close()


def take(wanted: Sequence[str], browser: Browser, address: str) -> None:
    """Photograph pages.

    Args:
        wanted: the names of pages; none for all of them, and then nothing else is left behind.
        browser: that opens them.
        address: of the application.
    """
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    shown = addresses(page, address)
    page.close()
    with embedding(shown["embed"]) as elsewhere:
        shown["embed"] = elsewhere
        chosen = {name: shown[name] for name in wanted or shown}
        written = set(photograph(browser, chosen))
    if not wanted:
        for path in set(FOLDER.glob("*.png")) - written:
            path.unlink()


def main(wanted: Sequence[str] = ()) -> int:
    """Take pictures. Returns the exit status: 1 without a Chromium, or if they are too big.

    Args:
        wanted: the names of pages; none for all.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serving() as address, sync_playwright() as playwright:
        chromium = find(playwright.chromium.executable_path)
        if chromium is None:
            sys.stderr.write(f"{HOW_TO_GET_ONE}\n")
            return 1
        browser = playwright.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        take(wanted, browser, address)
        browser.close()
    octets = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    sys.stdout.write(f"{FOLDER}: {octets:,} octets\n")
    return 0 if octets <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
