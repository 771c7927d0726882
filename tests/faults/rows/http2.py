"""Rows of the stage http2, over plain TCP with prior knowledge, and by ALPN."""

from __future__ import annotations

import contextlib
import socket

from lab import Authority
from netcore import Trace
from netcore.trace import Completed, Failed
from tests.faults.case import Case, Scene, Stage, octets_of, options, plain_http
from tests.faults.certificates import HOST
from tests.faults.hostile import (
    Converse,
    HostileServer,
    drip,
    hold,
    over_tls,
    receive_request,
    repeat,
    reply,
    reply_and_finish,
)
from tests.netcore.protocols.http2_octets import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    block,
    frame,
    goaway,
    head,
    hello,
    setting,
)

STATUS = [(":status", "200")]
OK = head(STATUS, 1)
FIVE = head([*STATUS, ("content-length", "5")], 1)
END = frame(DATA, END_STREAM, 1, b"hello")
MANY = 50_000


def h2c(converse: Converse, **more: object) -> Stage:
    """HTTP/2 from the first octet, over plain TCP."""
    return plain_http(converse, http="2", **more)  # type: ignore[arg-type]


def sends(*parts: bytes, **more: object) -> Stage:
    """A server that greets and then sends these."""
    return h2c(reply(hello(), *parts), **more)


def by_alpn(converse: Converse) -> Stage:
    """A server that has chosen h2 by ALPN."""

    def scene(stack: contextlib.ExitStack) -> Scene:
        authority = stack.enter_context(Authority())
        context = authority.server_context(authority.identity(HOST))
        context.set_alpn_protocols(["h2"])
        server = stack.enter_context(HostileServer(over_tls(context, converse)))
        resolve = (f"{HOST}:{server.port}:127.0.0.1",)
        wanted = options(server, resolve=resolve, cacert=authority.cacert)
        return Scene(f"https://{HOST}:{server.port}/", wanted, [server])

    return scene


def failure(trace: Trace) -> Failed:
    end = trace.outcome
    assert isinstance(end, Failed)
    return end


def shows(*words: str) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        message = failure(trace).message
        assert all(word in message for word in words), message

    return check


def says_goodbye(code: int) -> object:
    """We end with GOAWAY, whose code says what was wrong, and nothing was queued up before it."""

    def check(scene: Scene, trace: Trace) -> None:
        sent = octets_of(trace, "tcp:1.sent")
        assert sent.endswith(goaway(0, code)), sent[-40:]
        assert len(sent) < 4_000

    return check


def body_is(length: int) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        end = trace.outcome
        assert isinstance(end, Completed)
        assert (end.body_octets, end.http_version) == (length, "2")

    return check


def bad(row: str, title: str, octets: bytes, code: str, **more: object) -> Case:
    return Case(row, title, sends(octets), code, **more)  # type: ignore[arg-type]


def overruns(connection: socket.socket) -> None:
    """More than the window, without a look at it."""
    receive_request(connection)
    connection.sendall(hello() + OK + frame(DATA, 0, 1, bytes(16_384)) * 8)
    hold(connection)


def keeps_to_the_window(connection: socket.socket) -> None:
    """All that the window of 100,001 octets allows, and then nothing."""
    receive_request(connection)
    connection.sendall(hello() + OK + frame(DATA, 0, 1, bytes(10_000)) * 10)
    connection.sendall(frame(DATA, 0, 1, b"x"))
    hold(connection)


BOUND = {"body_read_octets": 100_000}
BIG = setting(4, 65_536) + setting(4, 0)

CASES = [
    Case(
        "H2-01",
        "HTTP/1.1 400 by ALPN",
        by_alpn(reply(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
        "h2.bad_preface",
        plain=False,
        check=shows("HTTP/1.1 400 Bad Request"),
    ),
    Case(
        "H2-01",
        "HTTP/1.1 400 over plain TCP, in pieces",
        h2c(drip(b"HTTP/1.1 400 Bad Request\r\n\r\n", every_s=0.001)),
        "h2.bad_preface",
        check=shows("HTTP/1.1 400 Bad Request"),
    ),
    Case("H2-01", "another protocol", h2c(reply(b"SSH-2.0-OpenSSH\r\n")), "h2.bad_preface"),
    Case("H2-01", "PING first", h2c(reply(frame(PING, 0, 0, bytes(8)))), "h2.bad_preface"),
    Case(
        "H2-01",
        "nothing at all",
        h2c(hold),
        "h2.settings_timeout",
        "waiting",
        limit="first_byte_s",
    ),
    Case(
        "H2-01",
        "SETTINGS and then nothing",
        sends(),
        "http.first_byte_timeout",
        "waiting",
        limit="first_byte_s",
    ),
    Case(
        "H2-01",
        "half of a head",
        sends(frame(HEADERS, 0, 1, b"\x88")),
        "http.header_timeout",
        "waiting",
        limit="headers_s",
    ),
    bad("H2-03", "50,000 SETTINGS", setting(3, 1) * MANY, "h2.flood", check=says_goodbye(11)),
    bad("H2-03", "50,000 PINGs", frame(PING, 0, 0, bytes(8)) * MANY, "h2.flood"),
    bad("H2-03", "100 PINGs are fine", frame(PING, 0, 0, bytes(8)) * 99 + FIVE + END, "ok"),
    bad("H2-03", "frames that nobody knows", frame(0x42, 0, 1, b"x") * 200, "h2.flood"),
    bad(
        "H2-05",
        "an increment of 0",
        frame(WINDOW_UPDATE, 0, 0, bytes(4)),
        "h2.flow_control",
        check=says_goodbye(3),
    ),
    bad("H2-05", "0 for a stream", frame(WINDOW_UPDATE, 0, 1, bytes(4)), "h2.flow_control"),
    bad(
        "H2-05",
        "beyond 2^31-1",
        frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"),
        "h2.flow_control",
    ),
    bad(
        "H2-05",
        "50,000 of one octet",
        frame(WINDOW_UPDATE, 0, 1, b"\0\0\0\1") * MANY,
        "h2.flow_control",
    ),
    bad("H2-07", "50,000 empty DATA", OK + frame(DATA, 0, 1) * MANY, "h2.flood"),
    bad("H2-07", "padding alone", OK + frame(DATA, 8, 1, b"\x02\0\0") * 200, "h2.flood"),
    bad("H2-07", "100 empty DATA are fine", FIVE + frame(DATA, 0, 1) * 100 + END, "ok"),
    bad("H2-09", "a naked CONTINUATION", frame(CONTINUATION, 4, 1, b"\x88"), "h2.protocol"),
    bad(
        "H2-09",
        "CONTINUATION of another stream",
        frame(HEADERS, 0, 1, b"\x88") + frame(CONTINUATION, 4, 3, b""),
        "h2.protocol",
    ),
    bad(
        "H2-09",
        "PING in a block",
        frame(HEADERS, 0, 1, b"\x88") + frame(PING, 0, 0, bytes(8)),
        "h2.protocol",
    ),
    bad(
        "H2-09",
        "CONTINUATION without end",
        frame(HEADERS, 0, 1, b"\x88") + frame(CONTINUATION, 0, 1, b"") * MANY,
        "h2.continuation_flood",
    ),
    bad(
        "H2-11",
        "4,000 fields of one octet",
        head([*STATUS, *[("a", "b")] * 4_000], 1),
        "h2.header_list_too_large",
        check=says_goodbye(11),
    ),
    bad("H2-11", "257 fields", head([*STATUS, *[("a", "b")] * 256], 1), "h2.header_list_too_large"),
    bad("H2-11", "256 fields", head([*STATUS, *[("a", "b")] * 255], 1, END_STREAM), "ok"),
    bad(
        "H2-11",
        "a field of 20,000",
        head([*STATUS, ("a", "b" * 20_000)], 1),
        "h2.header_list_too_large",
    ),
    bad(
        "H2-13",
        "a table of 5,000 octets",
        frame(HEADERS, END_HEADERS, 1, b"\x3f\xe9\x26\x88"),
        "h2.compression",
        check=says_goodbye(9),
    ),
    bad(
        "H2-13",
        "an index that is nothing",
        frame(HEADERS, 4, 1, b"\x88\xff\x80\x01"),
        "h2.compression",
    ),
    bad(
        "H2-13",
        "a bad Huffman code",
        frame(HEADERS, 4, 1, b"\x00\x81\xff\x81\xff"),
        "h2.compression",
    ),
    bad("H2-15", "no :status", head([("a", "b")], 1), "h2.bad_header", check=says_goodbye(1)),
    bad("H2-15", "two :status", head([*STATUS, *STATUS], 1), "h2.bad_header"),
    bad("H2-15", ":status behind a field", head([("a", "b"), *STATUS], 1), "h2.bad_header"),
    bad("H2-15", ":status abc", head([(":status", "abc")], 1), "h2.bad_header"),
    bad("H2-15", ":status 101", head([(":status", "101")], 1), "h2.bad_header"),
    bad("H2-15", ":path", head([*STATUS, (":path", "/")], 1), "h2.bad_header"),
    bad("H2-15", "a name in upper case", head([*STATUS, ("Ab", "b")], 1), "h2.bad_header"),
    bad("H2-15", "a line end in a value", head([*STATUS, ("a", "b\r\nc: d")], 1), "h2.bad_header"),
    bad(
        "H2-15",
        "a field of one connection",
        head([*STATUS, ("connection", "close")], 1),
        "h2.bad_header",
    ),
    bad(
        "H2-15",
        "a length that is none",
        head([*STATUS, ("content-length", "+5")], 1),
        "h2.bad_header",
    ),
    bad(
        "H2-15",
        "two lengths",
        head([*STATUS, ("content-length", "5"), ("content-length", "6")], 1),
        "h2.bad_header",
    ),
    bad("H2-15", ":status in the trailers", OK + head(STATUS, 1, END_STREAM), "h2.bad_header"),
    bad(
        "H2-15",
        "more content than its length",
        FIVE + frame(DATA, 0, 1, b"hello!"),
        "h2.length_mismatch",
    ),
    bad(
        "H2-15",
        "less content than its length",
        FIVE + frame(DATA, 1, 1, b"hell"),
        "h2.length_mismatch",
    ),
    Case(
        "H2-15",
        "a connection that closes in the content",
        h2c(reply_and_finish(hello(), FIVE, frame(DATA, 0, 1, b"he"))),
        "http.incomplete_body",
    ),
    Case(
        "H2-15",
        "content that stops",
        sends(FIVE, frame(DATA, 0, 1, b"he")),
        "http.stall",
        limit="stall_s",
    ),
    bad(
        "H2-17",
        "PUSH_PROMISE",
        frame(PUSH_PROMISE, END_HEADERS, 1, b"\0\0\0\2" + block([(":method", "GET")])),
        "h2.protocol",
        check=shows("push"),
    ),
    bad(
        "H2-19",
        "RST_STREAM behind the end",
        FIVE + END + frame(RST_STREAM, 0, 1, bytes(4)),
        "ok",
        noted="framing",
        check=body_is(5),
    ),
    bad(
        "H2-19",
        "RST_STREAM in place of a head",
        frame(RST_STREAM, 0, 1, b"\0\0\0\7"),
        "h2.rst_stream",
    ),
    bad(
        "H2-19",
        "RST_STREAM in the content",
        FIVE + frame(RST_STREAM, 0, 1, b"\0\0\0\2"),
        "h2.rst_stream",
    ),
    Case(
        "H2-19",
        "GOAWAY in place of a head",
        h2c(reply_and_finish(hello(), goaway(0, 0, b"restarting"))),
        "h2.goaway",
        check=shows("restarting", "NO_ERROR"),
    ),
    bad(
        "H2-19", "GOAWAY that lets this stream end", FIVE + goaway(1) + END, "ok", check=body_is(5)
    ),
    bad(
        "H2-21", "a frame of 16,385 octets", OK + frame(DATA, 0, 1, bytes(16_385)), "h2.frame_size"
    ),
    bad(
        "H2-21",
        "a PING of 7 octets",
        frame(PING, 0, 0, bytes(7)),
        "h2.frame_size",
        check=says_goodbye(6),
    ),
    bad("H2-21", "SETTINGS of 5 octets", frame(SETTINGS, 0, 0, bytes(5)), "h2.frame_size"),
    bad("H2-23", "a response on stream 3", head(STATUS, 3), "h2.protocol"),
    bad("H2-23", "a response on stream 2", head(STATUS, 2), "h2.protocol"),
    bad("H2-23", "DATA on stream 0", frame(DATA, 0, 0, b"x"), "h2.protocol"),
    bad("H2-23", "DATA before the head", frame(DATA, 0, 1, b"x"), "h2.protocol"),
    Case("H2-25", "a window overrun", h2c(overruns, limits=BOUND), "h2.flow_control"),
    Case("H2-25", "a window that is kept to", h2c(keeps_to_the_window, limits=BOUND), "limit.body"),
    Case(
        "H2-25",
        "no window for the content of a request",
        h2c(reply(setting(4, 0)), method="POST", body=b"x" * 100_000),
        "h2.timeout",
        "request",
        limit="stall_s",
    ),
    Case(
        "H2-25",
        "frames in a trickle, which is no stall",
        h2c(
            repeat(hello() + OK + frame(DATA, 0, 1, bytes(16_384))[:9], b"a", every_s=0.02),
            limits={"stall_s": 0.5},
        ),
        "limit.slow_body",
        limit="body_s",
    ),
    Case(
        "H2-25",
        "an endless body",
        h2c(repeat(hello() + OK, frame(DATA, 0, 1, bytes(16_384)))),
        "h2.flow_control",
    ),
    bad("H2-27", "10,000 windows up and down", BIG * 10_000, "h2.flood", check=says_goodbye(11)),
    bad("H2-27", "endless 103", head([(":status", "103")], 1) * 2_000, "limit.interim"),
]
