"""The whole application in this process, with the lab, and a Chromium in front of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from app import bind, create_app
from lab import Lab
from netcore.trace import Trace
from tools.find_chromium import HOW_TO_GET_ONE, find
from web.store import new_id

WAIT_MS = 15_000
FINISHED = "main[data-state=done], main[data-state=failed]"
SCRIPTS_KEY = "the-key-that-was-printed"
ELSEWHERE = "wiretale.test"  # a name of this machine that is not one of loopback
COMPLAINTS = ("Content Security Policy", "TrustedHTML", "Trusted Type")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], browser_type: BrowserType
) -> dict[str, Any]:
    chromium = find(browser_type.executable_path)
    if chromium is None:
        pytest.skip(HOW_TO_GET_ONE)
    # Inside a container there is often no user namespace for the sandbox to use.
    return {
        **browser_type_launch_args,
        "executable_path": str(chromium),
        "args": ["--no-sandbox", f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"],
    }


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    expect.set_options(timeout=WAIT_MS)


@pytest.fixture(scope="session")
def app(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application."""
    instance = tmp_path_factory.mktemp("instance")
    app = create_app({"INSTANCE": instance, "LAB": lab, "SCRIPTS_KEY": SCRIPTS_KEY})
    yield app
    app.extensions["tracing"].close()


@pytest.fixture
def keep(app: Flask) -> Callable[[Trace], str]:
    """Keeps a trace as if it had been fetched; gives its path."""

    def save(trace: Trace) -> str:
        trace_id = new_id()
        app.extensions["tracing"].store.save(trace_id, trace)
        return f"/t/{trace_id}"

    return save


@pytest.fixture(scope="session")
def server(app: Flask) -> Iterator[str]:
    """The address of the application."""
    server = bind(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def base_url(server: str) -> str:
    return server


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Note what the browser says against a page: policy violations and errors of scripts."""
    context.on(
        "console",
        lambda message: (
            complaints.append(message.text)
            if any(word in message.text for word in COMPLAINTS)
            else None
        ),
    )
    context.on("weberror", lambda error: complaints.append(str(error.error)))


@pytest.fixture
def new_page(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens pages with settings of their own; fails the test if the browser complained.

    Timelines are in Steps mode, where every mark has room for a pointer, unless `look` is another
    value of the cookie, or "" for a device that remembers nothing.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(look: str = "steps.1300.1", **settings: Any) -> Page:
        context = browser.new_context(**{"base_url": server, **settings})
        if look:
            # Such a device has been here before.
            for name, value in (("wiretale_view", look), ("wiretale_knows", "1")):
                context.add_cookies([{"name": name, "value": value, "url": server}])
        context.set_default_timeout(WAIT_MS)
        listen(context, complaints)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(params=["script", "no script"])
def any_page(request: pytest.FixtureRequest, new_page: Callable[..., Page]) -> Page:
    """A page with JavaScript, and one without."""
    return new_page(java_script_enabled=request.param == "script")


@pytest.fixture
def script_page(new_page: Callable[..., Page]) -> Page:
    """A page with JavaScript at 1440 by 900."""
    return new_page(viewport={"width": 1440, "height": 900})


FETCHED: dict[str, str] = {}
"""By server of the lab, the path of a finished trace of it: that of the last that was fetched."""


def trace(page: Page, target: str) -> str:
    """Open the trace of a server of the lab, fetched once for all tests; returns its path."""
    if target in FETCHED:
        opened = page.goto(FETCHED[target])
        if opened is not None and opened.ok:  # an application of its own does not know it
            return FETCHED[target]
    FETCHED[target] = fetched(page, target)
    return FETCHED[target]


def fetched(page: Page, target: str) -> str:
    """Click a server on the page of the lab; returns the path of the finished trace."""
    page.goto("/lab")
    page.locator(f"button[name=lab][value={target}]").click()
    expect(page.locator(FINISHED)).to_be_visible()
    page.wait_for_load_state()  # stylesheets that this page alone has may come behind its text
    path = page.locator("main").get_attribute("data-base")
    assert path is not None
    return path
