"""Passed on: a frame in a stranger's page, a file without a server, a picture, and its end."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import fetched, trace


@pytest.fixture
def stranger() -> Iterator[Callable[[str], str]]:
    """Serves a page from another origin, and gives its address."""
    pages: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages[-1].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def serve(page: str) -> str:
        pages.append(page)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve
    server.shutdown()
    thread.join(10)
    server.server_close()


PARENT = """<!doctype html><title>Slides</title><link rel="icon" href="data:,">
<p id="told"></p>
<iframe src="{src}" sandbox="allow-scripts" width="700" height="480" title="A trace"></iframe>
<script>
let ready = "";
addEventListener("message", ({{ data, source }}) => {{
  if (!data.wiretale) return;
  if (data.wiretale.ready) ready = " ready";
  document.getElementById("told").textContent = "step " + data.wiretale.step +
    (data.wiretale.height > 100 ? " high" : "") + ready;
  const told = {{ wiretale: {{ step: {wanted} }} }};
  if (data.wiretale.step !== {wanted}) source.postMessage(told, "*");
}});
</script>"""


def test_a_frame_of_another_origin_shows_a_step_and_opens_the_one_that_it_is_told(
    any_page: Page, server: str, stranger: Callable[[str], str]
) -> None:
    path = trace_without_script(any_page)
    numbers = any_page.locator("#rows tr").evaluate_all("rows => rows.map((row) => row.dataset.n)")
    first, wanted = numbers[2], numbers[4]
    src = f"{server}/embed/{path[3:]}?view=story&step={first}"
    scripted = any_page.evaluate("document.documentElement.classList.contains('js')")
    any_page.goto(stranger(PARENT.format(src=src, wanted=wanted)))
    frame = any_page.frame_locator("iframe")
    shown = wanted if scripted else first
    if scripted:
        expect(any_page.locator("#told")).to_have_text(f"step {wanted} high ready")
    back = frame.get_by_role("link", name="Open in Wiretale")
    expect(back).to_have_attribute("href", f"{path}/e/{shown}")
    expect(frame.locator("h1")).to_be_visible()
    any_page.goto(f"{server}{back.get_attribute('href')}")
    expect(any_page.locator("main")).to_have_attribute("data-n", shown)


def trace_without_script(page: Page) -> str:
    return trace(page, "plain")


def test_a_link_to_a_field_opens_cold_in_the_saved_file(script_page: Page, tmp_path: Path) -> None:
    path = trace(script_page, "plain")
    file = tmp_path / "trace.html"
    file.write_bytes(script_page.request.get(f"{path}.html").body())
    script_page.goto(file.as_uri())
    field = script_page.locator(".step .tree li[id].leaf").nth(2)
    place = field.get_attribute("id")
    script_page.goto("about:blank")
    script_page.goto(f"{file.as_uri()}#{place}")
    chosen = script_page.locator(f"[id='{place}']")
    expect(chosen.locator(".words").first).to_be_visible()
    expect(chosen).to_be_in_viewport()
    expect(script_page.locator(".run.sel").first).to_be_visible()


def test_the_picture_is_saved_as_png_and_the_selection_goes_along(script_page: Page) -> None:
    trace(script_page, "plain")
    script_page.locator(".tree .field").nth(3).click()
    expect(script_page).to_have_url(re.compile("f="))
    chosen = script_page.url
    script_page.get_by_role("link", name="Share").click()
    expect(script_page.locator("#share-chosen")).to_have_value(chosen)
    with script_page.expect_download() as download:
        script_page.get_by_role("button", name="Timeline as PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_sharing_is_a_sheet_on_a_phone_that_takes_the_focus_and_gives_it_back(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    path = fetched(page, "plain")  # whoever fetched it may give it a code
    link = page.get_by_role("link", name="Share")
    link.click()
    sheet = page.get_by_role("dialog", name="Share this trace")
    expect(sheet.get_by_role("button", name="Close")).to_be_focused()
    expect(link).to_have_attribute("aria-expanded", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sheet.get_by_role("button", name="Make a code").click()
    expect(sheet.get_by_role("heading", name="For a projector")).to_be_focused()
    expect(sheet.locator(".spoken-code")).to_be_visible()
    sheet.get_by_label("View").select_option("hex")
    expect(sheet.locator("#share-snippet")).to_have_value(re.compile("view=hex&amp;e="))
    expect(sheet.frame_locator("iframe").locator("main")).to_have_class(re.compile("view-hex"))
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(link).to_be_focused()
    expect(page).to_have_url(re.compile(re.escape(path)))


def test_a_trace_is_deleted_only_when_it_is_confirmed(any_page: Page) -> None:
    path = fetched(any_page, "plain")
    any_page.goto(f"{path}/share")
    any_page.get_by_role("button", name="Delete").click()
    expect(any_page.locator("h1")).to_have_text("Share this trace")
    any_page.get_by_role("checkbox").check()
    any_page.get_by_role("button", name="Delete").click()
    expect(any_page.locator(".message")).to_contain_text("This trace has been deleted.")


def test_the_share_page_fits_a_phone(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    path = trace(page, "tls13")
    for address in (f"{path}/share?e=10", f"/embed/{path[3:]}?view=event", "/c"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address


def test_a_frame_as_narrow_as_a_phone_shows_what_the_step_says_and_the_way_on(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 358, "height": 480})
    path = trace(page, "tls13")
    page.goto(f"/embed/{path[3:]}?view=story")
    for part in (".embed-caption", ".embed-steps [rel=next]"):
        expect(page.locator(part)).to_be_in_viewport(ratio=1)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    octets = page.locator(".strip.for-narrow")
    assert octets.evaluate("strip => strip.getBoundingClientRect().right <= innerWidth")
