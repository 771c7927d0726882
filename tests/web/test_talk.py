"""A WebSocket on its page: what was said, in order, escaped, and how the accept value follows."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from lab.frames import BINARY, CLOSE, PING, TEXT, close_payload, frame
from netcore.options import Options
from netcore.trace import Trace
from tests.netcore.framing.test_websocket import REQUEST, answer
from tests.netcore.recordings import http_exchange
from tests.web.conftest import WAIT_S, Script
from web.feed import DONE, RUNNING, Standing
from web.tale import tell
from web.talk import CHARACTERS, LINES, TalkView, talk_view
from web.tracing import Tracing

HOSTILE = "<script>alert(1)</script>\x1b"


def view_of(*frames: bytes, url: str = "ws://a.test/", state: str = DONE) -> TalkView | None:
    ours = frame(TEXT, b"Hello", mask=b"abcd")
    events = http_exchange([REQUEST, ours], [answer(), *frames])
    trace = Trace(url, "2026-01-02T03:04:05+00:00", Options(), events)
    return talk_view(tell(trace), Standing(state), "/t/x")


def wait(app: Flask, path: str) -> None:
    """Until the fetch of that trace has ended."""
    tracing: Tracing = app.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    assert feed.wait(1 << 62, WAIT_S)


def lines(*frames: bytes) -> list[tuple[str, str]]:
    view = view_of(*frames)
    assert view is not None
    return [(line.way, line.said) for line in view.lines]


def test_messages_and_control_frames_stand_in_order_of_time() -> None:
    told = lines(
        frame(TEXT, b"one") + frame(PING, b"?"),
        frame(BINARY, b"\0\xff"),
        frame(CLOSE, close_payload(1001, "bye")),
    )
    assert told == [
        ("sent", "Hello"),
        ("received", "one"),
        ("received", "Ping, 1 byte"),
        ("received", "00 ff"),
        ("received", "Close 1001 (Going Away): bye"),
    ]


def test_what_is_empty_says_so() -> None:
    assert lines(frame(TEXT), frame(CLOSE))[1:] == [
        ("received", "an empty message"),
        ("received", "Close without a code"),
    ]


def test_long_texts_and_long_conversations_are_cut() -> None:
    view = view_of(frame(TEXT, b"x" * 5_000))
    assert view is not None
    assert len(view.lines[-1].said) == CHARACTERS
    view = view_of(*[frame(TEXT, b"x")] * (LINES + 9))
    assert view is not None
    assert len(view.lines) == LINES
    assert view.left_out.startswith("10 earlier")


def test_each_line_leads_to_its_event() -> None:
    view = view_of(frame(TEXT, b"one"))
    assert view is not None
    assert all(line.href == f"/t/x/e/{line.number}" for line in view.lines)


def test_the_accept_value_is_derived_step_by_step() -> None:
    view = view_of()
    assert view is not None
    assert view.accept is not None
    assert view.accept.right
    assert view.accept.answered == view.accept.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert view.accept.digest.startswith("b3 7a 4f 2c")  # RFC 6455 §1.3


def test_another_trace_has_none_and_a_finished_one_is_not_open() -> None:
    assert view_of(url="http://a.test/") is None
    view = view_of(state=RUNNING)
    assert view is not None
    assert not view.open  # the stage has ended


def test_octets_from_outside_are_shown_and_never_run(
    make_app: Callable[..., Flask], script: Script
) -> None:
    script.events = http_exchange([REQUEST], [answer() + frame(TEXT, HOSTILE.encode())])
    app = make_app()
    client: FlaskClient = app.test_client()
    path = client.post("/trace", data={"url": "ws://a.test/"}).location
    wait(app, path)
    page = client.get(path).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b" in page
    assert "<script>alert" not in page


def test_messages_of_the_form_are_for_a_websocket(
    app: Flask, client: FlaskClient, script: Script
) -> None:
    data = {"url": "ws://a.test/", "messages": "one\r\n\r\ntwo <b>\r\n"}
    path = client.post("/trace", data=data).location
    wait(app, path)
    assert script.asked[-1][1].messages == ("one", "", "two <b>")
    refused = client.post("/trace", data={"url": "a.test", "messages": "one"})
    assert refused.status_code == 422
    assert "ws://" in refused.text
    assert ">\none</textarea>" in refused.text
