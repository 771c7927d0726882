"""Frames of QUIC cut from a payload without naming anything (RFC 9000 §19, RFC 9221).

`frames` says where each frame begins and ends, which numbers it holds, and which of its octets are
data. Nothing is kept of them but that, so it costs little to walk over a whole download.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from netcore.dissect.quic_varint import varint, varint_octets

PADDING, PING, ACK, ACK_ECN, RESET_STREAM, STOP_SENDING, CRYPTO, NEW_TOKEN = range(8)
STREAM, STREAM_END = 0x08, 0x10
MAX_DATA, MAX_STREAM_DATA, MAX_STREAMS, MAX_STREAMS_UNI = range(0x10, 0x14)
DATA_BLOCKED, STREAM_DATA_BLOCKED, STREAMS_BLOCKED, STREAMS_BLOCKED_UNI = range(0x14, 0x18)
NEW_CONNECTION_ID, RETIRE_CONNECTION_ID, PATH_CHALLENGE, PATH_RESPONSE = range(0x18, 0x1C)
CONNECTION_CLOSE, CONNECTION_CLOSE_APPLICATION, HANDSHAKE_DONE = range(0x1C, 0x1F)
DATAGRAM, DATAGRAM_LENGTH = 0x30, 0x31
OFF, LEN, FIN = 4, 2, 1  # bits of the type of a STREAM frame
_RESET_TOKEN = 16


class Walk:
    """A position in a payload. Behind its end all numbers are 0 and `is_broken` is set."""

    def __init__(self, payload: bytes, at: int) -> None:
        self.at = at
        self.is_broken = False
        self.numbers: list[int] = []
        self._payload = payload

    def number(self) -> int:
        """The next integer of variable length (RFC 9000 §16); it is noted in `numbers`."""
        found = varint(self._payload, self.at)
        if found is None:
            self.is_broken = True
            return 0
        value, self.at = found
        self.numbers.append(value)
        return value

    def octet(self) -> int:
        """The next octet as a number."""
        found = self.octets(1)
        return self._payload[found.start] if found else 0

    def octets(self, count: int) -> range:
        """Where the next `count` octets stand."""
        start = self.at
        if count > len(self._payload) - start:
            self.is_broken = True
            return range(0)
        self.at = start + count
        return range(start, self.at)

    def rest(self) -> range:
        """Where all that is left stands."""
        return self.octets(len(self._payload) - self.at)


class Frame(NamedTuple):
    """One frame: where it stands in its payload, and what others need of it."""

    type: int
    start: int
    end: int
    values: tuple[int, ...] = ()  # its numbers, in order; of an ACK the first four and the ranges
    data: range = range(0)  # octets of the payload that are data of a stream, a token, a reason


def frames(payload: bytes) -> Iterator[Frame]:
    """The frames of a payload, up to one that cannot be read; its rest is a frame of type -1."""
    at = 0
    while at < len(payload):
        frame = _cut(payload, at)
        yield frame
        at = frame.end


def _cut(payload: bytes, at: int) -> Frame:
    if not payload[at]:
        end = len(payload) - len(payload[at:].lstrip(b"\0"))
        return Frame(PADDING, at, end)
    walk = Walk(payload, at)
    kind = walk.number()
    form = _FORMS.get(kind) if walk.at - at == varint_octets(kind) else None
    data = form(walk, kind) if form else range(0)
    if form is None or walk.is_broken:
        return Frame(-1, at, len(payload))
    return Frame(kind, at, walk.at, tuple(walk.numbers[1:]), data)


def _numbers(count: int) -> Callable[[Walk, int], range]:
    def cut(walk: Walk, kind: int) -> range:
        for _ in range(count):
            walk.number()
        return range(0)

    return cut


def _cut_ack(walk: Walk, kind: int) -> range:
    for _ in range(2):
        walk.number()
    count = walk.number()
    walk.number()
    for _ in range(2 * count + (3 if kind == ACK_ECN else 0)):
        if walk.is_broken:
            break
        walk.number()
    return range(0)


def _cut_crypto(walk: Walk, kind: int) -> range:
    walk.number()
    return walk.octets(walk.number())


def _cut_token(walk: Walk, kind: int) -> range:
    return walk.octets(walk.number())


def _cut_stream(walk: Walk, kind: int) -> range:
    walk.number()
    if kind & OFF:
        walk.number()
    else:
        walk.numbers.append(0)
    return walk.octets(walk.number()) if kind & LEN else walk.rest()


def _cut_new_connection_id(walk: Walk, kind: int) -> range:
    walk.number()
    walk.number()
    found = walk.octets(walk.octet())
    walk.octets(_RESET_TOKEN)
    return found


def _cut_path(walk: Walk, kind: int) -> range:
    return walk.octets(8)


def _cut_close(walk: Walk, kind: int) -> range:
    walk.number()
    if kind == CONNECTION_CLOSE:
        walk.number()
    return walk.octets(walk.number())


def _cut_datagram(walk: Walk, kind: int) -> range:
    return walk.octets(walk.number()) if kind == DATAGRAM_LENGTH else walk.rest()


_FORMS: Final[dict[int, Callable[[Walk, int], range]]] = {
    PING: _numbers(0),
    HANDSHAKE_DONE: _numbers(0),
    ACK: _cut_ack,
    ACK_ECN: _cut_ack,
    RESET_STREAM: _numbers(3),
    STOP_SENDING: _numbers(2),
    CRYPTO: _cut_crypto,
    NEW_TOKEN: _cut_token,
    **dict.fromkeys(range(STREAM, STREAM_END), _cut_stream),
    MAX_DATA: _numbers(1),
    MAX_STREAM_DATA: _numbers(2),
    MAX_STREAMS: _numbers(1),
    MAX_STREAMS_UNI: _numbers(1),
    DATA_BLOCKED: _numbers(1),
    STREAM_DATA_BLOCKED: _numbers(2),
    STREAMS_BLOCKED: _numbers(1),
    STREAMS_BLOCKED_UNI: _numbers(1),
    NEW_CONNECTION_ID: _cut_new_connection_id,
    RETIRE_CONNECTION_ID: _numbers(1),
    PATH_CHALLENGE: _cut_path,
    PATH_RESPONSE: _cut_path,
    CONNECTION_CLOSE: _cut_close,
    CONNECTION_CLOSE_APPLICATION: _cut_close,
    DATAGRAM: _cut_datagram,
    DATAGRAM_LENGTH: _cut_datagram,
}


def acknowledged(frame: Frame) -> list[range]:
    """The packet numbers that an ACK frame covers, highest first (RFC 9000 §19.3.1).

    Ranges that would lie below 0 are left out.
    """
    largest, _, count, first = frame.values[:4]
    low = largest - first
    found = [range(max(low, 0), largest + 1)]
    pairs = frame.values[4 : 4 + 2 * count]
    for gap, length in zip(pairs[::2], pairs[1::2], strict=True):
        high = low - gap - 2
        low = high - length
        if low < 0:
            break
        found.append(range(low, high + 1))
    return found
