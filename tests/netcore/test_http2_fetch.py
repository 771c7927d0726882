"""HTTP/2 in a fetch: agreed on, known before, switched to; streams, windows and the goodbye."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection

from lab import Authority, Lab
from lab.shelves.http2 import HELLO_BODY, WINDOW_BODY
from lab.streams import Asked, ServeStream, Streams
from netcore import Options, Trace, explain, fetch
from netcore.options import Lab as LabOptions
from netcore.options import Limits
from netcore.pdus import Explanation
from netcore.trace import Called, Chose, Completed, Failed
from tests.faults.hostile import Converse, HostileServer, hold, receive_request, reply
from tests.netcore.protocols.http2_octets import (
    DATA,
    END_STREAM,
    frame,
    goaway,
    head,
    hello,
)

pytestmark = pytest.mark.wire


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(hold_s=0.05) as running:
        yield running


def visit(lab: Lab, name: str, **more: Any) -> tuple[Trace, bytes]:
    parts: list[bytes] = []
    target = next(each for each in lab.targets if each.name == name)
    ask = target.ask
    given: dict[str, Any] = {"method": ask.method, "body": ask.body, "headers": ask.headers} | more
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **given)
    return fetch(target.url, options, on_body=parts.append), b"".join(parts)


def serving(serve: ServeStream) -> Converse:
    """HTTP/2 over plain TCP, as the lab speaks it."""

    def converse(connection: socket.socket) -> None:
        Streams(connection, threading.Event()).run(serve)

    return converse


def get(converse: Converse, **more: Any) -> Trace:
    with HostileServer(converse) as server:
        options = Options(lab=LabOptions(endpoints=(server.endpoint,)), **{"http": "2"} | more)
        return fetch(f"http://{server.endpoint}/", options)


def chosen(trace: Trace, what: str) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def completed(trace: Trace) -> Completed:
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace.outcome


def failed(trace: Trace) -> Failed:
    assert isinstance(trace.outcome, Failed), trace.outcome
    return trace.outcome


def sent(trace: Trace, channel: str = "tcp:1.sent") -> bytes:
    calls = [e for e in trace.events if isinstance(e, Called)]
    return b"".join(e.data for e in calls if e.channel == channel)


def frames(explanation: Explanation, direction: str) -> list[str]:
    (connection,) = explanation.http2.values()
    return [each.pdu.protocol for each in connection.frames if each.direction == direction]


# Which version


@pytest.mark.parametrize("http", ["auto", "2", "h2c-upgrade"])
def test_over_tls_the_server_chooses_http_2(lab: Lab, http: str) -> None:
    trace, body = visit(lab, "h2", http=http)
    assert (completed(trace).http_version, body) == ("2", HELLO_BODY)
    assert chosen(trace, "alpn") == ["h2"]
    assert chosen(trace, "http version") == []


@pytest.mark.parametrize(
    ("name", "http", "said"),
    [("h2", "1.1", []), ("tls13", "auto", []), ("tls13", "2", ["1.1"])],
)
def test_where_http_2_is_not_agreed_on_http_1_1_is_spoken(
    lab: Lab, name: str, http: str, said: list[str]
) -> None:
    trace, _ = visit(lab, name, http=http)
    assert completed(trace).http_version == "1.1"
    assert chosen(trace, "http version") == said


def test_without_alpn_it_is_http_1_1_and_said_so(lab: Lab) -> None:
    trace, _ = visit(lab, "h2", http="2", alpn=())
    assert completed(trace).http_version == "1.1"
    assert chosen(trace, "http version") == ["1.1"]


def test_prior_knowledge_begins_with_the_preface() -> None:
    trace = get(serving(lambda streams, asked: streams.respond(asked, 200, b"hello")))
    assert completed(trace).body_octets == 5
    assert sent(trace).startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert chosen(trace, "http version") == ["2"]


def switching(connection: socket.socket) -> None:
    """Switch to HTTP/2, answer on stream 1, and once more on stream 3."""
    request = receive_request(connection)
    value = next(line[16:] for line in request.split(b"\r\n") if line.startswith(b"HTTP2-S"))
    head = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    server = H2Connection(H2Configuration(client_side=False))
    server.initiate_upgrade_connection(value)
    server.send_headers(1, [(":status", "302"), ("location", "/next")])
    server.send_data(1, b"moved", end_stream=True)
    connection.sendall(head + server.data_to_send())
    while data := connection.recv(65_536):
        for event in server.receive_data(data):
            if type(event).__name__ == "RequestReceived":
                server.send_headers(3, [(":status", "200")], end_stream=True)
        if octets := server.data_to_send():
            connection.sendall(octets)


def test_an_upgrade_is_answered_on_stream_1_and_goes_on_with_3() -> None:
    trace = get(switching, http="h2c-upgrade", follow_redirects=True)
    end = completed(trace)
    assert (end.status_code, end.http_version, end.hop) == (200, "2", 2)
    assert chosen(trace, "http version") == ["h2c-upgrade", "2"]
    assert chosen(trace, "connection") == ["reused"]
    explanation = explain(trace.events)
    (connection,) = explanation.http2.values()
    assert connection.upgrade is not None
    assert {block.stream for block in connection.blocks} == {1, 3}


def test_a_server_that_does_not_switch_is_spoken_to_in_http_1_1() -> None:
    again = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"

    def converse(connection: socket.socket) -> None:
        assert b"Upgrade: h2c\r\n" in receive_request(connection)
        connection.sendall(again)
        assert b"Upgrade" not in receive_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        hold(connection)

    trace = get(converse, http="h2c-upgrade", follow_redirects=True)
    assert completed(trace).http_version == "1.1"
    assert chosen(trace, "http version") == ["h2c-upgrade", "1.1"]


def test_a_switch_to_something_else_is_refused() -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    assert failed(get(reply(switched), http="h2c-upgrade")).code == "h1.unexpected_101"


def with_its_finished(context: ssl.SSLContext, octets: bytes, rest: bytes) -> Converse:
    """Over TLS, octets that leave in one call with the last message of the handshake."""

    def converse(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        inside = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                inside.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65_536))
        inside.write(octets)
        connection.sendall(outgoing.read())
        incoming.write(connection.recv(65_536))
        inside.write(rest)
        connection.sendall(outgoing.read())
        hold(connection)

    return converse


def test_a_server_may_speak_with_the_end_of_the_handshake(authority: Authority) -> None:
    context = authority.server_context(
        authority.identity("early.example.com"), maximum=ssl.TLSVersion.TLSv1_2
    )
    context.set_alpn_protocols(["h2"])
    answer = head([(":status", "200")], 1) + frame(DATA, END_STREAM, 1, b"hello")
    with HostileServer(with_its_finished(context, hello(), answer)) as server:
        options = Options(
            lab=LabOptions(endpoints=(server.endpoint,)),
            resolve=(f"early.example.com:{server.port}:127.0.0.1",),
            cacert=authority.cacert,
        )
        trace = fetch(f"https://early.example.com:{server.port}/", options)
    assert completed(trace).body_octets == 5
    received = frames(explain(trace.events), "received")
    assert received == ["http2_settings", "http2_headers", "http2_data"]


# Streams


def test_a_redirect_at_the_same_origin_is_the_next_stream(lab: Lab) -> None:
    trace, body = visit(lab, "h2-streams", follow_redirects=True)
    assert body == b"You are on stream 3 of this connection.\n"
    assert chosen(trace, "connection") == ["reused"]
    (connection,) = explain(trace.events).http2.values()
    first, second = (b.pdu.size for b in connection.blocks if b.direction == "sent")
    assert second < first / 2, "the table remembers"


def test_content_waits_for_the_window(lab: Lab) -> None:
    trace, body = visit(lab, "small-window")
    assert body.startswith(f"{len(WINDOW_BODY):,} octets came in 4 DATA".encode())
    explanation = explain(trace.events)
    updates = [each for each in frames(explanation, "received") if "window" in each]
    assert len(updates) == 3


def test_a_head_is_answered_without_content(lab: Lab) -> None:
    trace, body = visit(lab, "h2", method="HEAD")
    assert (completed(trace).status_code, body) == (200, b"")
    assert chosen(trace, "framing") == ["none"]


def test_a_kept_connection_that_is_sent_away_is_made_anew() -> None:
    visits: list[int] = []

    def serve(streams: Streams, asked: Asked) -> None:
        visits.append(asked.stream)
        if asked.path == "/":
            streams.respond(asked, 302, b"", [("location", "/next")])
        elif len(visits) == 2:
            streams.flush()
            streams.connection.sendall(goaway(1))
            streams.is_open = False
        else:
            streams.respond(asked, 200, b"hello")

    trace = get(serving(serve), follow_redirects=True)
    assert completed(trace).body_octets == 5
    assert visits == [1, 3, 1]
    assert chosen(trace, "connection") == ["reused", "new"]


def test_expect_waits_for_100_in_http_2_too() -> None:
    def converse(connection: socket.socket) -> None:
        before = receive_request(connection)
        assert b"content" not in before.partition(b"SM\r\n\r\n")[2]
        connection.sendall(hello() + head([(":status", "100")], 1))
        received = b""
        while b"the body" not in received:
            received += connection.recv(65_536)
        connection.sendall(head([(":status", "200")], 1) + frame(DATA, END_STREAM, 1, b"ok"))
        hold(connection)

    trace = get(converse, method="POST", body=b"the body", headers=(("Expect", "100-continue"),))
    assert completed(trace).body_octets == 2
    assert chosen(trace, "expect") == ["waiting", "continue"]
    assert chosen(trace, "status") == ["100"]


def test_fields_of_one_connection_are_left_out_and_told(lab: Lab) -> None:
    trace, _ = visit(lab, "h2", headers=(("Connection", "close"),))
    assert completed(trace).status_code == 200
    assert chosen(trace, "field") == ["Connection"]


# The goodbye


def test_goaway_goes_before_close_notify_and_all_is_explained(lab: Lab) -> None:
    trace, _ = visit(lab, "h2")
    explanation = explain(trace.events)
    assert frames(explanation, "sent")[-1] == "http2_goaway"
    last = [pdu for pdu in explanation.pdus if pdu.protocol == "tls_alert"]
    assert any(pdu.octets == b"\x01\x00" for pdu in last), "close_notify"
    assert all(not pdu.error for pdu in explanation.pdus)


def test_a_body_beyond_the_bound_is_cancelled() -> None:
    def serve(streams: Streams, asked: Asked) -> None:
        streams.begin(asked, 200, [])
        while room := streams.h2.local_flow_control_window(asked.stream):
            streams.h2.send_data(asked.stream, bytes(min(room, 16_384)))

    trace = get(serving(serve), limits=Limits(body_read_octets=100_000))
    assert failed(trace).code == "limit.body"
    assert frame(3, 0, 1, b"\0\0\0\x08") + goaway(0) == sent(trace)[-30:]
