"""Flows: the packets that the calls on one socket must have meant.

What crossed is recorded. What carried it is not, so it is made here: the sequence numbers begin at
0, one call is one segment unless it is too long for one, and an acknowledgement travels with the
data of the other direction, or by itself once a mebibyte waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from netcore.exports.packets import (
    ACK,
    DATAGRAM_OCTETS,
    FIN,
    PSH,
    RST,
    SEGMENT_OCTETS,
    SYN,
    Endpoint,
    Frame,
    Path,
    tcp,
    udp,
)
from netcore.trace import Called

_UNFINISHED: Final = ("EINPROGRESS", "EWOULDBLOCK", "EAGAIN")
_REFUSED: Final = ("ECONNREFUSED", "ECONNRESET")
_ASKED: Final = ("", "ETIMEDOUT", *_UNFINISHED, *_REFUSED)
"""How `connect` returns where a SYN has left."""
_RESET: Final = ("ECONNRESET", "EPIPE")
_UNACKNOWLEDGED: Final = 1 << 20
_MADE: Final = "made up: no call shows it"


class Packet(NamedTuple):
    """A frame, when it passed (in nanoseconds since the trace began), and a remark on it."""

    time_ns: int
    frame: Frame
    inbound: bool
    comment: str


class Allowance:
    """How many packets may still be made for octets that were not kept, in the whole file."""

    def __init__(self, packets: int) -> None:
        self.packets = packets

    def take(self, wanted: int) -> int:
        """Out: `wanted`, or what is left."""
        taken = min(wanted, self.packets)
        self.packets -= taken
        return taken


class _Side:
    """One end of a connection, as far as it has sent."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.next = 0  # the sequence number of its next octet
        self.acknowledged = 0  # up to where the other end has said that it got it
        self.ended = False  # whether its FIN has left


class TcpFlow:
    """The packets of one TCP socket.

    `left` says how many octets of ours TCP had sent when the connection broke; None for all.
    """

    left: int | None = None

    def __init__(self, ours: Endpoint, theirs: Endpoint, allowance: Allowance, note: str) -> None:
        self._we = _Side(Path(ours, theirs, inbound=False))
        self._they = _Side(Path(theirs, ours, inbound=True))
        self._allowance = allowance
        self._note = note  # about the whole connection; stands at its first packet
        self._asked = False  # whether our SYN has left
        self._open = False
        self._broken = False  # whether a send has failed because the other end had reset
        self._over = False

    def packets(self, number: int, event: Called) -> Iterator[Packet]:
        """The packets of a call; `number` is its number in the trace."""
        if self._over:
            return
        said = f"event {number}: {event.call}"
        match event.call:
            case "connect":
                yield from self._connect(event, said)
            case "getsockopt" if "SO_ERROR" in event.arguments:
                yield from self._connected(event.time_ns, event.errno, said)
            case "send" | "recv":
                yield from self._move(event, said)
            case "shutdown":
                yield from self._finish(event.time_ns, said)
            case "close":
                yield from self._close(event.time_ns, said)

    def _connect(self, event: Called, said: str) -> Iterator[Packet]:
        if event.errno not in _ASKED:
            return
        yield from self._ask(event.time_ns, said)
        if event.errno not in _UNFINISHED:
            yield from self._connected(event.end_ns, event.errno, said)

    def _ask(self, time_ns: int, said: str) -> Iterator[Packet]:
        if self._asked:
            return
        self._asked = True
        yield self._packet(time_ns, self._we, SYN, b"", f"{said}. {self._note}".rstrip())
        self._we.next += 1

    def _connected(self, time_ns: int, errno: str, said: str) -> Iterator[Packet]:
        """What became of a connection that we asked for."""
        if self._open or not self._asked:
            return
        if errno in _REFUSED:
            yield self._reset(time_ns, f"{said}, {errno}")
        self._over = bool(errno)
        if not errno:
            self._open = True
            yield self._packet(time_ns, self._they, SYN | ACK, b"", said)
            self._they.next += 1
            yield self._packet(time_ns, self._we, ACK, b"", _MADE)

    def _move(self, event: Called, said: str) -> Iterator[Packet]:
        """What crossed with a call, or why nothing did."""
        inbound = event.call == "recv"
        side, other = (self._they, self._we) if inbound else (self._we, self._they)
        if event.errno:
            yield from self._failed(event, inbound, said)
            return
        if not self._open:  # a recording that does not show how it was opened
            yield from self._ask(event.time_ns, _MADE)
            yield from self._connected(event.time_ns, "", _MADE)
        if side.ended:
            return
        if event.length > 0 or event.data:
            yield from self._data(event, side, other, said)
        elif inbound and self._broken:
            yield self._reset(event.time_ns, f"{said}, 0 octets behind a send that failed")
        elif inbound:
            yield from self._end(event.time_ns, side, other, f"{said}, the end of the stream")

    def _failed(self, event: Called, inbound: bool, said: str) -> Iterator[Packet]:
        if event.errno in _RESET and self._open:
            if inbound:
                yield self._reset(event.time_ns, f"{said}, {event.errno}")
            self._broken = True  # what arrived before the reset may still be read
        else:
            self._over = True

    def _data(self, event: Called, side: _Side, other: _Side, said: str) -> Iterator[Packet]:
        event, dropped = self._that_left(event)
        count = max(event.length, len(event.data))
        if not count:
            return
        said += f", {dropped} octets more never left the kernel" if dropped else ""
        comment = f"{said}, {count} octets"
        if count > len(event.data):
            comment += f", of which {len(event.data)} were kept: the recording of {event.channel}"
            comment += f" ends at octet {event.offset + len(event.data)}"
        at = 0
        while at < len(event.data):
            piece = event.data[at : at + SEGMENT_OCTETS]
            at += len(piece)
            flags = ACK | PSH if at == count else ACK
            yield self._packet(event.time_ns, side, flags, piece, comment)
            yield from self._acknowledge(event.time_ns, side, other)
        missing = count - len(event.data)
        for _ in range(self._allowance.take(-(-missing // SEGMENT_OCTETS))):
            size = min(missing, SEGMENT_OCTETS)
            missing -= size
            yield self._packet(event.time_ns, side, ACK, b"", comment, size)
            yield from self._acknowledge(event.time_ns, side, other)

    def _that_left(self, event: Called) -> tuple[Called, int]:
        """The call without octets that were given to TCP and not sent, and how many these are."""
        if event.call != "send" or self.left is None:
            return event, 0
        length = max(0, min(event.length, self.left - event.offset))
        kept = event.data[:length]
        return msgspec.structs.replace(event, length=length, data=kept), event.length - length

    def _acknowledge(self, time_ns: int, side: _Side, other: _Side) -> Iterator[Packet]:
        if side.next - side.acknowledged >= _UNACKNOWLEDGED:
            yield self._packet(time_ns, other, ACK, b"", _MADE)

    def _finish(self, time_ns: int, said: str) -> Iterator[Packet]:
        """Our end of the stream."""
        if self._open and not self._we.ended and not self._broken:
            yield from self._end(time_ns, self._we, self._they, said)

    def _close(self, time_ns: int, said: str) -> Iterator[Packet]:
        if self._open and self._broken:
            yield self._reset(time_ns, f"{said}, behind a send that failed")
        yield from self._finish(time_ns, said)
        self._over = True

    def _end(self, time_ns: int, side: _Side, other: _Side, said: str) -> Iterator[Packet]:
        side.ended = True
        yield self._packet(time_ns, side, FIN | ACK, b"", said)
        side.next += 1
        if other.ended:
            yield self._packet(time_ns, other, ACK, b"", _MADE)

    def _reset(self, time_ns: int, said: str) -> Packet:
        self._over = True
        return self._packet(time_ns, self._they, RST | ACK, b"", said)

    def _packet(
        self, time_ns: int, side: _Side, flags: int, payload: bytes, comment: str, missing: int = 0
    ) -> Packet:
        other = self._we if side is self._they else self._they
        acknowledgement = other.next if flags & ACK else 0
        frame = tcp(side.path, side.next, acknowledgement, flags, payload, missing)
        side.next += len(payload) + missing
        other.acknowledged = acknowledgement
        return Packet(time_ns, frame, side.path.inbound, comment)


class UdpFlow:
    """The packets of one UDP socket."""

    def __init__(self, ours: Endpoint, theirs: Endpoint, note: str) -> None:
        self._out = Path(ours, theirs, inbound=False)
        self._in = Path(theirs, ours, inbound=True)
        self._note = note

    def packets(self, number: int, event: Called) -> Iterator[Packet]:
        """The datagram of a call, if one crossed."""
        if event.call not in ("send", "recv") or event.errno:
            return
        inbound = event.call == "recv"
        # One that was cut is shown by its length alone: QUIC opens none that is not whole.
        kept = event.data[:DATAGRAM_OCTETS] if len(event.data) == event.length else b""
        missing = max(0, min(event.length, DATAGRAM_OCTETS) - len(kept))
        comment = f"event {number}: {event.call}, {event.length} octets. {self._note}".rstrip()
        frame = udp(self._in if inbound else self._out, kept, missing)
        yield Packet(event.time_ns, frame, inbound, comment)
