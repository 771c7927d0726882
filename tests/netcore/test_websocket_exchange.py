"""A whole WebSocket over loopback: opened, spoken on, closed; and what somebody types meanwhile."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lab import Authority, LabServer
from lab.frames import CLOSE, TEXT, Frames, accept_value, close_payload, frame
from netcore import Limits, Options, Trace, explain, fetch
from netcore.options import Lab
from netcore.outbox import Outbox
from netcore.trace import AnyEvent, Called, Chose, Completed, Failed
from tests.faults.hostile import HostileServer, receive_request, reply

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]
QUIET = Limits(quiet_s=0.15, closing_s=1.0)
Converse = Callable[[socket.socket, Frames], None]


def opened(converse: Converse, *fields: str) -> Callable[[socket.socket], None]:
    """A server that answers the handshake and then does this."""

    def run(connection: socket.socket) -> None:
        request = receive_request(connection).decode()
        key = request.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
        lines = ("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade")
        lines += (f"Sec-WebSocket-Accept: {accept_value(key)}", *fields, "", "")
        connection.sendall("\r\n".join(lines).encode())
        converse(connection, Frames(connection))

    return run


def echo(connection: socket.socket, frames: Frames) -> None:
    while (heard := frames.receive()) is not None:
        frames.send(frame(heard.opcode, heard.payload))
        if heard.opcode == CLOSE:
            return


def to(server: HostileServer | LabServer, **more: Any) -> Options:
    more = {"limits": QUIET, **more}
    return Options(lab=Lab(endpoints=(server.endpoint,)), **more)


def said(trace: Trace) -> list[tuple[str, bytes]]:
    connections = explain(trace.events).websocket.values()
    messages = [message for each in connections for message in each.messages]
    return [(m.direction, m.data) for m in sorted(messages, key=lambda m: m.time_ns)]


def decided(trace: Trace, what: str) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def test_messages_go_out_in_order_and_the_replies_are_given_out() -> None:
    lines: list[bytes] = []
    with HostileServer(opened(echo)) as server:
        options = to(server, messages=("one", "zwei ü", ""))
        trace = fetch(f"ws://{server.endpoint}/a?b", options, on_body=lines.append)
    end = trace.outcome
    assert isinstance(end, Completed)
    assert (end.status_code, end.body_octets) == (101, 10)
    assert b"".join(lines).decode() == "one\nzwei ü\n\n"
    assert decided(trace, "close") == ["1000", "1000"]
    assert decided(trace, "websocket") == ["open"]
    octets = b"".join(e.data for e in trace.events if isinstance(e, Called) and e.call == "send")
    assert octets.startswith(b"GET /a?b HTTP/1.1\r\n")


def test_over_tls_only_http_1_1_is_offered(authority: Authority, lab_server: Any) -> None:
    server = lab_server("wss-echo")
    resolve = (f"{server.host}:{server.port}:127.0.0.1",)
    options = to(server, cacert=authority.cacert, resolve=resolve, allow_private=True)
    trace = fetch(f"wss://{server.host}:{server.port}/", options)
    assert isinstance(trace.outcome, Completed), trace.outcome
    explanation = explain(trace.events)
    hello = next(pdu for pdu in explanation.pdus if pdu.name == "tls_handshake")
    assert b"\x08http/1.1" in hello.octets
    assert b"\x02h2" not in hello.octets
    assert explanation.websocket["1"].accept.is_right


def test_what_is_typed_while_it_is_open_is_sent_and_close_closes_it() -> None:
    outbox, is_open = Outbox(), threading.Event()

    def note(_: int, event: AnyEvent) -> None:
        if isinstance(event, Called) and outbox.is_open:
            is_open.set()

    def typist() -> None:
        assert is_open.wait(5)
        assert outbox.put("typed")
        outbox.close()

    first = threading.Thread(target=typist)
    with HostileServer(opened(echo)) as server:
        first.start()
        options = to(server, messages=("given",), limits=Limits(quiet_s=0.5, websocket_s=3))
        trace = fetch(f"ws://{server.endpoint}/", options, note, outbox=outbox)
        first.join()
    outbox.release()
    assert isinstance(trace.outcome, Completed), trace.outcome
    assert ("sent", b"typed") in said(trace)
    assert not outbox.is_open
    why = [e.why for e in trace.events if isinstance(e, Chose) and e.what == "close"]
    assert "page" in why[0]


def test_a_server_that_never_falls_silent_is_closed_at_the_limit() -> None:
    def chatter(connection: socket.socket, frames: Frames) -> None:
        pace = threading.Event()
        connection.settimeout(0.02)
        while not pace.wait(0.02):
            frames.send(frame(TEXT, b"again"))
            try:
                heard = frames.receive()
            except TimeoutError:
                continue
            if heard is None or heard.opcode == CLOSE:
                frames.send(frame(CLOSE, close_payload(1000)))
                return

    with HostileServer(opened(chatter)) as server:
        limits = Limits(quiet_s=5, websocket_s=0.3)
        trace = fetch(f"ws://{server.endpoint}/", to(server, limits=limits))
    assert isinstance(trace.outcome, Completed), trace.outcome
    why = [e.why for e in trace.events if isinstance(e, Chose) and e.what == "close"]
    assert why[0].startswith("It was open for 0.3 s.")


def test_a_handshake_is_redirected_like_any_request() -> None:
    with HostileServer(opened(echo)) as there:
        location = f"Location: http://{there.endpoint}/there".encode()
        moved = b"HTTP/1.1 307 Moved\r\nContent-Length: 0\r\n" + location + b"\r\n\r\n"
        with HostileServer(reply(moved)) as here:
            endpoints = (here.endpoint, there.endpoint)
            options = Options(
                lab=Lab(endpoints=endpoints),
                limits=QUIET,
                messages=("hello",),
                follow_redirects=True,
            )
            trace = fetch(f"ws://{here.endpoint}/", options)
            alone = fetch(f"ws://{here.endpoint}/", Options(lab=Lab(endpoints=endpoints)))
    assert isinstance(trace.outcome, Completed), trace.outcome
    assert trace.outcome.hop == 2
    assert ("received", b"hello") in said(trace)
    assert isinstance(alone.outcome, Failed)
    assert alone.outcome.code == "ws.not_upgraded"
    assert "307" in alone.outcome.message


@pytest.mark.parametrize("location", ["ws://127.0.0.1:9/", "http://127.0.0.1:9/", "wss://[::1]/"])
def test_a_redirect_to_where_nobody_may_go_is_refused(location: str) -> None:
    moved = f"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"
    with HostileServer(reply(moved.encode())) as server:
        trace = fetch(f"ws://{server.endpoint}/", to(server, follow_redirects=True))
    end = trace.outcome
    assert isinstance(end, Failed)
    assert (end.stage, end.hop) == ("redirect", 2)
    assert end.code.startswith("guard.blocked_")


def test_a_subprotocol_that_was_asked_for_is_noted() -> None:
    with HostileServer(opened(echo, "Sec-WebSocket-Protocol: chat")) as server:
        options = to(server, headers=(("Sec-WebSocket-Protocol", "chat, other"),))
        trace = fetch(f"ws://{server.endpoint}/", options)
    assert decided(trace, "subprotocol") == ["chat"]


def test_octets_behind_the_close_are_noted() -> None:
    def talkative(connection: socket.socket, frames: Frames) -> None:
        connection.sendall(frame(CLOSE, close_payload(1000)) + b"xyz")
        frames.hear_out()

    with HostileServer(opened(talkative)) as server:
        trace = fetch(f"ws://{server.endpoint}/", to(server))
    assert isinstance(trace.outcome, Completed)
    assert decided(trace, "framing") == ["surplus"]


def test_the_limit_on_everything_leaves_time_to_close_in_order() -> None:
    with HostileServer(opened(echo)) as server:
        limits = Limits(quiet_s=None, websocket_s=None, closing_s=0.2, total_s=1.0)
        trace = fetch(f"ws://{server.endpoint}/", to(server, limits=limits))
    assert isinstance(trace.outcome, Completed), trace.outcome
