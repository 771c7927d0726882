"""Which version of HTTP a connection is read as, and where one switches to another."""

from __future__ import annotations

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection

from netcore.channels import Channel, Span, derive
from netcore.framing.http import frame
from netcore.http2.streams import in_order, walk
from netcore.http2.windows import windows
from netcore.pdus import Explanation, explain
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, StageStarted
from tests.netcore.http2_conversation import RESPONSE
from tests.netcore.test_pdus import assert_grounded, assert_partition

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
SETTINGS = bytes(3) + b"\4\0\0\0\0\0"


def request(settings: bytes) -> bytes:
    head = b"GET /a HTTP/1.1\r\nHost: lab.test\r\nConnection: Upgrade, HTTP2-Settings\r\n"
    return head + b"Upgrade: h2c\r\nHTTP2-Settings: " + settings + b"\r\n\r\n"


def moved(call: str, offset: int, data: bytes) -> Called:
    direction = "sent" if call == "send" else "received"
    where = {"channel": f"tcp:1.{direction}", "offset": offset}
    return Called(1, "tcp:1", call, length=len(data), data=data, **where)


def upgraded() -> list[AnyEvent]:
    """A request that was switched to HTTP/2, and its response, by the h2 library."""
    client = H2Connection(H2Configuration(True))
    server = H2Connection(H2Configuration(False))
    client.local_settings.initial_window_size = 100_000
    client.local_settings.acknowledge()
    settings = client.initiate_upgrade_connection()
    assert settings is not None
    server.initiate_upgrade_connection(settings)
    asked, begun = request(settings), client.data_to_send()
    server.receive_data(begun)
    server.send_headers(1, RESPONSE)
    server.send_data(1, b"hello", end_stream=True)
    answered = server.data_to_send()
    client.receive_data(answered)
    acknowledged = client.data_to_send()
    return [
        StageStarted(0, "request"),
        moved("send", 0, asked),
        moved("recv", 0, SWITCH),
        moved("send", len(asked), begun),
        moved("recv", len(SWITCH), answered),
        moved("send", len(asked) + len(begun), acknowledged),
    ]


def titles(explanation: Explanation, direction: str) -> list[str]:
    return [title_of(p) for p in explanation.pdus if p.origin[0].channel.endswith(direction)]


def test_behind_a_101_both_directions_are_http_2() -> None:
    explanation = explain(upgraded())
    assert titles(explanation, ".sent")[:3] == ["GET /a", "connection preface", "SETTINGS"]
    received = titles(explanation, ".received")
    assert received[:2] == ["101 Switching Protocols", "SETTINGS"]
    assert {"200 OK", "DATA, stream 1, 5 bytes", "content, de-framed, 5 bytes"} < set(received)
    assert_partition(explanation)
    assert_grounded(explanation)


def test_the_request_that_was_switched_is_stream_1() -> None:
    connection = explain(upgraded()).http2["1"]
    frames = in_order(connection.frames)
    streams = walk(frames, upgraded=connection.upgrade is not None)
    assert [(c.before, c.trigger, c.after) for c in streams.changes] == [
        ("half_closed_local", "END_STREAM", "closed")
    ]
    assert [point.window for point in windows(frames, 1, connection.upgrade).received] == [99_995]


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_connection_that_switches_can_be_read_while_it_does(count: int) -> None:
    explanation = explain(upgraded()[:count])
    assert_partition(explanation)
    assert [
        field.error for p in explanation.pdus for field in p.fields().walk() if field.error
    ] == []


def test_an_answer_that_does_not_switch_is_http_1() -> None:
    events = [
        StageStarted(0, "request"),
        moved("send", 0, request(b"AAMAAABk")),
        moved("recv", 0, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    ]
    explanation = explain(events)
    assert explanation.http2 == {}
    assert titles(explanation, ".received") == ["200 OK", "body, 2 bytes"]


def test_a_server_that_answers_in_http_2_nobody_who_asked_for_it_sent_no_answer() -> None:
    events = [
        StageStarted(0, "request"),
        moved("send", 0, b"GET /a HTTP/1.1\r\nHost: lab.test\r\n\r\n"),
        moved("recv", 0, SETTINGS),
    ]
    assert titles(explain(events), ".received") == ["not an HTTP response"]


def test_a_server_that_switches_without_a_101_is_read_as_it_is() -> None:
    events = [
        StageStarted(0, "request"),
        moved("send", 0, request(b"AAMAAABk")),
        moved("recv", 0, SETTINGS),
    ]
    explanation = explain(events)
    assert titles(explanation, ".sent") == ["GET /a"]
    assert titles(explanation, ".received") == ["SETTINGS"]


@pytest.mark.parametrize("value", [b"****", b"A", "é".encode(), b""])
def test_settings_that_cannot_be_read_are_none(value: bytes) -> None:
    explanation = explain(
        [StageStarted(0, "request"), moved("send", 0, request(value)), moved("recv", 0, SWITCH)]
    )
    assert explanation.http2["1"].upgrade in (b"", b"\0")
    assert_partition(explanation)


def test_a_decrypted_channel_is_cut_like_one_in_the_clear() -> None:
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS
    sent: Channel = derive("tls:1.sent", [(Span("tcp:1.sent", 0, 60), preface)], whole=True)
    framed = frame(sent, None, "1")
    assert framed.http2 is not None
    assert [pdu.origin[0] for pdu in framed.pdus] == [
        Span("tls:1.sent", 0, 24),
        Span("tls:1.sent", 24, 33),
    ]
