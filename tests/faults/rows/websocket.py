"""Rows of the stage websocket, over plain TCP, with frames that are written by hand."""

from __future__ import annotations

import contextlib
import socket
import zlib
from collections.abc import Callable

from lab.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    FIN,
    PING,
    RSV1,
    TEXT,
    accept_value,
    close_payload,
    frame,
)
from netcore import Trace
from netcore.pdus import explain
from netcore.trace import Completed, Failed
from tests.faults.case import Case, Scene, Stage, octets_of, options
from tests.faults.hostile import (
    Converse,
    HostileServer,
    drip,
    hold,
    receive_request,
    reply,
    reply_and_finish,
    reset,
)

Head = Callable[[str], bytes]
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate"
SWITCHING = ("Upgrade: websocket", "Connection: Upgrade")


def head(*fields: str, accept: str | None = None, status: str = "101 Switching Protocols") -> Head:
    """An answer to a key: with the accept value that it comes to, if no other is given."""

    def made(key: str) -> bytes:
        value = accept_value(key) if accept is None else accept
        lines = [f"HTTP/1.1 {status}", *fields]
        lines += [f"Sec-WebSocket-Accept: {value}"] if value else []
        return "".join(f"{line}\r\n" for line in (*lines, "")).encode()

    return made


OPEN = head(*SWITCHING)
DEFLATED = head(*SWITCHING, DEFLATE)


def websocket(converse: Converse, **limits: object) -> Stage:
    """A scene with one server, which is asked for a WebSocket."""

    def scene(stack: contextlib.ExitStack) -> Scene:
        server = stack.enter_context(HostileServer(converse))
        quiet = {"quiet_s": 0.2, "closing_s": 0.5, **limits}
        wanted = options(server, limits=quiet, messages=("Hello",))
        return Scene(f"ws://{server.endpoint}/", wanted, [server])

    return scene


def answers(made: Head, *frames: bytes, finish: bool = False, again: Converse = hold) -> Converse:
    """A server that answers the handshake and then sends these at once."""

    def converse(connection: socket.socket) -> None:
        request = receive_request(connection).decode("latin-1")
        lines = (line.partition(":") for line in request.split("\r\n"))
        fields = {name.lower(): value.strip() for name, _, value in lines}
        connection.sendall(made(fields["sec-websocket-key"]) + b"".join(frames))
        if finish:
            connection.shutdown(socket.SHUT_WR)
        again(connection)

    return converse


def sends(*frames: bytes, made: Head = OPEN, **more: object) -> Stage:
    return websocket(answers(made, *frames, **more))  # type: ignore[arg-type]


def resets(connection: socket.socket) -> None:
    """Wait for a frame, and reset the connection."""
    connection.recv(65_536)
    reset(connection)


def trickles(connection: socket.socket) -> None:
    drip(frame(BINARY, bytes(300)), every_s=0.01)(connection)


def compressed(text: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def shows(*words: str) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        end = trace.outcome
        assert isinstance(end, Failed)
        assert all(word in end.message for word in words), end.message

    return check


def says_close(code: int) -> object:
    """The last frame that we send is a Close, with this code."""

    def check(scene: Scene, trace: Trace) -> None:
        connection = explain(trace.events).websocket["1"]
        last = [each for each in connection.frames if each.direction == "sent"][-1]
        assert last.header.opcode == CLOSE
        assert last.data == close_payload(code)
        assert len(octets_of(trace, "tcp:1.sent")) < 4_000

    return check


def came(*messages: bytes) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        assert isinstance(trace.outcome, Completed)
        connection = explain(trace.events).websocket["1"]
        received = [m.data for m in connection.messages if m.direction == "received"]
        assert received == list(messages)

    return check


def bad(row: str, title: str, octets: bytes, code: str, check: object, made: Head = OPEN) -> Case:
    return Case(row, title, sends(octets, made=made), code, "messages", check=check)  # type: ignore[arg-type]


def refused(row: str, title: str, made: Head, code: str, *words: str) -> Case:
    check = shows(*words)
    return Case(row, title, sends(made=made), code, "response", check=check)  # type: ignore[arg-type]


GOODBYE = frame(CLOSE, close_payload(1000))
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
MIB = 1 << 20
PIECE = frame(CONTINUATION, bytes(60_000), first=0)

CASES = [
    Case(
        "WS-01",
        "200 with a page",
        websocket(reply(PAGE)),
        "ws.not_upgraded",
        check=shows("200 OK", "101"),  # type: ignore[arg-type]
    ),
    Case(
        "WS-01",
        "404 until the end",
        websocket(reply_and_finish(b"HTTP/1.1 404 Not Found\r\n\r\nno")),
        "ws.not_upgraded",
    ),
    refused(
        "WS-03",
        "an extension",
        head(*SWITCHING, "Sec-WebSocket-Extensions: x-none"),
        "ws.bad_handshake",
        "x-none",
    ),
    refused("WS-03", "two extensions", head(*SWITCHING, DEFLATE, DEFLATE), "ws.bad_handshake"),
    refused(
        "WS-03", "a parameter", head(*SWITCHING, f"{DEFLATE}; level=9"), "ws.bad_handshake", "level"
    ),
    refused(
        "WS-03",
        "a parameter twice",
        head(*SWITCHING, f"{DEFLATE}; {'; '.join(['server_no_context_takeover'] * 2)}"),
        "ws.bad_handshake",
    ),
    refused(
        "WS-03",
        "a window of 2^16",
        head(*SWITCHING, f"{DEFLATE}; client_max_window_bits=16"),
        "ws.bad_handshake",
    ),
    refused(
        "WS-03",
        "a sub-protocol",
        head(*SWITCHING, "Sec-WebSocket-Protocol: chat"),
        "ws.bad_handshake",
        "chat",
    ),
    refused("WS-03", "no Upgrade", head("Connection: Upgrade"), "ws.bad_handshake", "Upgrade"),
    refused(
        "WS-03",
        "an upgrade to h2c",
        head("Upgrade: h2c", "Connection: Upgrade"),
        "ws.bad_handshake",
    ),
    refused("WS-03", "no Connection", head("Upgrade: websocket"), "ws.bad_handshake", "Connection"),
    refused("WS-03", "no accept value", head(*SWITCHING, accept=""), "ws.bad_accept"),
    refused(
        "WS-03",
        "the accept value of another key",
        head(*SWITCHING, accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
        "ws.bad_accept",
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ),
    bad("WS-05", "2^63 octets", b"\x82\x7f\x80" + bytes(7), "ws.too_big", says_close(1009)),
    bad("WS-05", "2^63 - 1 octets", b"\x82\x7f\x7f" + b"\xff" * 7, "ws.too_big", says_close(1009)),
    bad(
        "WS-05",
        "1 MiB and an octet",
        b"\x82\x7f" + (MIB + 1).to_bytes(8, "big"),
        "ws.too_big",
        says_close(1009),
    ),
    bad(
        "WS-05",
        "fragments without end",
        frame(BINARY, b"", first=0) + PIECE * 40,
        "ws.too_big",
        says_close(1009),
    ),
    Case(
        "WS-05",
        "1 MiB is fine",
        sends(frame(BINARY, bytes(MIB)), GOODBYE),
        "ok",
        check=came(bytes(MIB)),
    ),  # type: ignore[arg-type]
    bad(
        "WS-05",
        "more than 2 MiB in all",
        frame(BINARY, bytes(MIB)) * 3,
        "limit.messages",
        says_close(1008),
    ),
    bad("WS-05", "1,001 messages", frame(TEXT, b"x") * 1_001, "limit.messages", says_close(1008)),
    bad(
        "WS-07",
        "8 MiB in one frame",
        frame(TEXT, compressed(bytes(8 << 20)), first=FIN | RSV1),
        "ws.too_big",
        says_close(1009),
        DEFLATED,
    ),
    bad(
        "WS-07",
        "no deflate stream",
        frame(TEXT, b"\xff" * 20, first=FIN | RSV1),
        "ws.protocol",
        says_close(1007),
        DEFLATED,
    ),
    bad(
        "WS-07",
        "compressed, and nothing agreed on",
        frame(TEXT, compressed(b"x"), first=FIN | RSV1),
        "ws.protocol",
        says_close(1002),
    ),
    bad("WS-09", "half a character", frame(TEXT, b"caf\xc3"), "ws.bad_utf8", says_close(1007)),
    bad("WS-09", "a surrogate", frame(TEXT, b"\xed\xa0\x80"), "ws.bad_utf8", says_close(1007)),
    bad(
        "WS-09",
        "in the second fragment",
        frame(TEXT, b"a", first=0) + frame(CONTINUATION, b"\xff"),
        "ws.bad_utf8",
        says_close(1007),
    ),
    Case(
        "WS-09",
        "a character in two fragments is fine",
        sends(frame(TEXT, b"\xc3", first=0), frame(CONTINUATION, b"\xa9"), GOODBYE),
        "ok",
        check=came("é".encode()),
    ),  # type: ignore[arg-type]
    bad("WS-11", "5,000 PINGs", frame(PING, b"x") * 5_000, "ws.flood", says_close(1008)),
    Case("WS-11", "100 are fine", sends(frame(PING, b"x") * 100, GOODBYE), "ok"),
    bad(
        "WS-11", "a PING in fragments", frame(PING, b"x", first=0), "ws.protocol", says_close(1002)
    ),
    bad("WS-11", "a PING of 126 octets", frame(PING, bytes(126)), "ws.protocol", says_close(1002)),
    *(
        bad(
            "WS-13",
            f"code {code}",
            frame(CLOSE, close_payload(code)),
            "ws.bad_close",
            shows(str(code)),
        )
        for code in (0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535)
    ),
    bad(
        "WS-13",
        "a reason of 126 octets",
        frame(CLOSE, close_payload(1000, "x" * 124)),
        "ws.protocol",
        says_close(1002),
    ),
    bad(
        "WS-13",
        "a reason that is not UTF-8",
        frame(CLOSE, close_payload(1000) + b"<script>\xff"),
        "ws.bad_close",
        shows("UTF-8"),
    ),
    bad("WS-13", "half a code", frame(CLOSE, b"\x03"), "ws.bad_close", shows("half")),
    bad("WS-13", "masked", frame(TEXT, b"x", mask=b"abcd"), "ws.protocol", says_close(1002)),
    bad("WS-13", "an opcode of its own", frame(3, b"x"), "ws.protocol", says_close(1002)),
    bad(
        "WS-13",
        "a continuation of nothing",
        frame(CONTINUATION, b"x"),
        "ws.protocol",
        says_close(1002),
    ),
    bad(
        "WS-13",
        "a message in a message",
        frame(TEXT, b"x", first=0) + frame(TEXT, b"y"),
        "ws.protocol",
        says_close(1002),
    ),
    bad(
        "WS-13",
        "a length that is longer than it need be",
        b"\x81\x7e\x00\x01x",
        "ws.protocol",
        says_close(1002),
    ),
    Case("WS-13", "no code is fine", sends(frame(CLOSE)), "ok", noted="close"),
    Case(
        "WS-13",
        "4999 is fine",
        sends(frame(CLOSE, close_payload(4999, "why"))),
        "ok",
        noted="close",
    ),
    Case(
        "WS-15",
        "FIN at once",
        sends(finish=True),
        "ws.closed_abnormally",
        "messages",
        check=shows("1006"),
    ),  # type: ignore[arg-type]
    Case(
        "WS-15",
        "FIN inside a frame",
        sends(frame(TEXT, b"hello")[:4], finish=True),
        "ws.closed_abnormally",
        "messages",
        check=shows("1006", "inside"),
    ),  # type: ignore[arg-type]
    Case(
        "WS-15",
        "no answer to our Close",
        sends(),
        "ws.closed_abnormally",
        "messages",
        limit="closing_s",
        check=says_close(1000),
    ),  # type: ignore[arg-type]
    Case("WS-15", "RST", sends(again=resets), "tcp.reset", "messages"),
    Case(
        "WS-15",
        "a frame in a trickle, and then silence",
        sends(again=trickles),
        "ws.closed_abnormally",
        "messages",
        limit="closing_s",
    ),
]
