"""The page that shows a fetch as a command and as a script."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from netcore.options import Options
from netcore.trace import Trace, encode
from tests.netcore.recordings import http_exchange
from tests.web.conftest import Script
from tests.web.recordings import refused
from tests.web.test_files import brought
from web import again
from web.tale import tell
from web.tracing import Tracing

Traced = Callable[[], str]


def shown(text: str) -> str:
    """The script as a reader copies it."""
    source = text[text.index('class="again source"') :]
    lines = re.findall(r'<span class="line">(.*)\n</span>', source)
    plain = (re.sub(r'^<span class="number">\d+</span>', "", line) for line in lines)
    return "".join(f"{html.unescape(re.sub('<[^>]*>', '', line))}\n" for line in plain)


def test_the_page_shows_what_the_files_hold(client: FlaskClient, traced: Traced) -> None:
    path = traced()
    text = client.get(f"{path}/again").text
    assert shown(text).rstrip("\n") == client.get(f"{path}.py").text.rstrip("\n")
    assert html.escape(client.get(f"{path}.curl").text, quote=False) in text.replace("&#39;", "'")
    assert f'href="{path}.py" download' in text
    assert f'href="{path}.curl" download' in text
    assert f'<a href="{path}/again">' in client.get(path).text


def test_a_fetch_that_failed_before_anything_was_sent_says_so(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = refused()
    text = client.get(f"{traced()}/again").text
    assert "This trace cannot be played again: nothing was sent to the server" in html.unescape(
        text
    )
    assert "curl " in text


def test_a_running_fetch_has_no_such_page_yet(
    client: FlaskClient, app: Flask, script: Script
) -> None:
    script.pause_after = 4
    path = client.post("/trace", data={"url": "http://plain.example/"}).location
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(3, 10)
    answer = client.get(f"{path}/again")
    assert (answer.status_code, "This fetch still runs." in answer.text) == (409, True)
    script.go_on.set()


def test_no_octet_of_the_wire_becomes_markup(client: FlaskClient) -> None:
    evil = b"</code></pre><script>alert(1)</script>'\"&"
    head = b"GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n" % (evil.replace(b" ", b""), evil)
    events = http_exchange([head], [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    options = Options(headers=(("X", evil.decode()),))
    trace = Trace(
        f"http://plain.example/{evil.decode()}", "2026-01-02T03:04:05+00:00", options, events
    )
    path = brought(client, encode(trace))
    text = client.get(f"{path}/again").text
    assert "<script>" not in text.replace('<script type="module"', "")
    assert evil.decode() in html.unescape(text)


def test_a_long_script_is_shown_in_part() -> None:
    body = b"x\n" * (again.SHOWN_LINES * 2)
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    events = http_exchange([head + body], [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    trace = Trace("http://a.test/", "2026-01-02T03:04:05+00:00", Options(), events)
    view = again.again_view(tell(trace), "/t/x")
    assert len(view.lines) == again.SHOWN_LINES
    assert view.more > again.SHOWN_LINES
