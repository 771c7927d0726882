"""The messages of a WebSocket in an HTTP archive."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

from lab.frames import BINARY, CLOSE, TEXT, close_payload, frame
from netcore.exports.websocket import entry_of
from netcore.options import Options
from netcore.pdus import explain
from netcore.trace import Trace
from tests.netcore.exports.archive import entry_of as only_entry
from tests.netcore.framing.test_websocket import REQUEST, answer
from tests.netcore.recordings import http_exchange

STARTED = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
EVENTS = http_exchange(
    [REQUEST, frame(TEXT, b"Hello", mask=b"abcd")],
    [answer(), frame(TEXT, "né".encode()) + frame(BINARY, b"\0\xff"), frame(CLOSE)],
)
TRACE = Trace("ws://a.test/chat", STARTED.isoformat(), Options(), EVENTS)


def test_they_are_there_as_browsers_write_them() -> None:
    entry = only_entry(TRACE)
    assert entry["_resourceType"] == "websocket"
    assert (entry["request"]["url"], entry["response"]["status"]) == ("ws://a.test/chat", 101)
    sent, text, octets = entry["_webSocketMessages"]
    assert [m["type"] for m in (sent, text, octets)] == ["send", "receive", "receive"]
    assert [m["opcode"] for m in (sent, text, octets)] == [1, 1, 2]
    assert [m["data"] for m in (sent, text)] == ["Hello", "né"]
    assert octets["data"] == b64encode(b"\0\xff").decode()
    assert set(sent) == {"type", "time", "opcode", "data"}


def test_their_time_is_one_of_the_wall_clock() -> None:
    sent = only_entry(TRACE)["_webSocketMessages"][0]
    when = datetime.fromtimestamp(sent["time"], UTC)
    assert STARTED <= when < STARTED + timedelta(milliseconds=1)


def test_an_entry_without_a_websocket_has_none() -> None:
    assert entry_of(None, STARTED) == {}
    closed = http_exchange([REQUEST], [answer() + frame(CLOSE, close_payload(1000))])
    found = entry_of(explain(closed).websocket["1"], STARTED)
    assert found["_webSocketMessages"] == []
