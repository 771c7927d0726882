"""Conversations of the wsproto library, taken apart: its frames, its messages, however cut."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.extensions import PerMessageDeflate
from wsproto.frame_protocol import FrameProtocol
from wsproto.utilities import generate_accept_token

from lab.frames import BINARY, CLOSE, CONTINUATION, FIN, PING, RSV1, TEXT, close_payload, frame
from netcore.framing.websocket import Connection
from netcore.pdu import MOST_UNITS
from netcore.pdus import Explanation, explain
from netcore.titles import title_of
from tests.netcore.recordings import http_exchange
from tests.netcore.test_pdus import assert_grounded, assert_partition, cut, shapes

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
REQUEST = (
    "GET /chat HTTP/1.1\r\nHost: a.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()
DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
Said = list[str | bytes]
SAID = st.lists(st.text(max_size=150) | st.binary(max_size=150), max_size=5)


def answer(more: str = "") -> bytes:
    accept = generate_accept_token(KEY.encode()).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{more}\r\n"
    ).encode()


def side(client: bool, deflate: bool) -> FrameProtocol:
    extension = PerMessageDeflate()
    extension._enabled = deflate
    return FrameProtocol(client=client, extensions=[extension])


def written(side: FrameProtocol, said: Said) -> bytes:
    """Each message in two fragments with a Ping between them, if it has two octets."""
    octets = b""
    for each in said:
        half = len(each) // 2
        if half:
            octets += side.send_data(each[:half], fin=False) + side.ping(b"?")
        octets += side.send_data(each[half:])
    return octets


def of(sent: Sequence[bytes], received: Sequence[bytes]) -> tuple[Explanation, Connection]:
    explanation = explain(http_exchange(sent, received))
    assert_partition(explanation)
    assert_grounded(explanation)
    return explanation, explanation.websocket["1"]


def received(octets: bytes, more: str = "") -> tuple[Explanation, Connection]:
    return of([REQUEST], [answer(more) + octets])


def said_by(connection: Connection, direction: str) -> Said:
    return [
        m.data.decode() if m.opcode == TEXT else m.data
        for m in connection.messages
        if m.direction == direction
    ]


def errors(explanation: Explanation) -> list[str]:
    fields = (field for pdu in explanation.pdus for field in explanation.tree(pdu).walk())
    return [field.error.partition(":")[0] for field in fields if field.error]


@settings(deadline=None)
@given(SAID, SAID, st.booleans(), st.lists(st.integers(0, 4_000), max_size=6))
def test_what_the_library_says_is_told_however_it_is_cut(
    ours: Said, theirs: Said, deflate: bool, points: list[int]
) -> None:
    sent = REQUEST + written(side(True, deflate), ours)
    came = answer(DEFLATE if deflate else "") + written(side(False, deflate), theirs)
    whole, connection = of([sent], [came])
    assert said_by(connection, "sent") == ours
    assert said_by(connection, "received") == theirs
    assert errors(whole) == []
    assert all(one.is_whole for one in connection.frames)
    pieces, _ = of(cut(sent, points), cut(came, points))
    assert sorted(shapes(pieces)) == sorted(shapes(whole))


@settings(deadline=None)
@given(SAID, st.booleans())
def test_frames_are_those_that_the_library_reads(said: Said, deflate: bool) -> None:
    octets = written(side(False, deflate), said)
    _, connection = received(octets, DEFLATE if deflate else "")
    reader = side(True, False)
    frames = [one for one in connection.frames if one.direction == "received"]
    if not deflate:
        reader.receive_bytes(octets)
        theirs = list(reader.received_frames())
        assert [bool(f.message_finished) for f in theirs] == [one.header.fin for one in frames]
        data = [p.encode() if isinstance(p, str) else p for p in (f.payload for f in theirs)]
        assert b"".join(map(bytes, data)) == b"".join(one.data for one in frames)  # type: ignore[arg-type]
    assert b"".join(one.pdu.octets for one in frames) == octets


def test_a_masked_message_leads_back_to_its_octets() -> None:
    octets = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")  # RFC 6455 §5.7
    explanation, connection = of([REQUEST, octets], [answer()])
    (one,) = connection.frames
    assert one.payload is not None
    assert (one.payload.octets, one.payload.step) == (b"Hello", "unmasked")
    assert one.payload.origin[0][1:] == (len(REQUEST) + 6, len(REQUEST) + 11)
    (message,) = connection.messages
    assert message.pdu.origin[0] == ("ws:1.sent", 0, 5)
    assert message.pdu in one.payload.inside
    assert title_of(one.payload) == "“Hello”"
    assert explanation.channels["ws:1.sent"].octets == b"Hello"


def test_a_message_has_the_time_at_which_it_was_whole() -> None:
    octets = frame(TEXT, b"Hel", first=0), frame(CONTINUATION, b"lo")
    events = http_exchange([REQUEST], [answer(), *octets])
    connection = explain(events).websocket["1"]
    assert connection.messages[0].time_ns == 60_000 + 2_000 + 100


def test_fragments_are_put_together_around_a_ping() -> None:
    octets = frame(TEXT, b"Hel", first=0) + frame(PING, b"?") + frame(CONTINUATION, b"lo")
    _, connection = received(octets)
    (message,) = connection.messages
    assert (message.data, message.pdu.step, len(message.frames)) == (b"Hello", "reassembled", 2)
    assert len(message.pdu.origin) == 2


def test_the_accept_value_is_derived() -> None:
    _, connection = received(b"")
    assert connection.accept.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455 §1.3
    assert connection.accept.is_right


def compressed(text: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-15)
    return (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize(
    ("octets", "more", "error"),
    [
        (frame(TEXT, b"x", mask=b"abcd"), "", "ws.mask"),
        (frame(TEXT, b"x", first=FIN | RSV1), "", "ws.reserved_bit"),
        (frame(TEXT, b"\xff" * 9, first=FIN | RSV1), DEFLATE, "ws.deflate"),
        (frame(BINARY, compressed(bytes(2 << 20)), first=FIN | RSV1), DEFLATE, "ws.too_big"),
        (frame(TEXT, b"caf\xc3"), "", "ws.utf8"),
        (frame(CLOSE, close_payload(1005)), "", "ws.close_code"),
        (frame(TEXT, b"hello")[:4], "", "ws.payload_length"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(octets: bytes, more: str, error: str) -> None:
    explanation, _ = received(octets, more)
    assert set(errors(explanation)) == {error}


@settings(deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60), st.booleans())
def test_any_octets_behind_the_handshake_are_explained(
    sent: bytes, came: bytes, deflate: bool
) -> None:
    events = http_exchange([REQUEST + sent], [answer(DEFLATE if deflate else "") + came])
    explanation = explain(events)
    assert_partition(explanation)
    for pdu in explanation.pdus:
        tree = explanation.tree(pdu)
        assert (tree.start, tree.length) == (0, 8 * pdu.size)


def test_a_request_that_was_refused_is_followed_by_another_one() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    _, connection = of([REQUEST, REQUEST], [moved, answer() + frame(TEXT, b"hello")])
    assert said_by(connection, "received") == ["hello"]


def test_a_flood_of_frames_is_cut_up_to_a_number() -> None:
    explanation, connection = received(frame(PING) * (MOST_UNITS + 10))
    assert len(connection.frames) == MOST_UNITS
    assert explanation.pdus[-1].protocol == "uncut"
