"""Round trips: how long a peer took to answer, as far as our own end can tell.

Connecting takes one round trip: from connect() until the socket can be written to (RFC 9293 §3.5).
Where the kernel tells how long it waited for the answer (TCP_INFO), or when octets were
acknowledged, no time of ours is in it.
A question over UDP takes one and the time that the resolver needed, which may be all of it: it
counts only where nothing else was measured. Of several measurements the least is nearest to the way
alone.
"""

from __future__ import annotations

from typing import NamedTuple

from netcore.trace import Called, Plain

BY_CONNECT = "connect()"
BY_KERNEL = "TCP_INFO"
BY_ACK = "ACK"
BY_QUERY = "DNS query"
BY_HANDSHAKE = "QUIC handshake"
BY_STAGE = {"dns": BY_QUERY, "quic": BY_HANDSHAKE}
"""What the datagrams of a stage are of; elsewhere none asks for an answer at once."""
_ANSWERED = ("", "ECONNREFUSED", "ECONNRESET")  # other errors are no word from the peer


class RoundTrip(NamedTuple):
    """A measurement in nanoseconds, and what was measured."""

    ns: int
    by: str


class RoundTrips:
    """What was measured so far, for each lane."""

    def __init__(self) -> None:
        self._connecting: dict[str, int] = {}  # socket -> when connect() was called
        # socket -> when the last datagram that asks for something was sent, and what it was
        self._asked: dict[str, tuple[int, str]] = {}
        self._least: dict[str, RoundTrip] = {}

    def of(self, lane: str) -> RoundTrip:
        """The least of a lane; 0 ns if nothing was measured."""
        return self._least.get(lane, RoundTrip(0, ""))

    def connecting(self, socket: str, time_ns: int) -> None:
        """connect() was called and goes on."""
        self._connecting[socket] = time_ns

    def connected(self, socket: str, lane: str, time_ns: int, errno: str = "") -> None:
        """It is known what became of connect()."""
        began_ns = self._connecting.pop(socket, None)
        if began_ns is not None and errno in _ANSWERED:
            self._take(lane, time_ns - began_ns, BY_CONNECT)

    def told(self, lane: str, rtt_us: Plain) -> None:
        """The kernel told its round-trip time, in microseconds."""
        rtt_ns = told_ns(rtt_us)
        if rtt_ns is not None:
            self._take(lane, rtt_ns, BY_KERNEL)

    def acknowledged(self, lane: str, took_ns: int) -> None:
        """The kernel saw acknowledged what had been sent so long before."""
        self._take(lane, took_ns, BY_ACK)

    def moved(
        self, socket: str, lane: str, time_ns: int, *, sent: bool, by: str = BY_QUERY
    ) -> None:
        """Octets crossed; only datagrams tell something.

        In: `by`, what is sent; "" for what asks for no answer at once.
        """
        if not socket.startswith("udp:"):
            return
        if sent and by:
            self._asked[socket] = (time_ns, by)
        elif not sent and socket in self._asked:
            asked_ns, asked_by = self._asked.pop(socket)
            self._take(lane, time_ns - asked_ns, asked_by)

    def is_connecting(self, socket: str) -> bool:
        """Whether connect() was called and nothing is known of it yet."""
        return socket in self._connecting

    def _take(self, lane: str, ns: int, by: str) -> None:
        known = self._least.get(lane)
        rough = (BY_QUERY, BY_HANDSHAKE)  # the peer's own time is in these
        better = known is None or (by in rough, ns) < (known.by in rough, known.ns)
        if ns > 0 and better:
            self._least[lane] = RoundTrip(ns, by)


def told_ns(rtt_us: Plain) -> int | None:
    """What the kernel told in microseconds, in nanoseconds; None if it is no time."""
    return rtt_us * 1_000 if isinstance(rtt_us, int) and 0 < rtt_us < 1 << 32 else None


def asks_kernel(call: Called) -> bool:
    """Whether a call asked the kernel for its round-trip time."""
    return call.call == "getsockopt" and call.arguments[1:] == ("TCP_INFO", "tcpi_rtt")
