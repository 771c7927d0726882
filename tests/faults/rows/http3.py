"""Rows of the stage http3: what a server can do wrong in QUIC, and in HTTP/3 above it."""

from __future__ import annotations

import contextlib
import tracemalloc
from collections.abc import Sequence

from aioquic._buffer import Buffer
from aioquic.quic.packet import (
    encode_quic_retry,
    encode_quic_version_negotiation,
    pull_quic_header,
)

from lab.quic import V1, V2, Conversation, Quic
from lab.streams import Asked
from netcore import Trace
from netcore.trace import Completed, Failed
from tests.faults.case import Case, Scene, options
from tests.faults.hostile import HostileServer
from tests.faults.hostile_quic import (
    RESPONSE,
    Serve,
    frame,
    number,
    over_quic,
    says,
    says_on,
    sends,
    stream,
)

DATA, HEADERS, SETTINGS, PUSH_PROMISE = 0, 1, 4, 5
PUSH, ENCODER = 1, 2
NEXT = 15  # the first stream that the server's library has not opened
WINDOW = 2 << 20


def good(conversation: Conversation, asked: Asked) -> None:
    conversation.respond(asked, 200, b"hello")


def negotiates(*versions: int) -> Quic:
    """Every datagram is answered with Version Negotiation."""

    def answers(datagram: bytes) -> Sequence[bytes]:
        header = pull_quic_header(Buffer(data=datagram), host_cid_length=8)
        return [
            encode_quic_version_negotiation(
                source_cid=header.destination_cid,
                destination_cid=header.source_cid,
                supported_versions=list(versions),
            )
        ]

    return Quic(good, answers=answers)


def negotiates_again(datagram: bytes) -> Sequence[bytes]:
    """Each version is turned down for the other one."""
    version = int.from_bytes(datagram[1:5], "big")
    answers = negotiates(V1 if version == V2 else V2).answers
    assert answers
    return answers(datagram)


def retries(datagram: bytes, *, fit: bool = True) -> Sequence[bytes]:
    """Every datagram is answered with Retry and another token."""
    header = pull_quic_header(Buffer(data=datagram), host_cid_length=8)
    assert header.version is not None
    octets = encode_quic_retry(
        version=header.version,
        source_cid=bytes(8),
        destination_cid=header.source_cid,
        original_destination_cid=header.destination_cid if fit else b"somebody",
        retry_token=b"again " + header.token,
    )
    return [octets]


def nobody(stack: contextlib.ExitStack) -> Scene:
    """The port is taken by TCP alone."""
    server = stack.enter_context(HostileServer(lambda connection: None))
    return Scene(f"https://127.0.0.1:{server.port}/", options(server, http="3"))


def shows(*words: str) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        end = trace.outcome
        assert isinstance(end, Failed)
        assert all(word in end.message for word in words), end.message

    return check


def body_is(length: int) -> object:
    def check(scene: Scene, trace: Trace) -> None:
        end = trace.outcome
        assert isinstance(end, Completed)
        assert (end.body_octets, end.http_version) == (length, "3")

    return check


def far_ahead(conversation: Conversation, asked: Asked) -> None:
    """An octet at the end of the window, and one behind it, nine times."""
    tracemalloc.start()
    ends = [WINDOW - 1 + step * WINDOW for step in range(9)]
    sends(*[stream(asked.stream, at, b"x") for at in ends])(conversation, asked)


def little_memory(scene: Scene, trace: Trace) -> None:
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20, f"{peak:,} octets"


def resets(conversation: Conversation, asked: Asked) -> None:
    """A stateless reset, with the token of the transport parameters."""
    token = conversation.quic._host_cids[0].stateless_reset_token
    conversation.raw = [b"\x40" + bytes(24) + token]  # type: ignore[attr-defined]


def endless(conversation: Conversation, asked: Asked) -> None:
    conversation.begin(asked, 200, [])
    conversation.send(asked, bytes(8 << 20))


def closes(code: int, reason: str, frame_type: int | None = None) -> Serve:
    def serve(conversation: Conversation, asked: Asked) -> None:
        conversation.quic.close(code, frame_type, reason)

    return serve


def control(octets: bytes) -> Serve:
    """More octets on the server's control stream."""

    def serve(conversation: Conversation, asked: Asked) -> None:
        assert conversation.h3 is not None
        conversation.quic.send_stream_data(conversation.h3._local_control_stream_id, octets)

    return serve


def control_ends(conversation: Conversation, asked: Asked) -> None:
    """The server's control stream is closed, on which all the others depend."""
    assert conversation.h3 is not None
    stream_id = conversation.h3._local_control_stream_id
    conversation.quic.send_stream_data(stream_id, b"", end_stream=True)


def encoder(octets: bytes) -> Serve:
    """More octets on the server's encoder stream."""

    def serve(conversation: Conversation, asked: Asked) -> None:
        assert conversation.h3 is not None
        conversation.quic.send_stream_data(conversation.h3._local_encoder_stream_id, octets)

    return serve


def bad(row: str, title: str, serve: Serve, code: str, **more: object) -> Case:
    stage = str(more.pop("stage", "response"))
    return Case(row, title, over_quic(Quic(serve)), code, stage, **more)  # type: ignore[arg-type]


def answered(title: str, answers: object, code: str, **more: object) -> Case:
    quic = Quic(good, answers=answers)  # type: ignore[arg-type]
    return Case("H3-03", title, over_quic(quic), code, "quic", **more)  # type: ignore[arg-type]


UNKNOWN = frame(0x21, b"grease") + frame(0x1F * 7 + 0x21, b"")
FIVE = frame(DATA, b"hello")

CASES = [
    Case(
        "H3-01",
        "UDP in silence",
        over_quic(Quic(good, answers=lambda datagram: ())),
        "quic.timeout",
        "quic",
        limit="quic_s",
    ),
    Case("H3-01", "a closed port", nobody, "quic.refused", "quic", plain=False),
    answered("no version in common", negotiates(0x1A2A3A4A).answers, "quic.version"),
    answered("one version for the other, in turn", negotiates_again, "quic.version"),
    answered(
        "the version that was asked for", negotiates(V1).answers, "quic.version", limit="quic_s"
    ),
    answered("Retry without end", retries, "quic.retry"),
    answered(
        "Retry of somebody else",
        lambda datagram: retries(datagram, fit=False),
        "quic.retry",
        limit="quic_s",
    ),
    answered(
        "noise", lambda datagram: (b"", b"\0", b"\xff" * 1_200), "quic.timeout", limit="quic_s"
    ),
    Case(
        "H3-05",
        "datagrams from another port",
        over_quic(Quic(good), elsewhere=True),
        "quic.timeout",
        "quic",
        limit="quic_s",
    ),
    bad(
        "H3-07",
        "octets at the end of the window",
        far_ahead,
        "quic.flow_control",
        stage="waiting",
        check=little_memory,
    ),
    bad(
        "H3-07",
        "TLS messages far ahead",
        sends(b"\x06" + number(1 << 20) + number(1) + b"x"),
        "quic.crypto_buffer",
        stage="waiting",
    ),
    bad(
        "H3-07",
        "a final size that changes",
        sends(stream(0, 9, b"x", fin=True), stream(0, 20, b"x")),
        "quic.protocol",
        stage="waiting",
    ),
    bad(
        "H3-09",
        "10,000 streams",
        sends(
            *[stream(NEXT + 4 * n, 0, b"!") for n in range(100)], stream(4 * 10_000 + 3, 0, b"!")
        ),
        "quic.stream_limit",
        stage="waiting",
    ),
    bad(
        "H3-09",
        "a stream of the server in both directions",
        sends(stream(1, 0, b"x")),
        "quic.stream_limit",
        stage="waiting",
    ),
    bad(
        "H3-11",
        "PATH_CHALLENGE without end",
        sends(*[(b"\x1a" + bytes(8)) * 20] * 3),
        "quic.flood",
        stage="waiting",
    ),
    bad("H3-11", "PING without end", sends(*[b"\x01" * 1_000] * 3), "quic.flood", stage="waiting"),
    bad("H3-11", "a frame that nobody knows", sends(b"\x20"), "quic.protocol", stage="waiting"),
    bad(
        "H3-13",
        "fields that wait for entries which never come",
        says(frame(HEADERS, b"\x02\0\x80"), fin=False),
        "h3.qpack",
        stage="waiting",
    ),
    bad(
        "H3-13",
        "an entry that is not there",
        says(frame(HEADERS, b"\0\0\xff\xff\xff\xff\x0f")),
        "h3.qpack",
    ),
    bad("H3-13", "a table of 5,000 octets", encoder(b"\x3f\xe9\x26"), "h3.qpack"),
    bad(
        "H3-13",
        "instructions without end",
        encoder(b"\x3f\xe1\x1f" + b"\x41a\x01b" * 80_000),
        "h3.qpack",
    ),
    bad("H3-13", "a second encoder stream", says_on((NEXT, number(ENCODER))), "h3.protocol"),
    bad("H3-13", "a control stream that ends", control_ends, "h3.protocol"),
    bad(
        "H3-13",
        "a HEADERS frame of 80,000",
        says(number(HEADERS) + number(80_000), fin=False),
        "h3.header_too_large",
    ),
    bad(
        "H3-13",
        "257 fields",
        lambda c, a: c.begin(a, 200, [("a", "b")] * 256),
        "h3.header_too_large",
    ),
    bad("H3-15", "DATA before HEADERS", says(FIVE), "h3.frame_unexpected"),
    bad(
        "H3-15",
        "GREASE and frames that nobody knows",
        says(UNKNOWN + RESPONSE + UNKNOWN + FIVE + UNKNOWN),
        "ok",
        check=body_is(5),
    ),
    bad(
        "H3-15",
        "SETTINGS on the stream of a request",
        says(frame(SETTINGS, b"")),
        "h3.frame_unexpected",
    ),
    bad("H3-15", "a frame of HTTP/2", says(frame(6, bytes(8))), "h3.frame_unexpected"),
    bad("H3-15", "a frame that is cut", says(RESPONSE + b"\0\x05he"), "h3.protocol"),
    bad("H3-15", "an end before the head", says(b""), "h3.protocol"),
    bad(
        "H3-15",
        "less content than its length",
        lambda c, a: (c.begin(a, 200, [("content-length", "9")]), c.send(a, b"hello", last=True))[
            0
        ],
        "h3.protocol",
    ),
    bad(
        "H3-15",
        "a field of one connection",
        lambda c, a: c.begin(a, 200, [("connection", "close")]),
        "h3.protocol",
    ),
    bad("H3-15", "SETTINGS twice", control(frame(SETTINGS, b"")), "h3.frame_unexpected"),
    bad("H3-17", "a stateless reset", resets, "quic.reset", stage="waiting"),
    bad(
        "H3-17",
        "RESET_STREAM",
        lambda c, a: c.quic.reset_stream(a.stream, 0x102),
        "quic.reset",
        check=shows("H3_INTERNAL_ERROR"),
    ),
    bad(
        "H3-17",
        "CONNECTION_CLOSE",
        closes(0x107, "too busy"),
        "quic.closed",
        stage="waiting",
        check=shows("H3_EXCESSIVE_LOAD", "too busy"),
    ),
    bad(
        "H3-17",
        "CONNECTION_CLOSE of QUIC",
        closes(1, "", 0),
        "quic.closed",
        stage="waiting",
        check=shows("INTERNAL_ERROR"),
    ),
    bad("H3-19", "endless DATA", endless, "limit.body"),
    Case(
        "H3-19",
        "more datagrams than the limit",
        over_quic(Quic(endless), limits={"datagrams": 200}),
        "limit.datagrams",
    ),
    bad(
        "H3-21",
        "PUSH_PROMISE",
        says(frame(PUSH_PROMISE, b"\0\0\0\xd9")),
        "h3.protocol",
        check=shows("push"),
    ),
    bad("H3-21", "a push stream", says_on((NEXT, number(PUSH) + b"\0" + RESPONSE)), "h3.protocol"),
]
