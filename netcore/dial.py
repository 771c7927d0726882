"""Dial: from the admitted endpoints of a host to one connected socket (RFC 8305, Happy Eyeballs).

Theory of operation. The addresses are put in turns, one of each family. Attempts are staggered:
the next one begins 250 ms after the one before it, or at once when that one has failed, and those
under way go on. The first to connect wins and the others are closed. Every attempt is to an
endpoint that the guard has admitted before any of them began.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.wire import WRITE, CallFailed, Socket, Wire

_ATTEMPT_DELAY_S = 0.25  # RFC 8305 §5: Connection Attempt Delay
_AT_ONCE = 8  # attempts under way; a zone may list any number of addresses that swallow them
_MOST = 64  # attempts in all, so that a zone cannot have us knock at thousands of doors

_CODES = {
    "ECONNREFUSED": ("tcp.refused", "refused the connection: nothing listens on that port"),
    "ECONNRESET": ("tcp.reset", "reset the connection while it was being made"),
    "ETIMEDOUT": ("tcp.timeout", "did not answer the connection request"),
}
_UNREACHABLE = "tcp.unreachable"
_TELLING = ("tcp.refused", "tcp.reset", "tcp.timeout", _UNREACHABLE)
"""Where several addresses failed in different ways, the first of these names the failure."""


def dial(wire: Wire, guard: Guard, endpoints: Sequence[Admitted], deadlines: Deadlines) -> Socket:
    """Try the endpoints, staggered, until one takes the connection.

    Out: a TCP socket whose peer is the endpoint that was vetted.
    Raises: FetchError (tcp.*), Refused (guard.peer_mismatch).
    """
    race = _Race(wire, in_turns(endpoints)[:_MOST], deadlines)
    try:
        socket = race.run()
        guard.check_peer(socket.admitted, socket.peer()[0])
        race.won(socket)
        socket.round_trip()
    finally:
        race.close()
    return socket


def in_turns(endpoints: Sequence[Admitted]) -> list[Admitted]:
    """RFC 8305 §4: one of each family in turns, that of the first before the other.

    The resolver puts IPv6 first. Of what a user or RFC 6761 lists, the order is theirs.
    """
    first = [each for each in endpoints if _is_ipv6(each) is _is_ipv6(endpoints[0])]
    other = [each for each in endpoints if _is_ipv6(each) is not _is_ipv6(endpoints[0])]
    return [each for turn in zip_longest(first, other) for each in turn if each is not None]


def _is_ipv6(endpoint: Admitted) -> bool:
    return ":" in endpoint.address


def shown(endpoint: Admitted) -> str:
    """The endpoint as it is written for a reader: "192.0.2.1:443", "[2001:db8::1]:443"."""
    host = f"[{endpoint.address}]" if _is_ipv6(endpoint) else endpoint.address
    return f"{host}:{endpoint.port}"


class _Race:
    """The attempts for one host."""

    def __init__(self, wire: Wire, endpoints: Sequence[Admitted], deadlines: Deadlines) -> None:
        self._wire = wire
        self._endpoints = endpoints
        self._deadlines = deadlines
        self._begun = 0
        self._next_s = 0.0  # when the next attempt begins, if none connects before
        self._under_way: list[Socket] = []
        self._failures: list[FetchError] = []

    def run(self) -> Socket:
        """The first socket that connects. Raises: FetchError with a code of tcp, or limit.total."""
        try:
            return self._first()
        except FetchError as error:
            if error.code not in _TELLING:
                raise
            raise min([*self._failures, error], key=_rank) from error

    def _first(self) -> Socket:
        while True:
            self._deadlines.remaining_s()
            if self._is_due():
                if self._begin(self._endpoints[self._begun]):
                    return self._under_way[-1]
                continue
            if not self._under_way:
                raise min(self._failures, key=_rank)
            wants = [(socket, WRITE) for socket in self._under_way]
            ready = self._wire.wait(wants, self._patience_s())
            for socket in [each for each in self._under_way if each in ready]:
                errno = socket.connect_error()
                if not errno:
                    return socket
                self._fail(socket, errno)

    def won(self, socket: Socket) -> None:
        """The socket is the caller's; the other attempts are closed, and told."""
        self._under_way.remove(socket)
        if self._under_way or socket.admitted is not self._endpoints[self._begun - 1]:
            self._wire.recorder.chose(
                "address", shown(socket.admitted), f"first to connect, of {self._begun} tried"
            )
        for each in self._under_way:
            self._wire.recorder.chose(
                "attempt", shown(each.admitted), f"{shown(socket.admitted)} connected first."
            )

    def close(self) -> None:
        """Close every attempt that is under way."""
        for each in self._under_way:
            each.close()
        self._under_way.clear()

    def _is_due(self) -> bool:
        if self._begun == len(self._endpoints) or len(self._under_way) >= _AT_ONCE:
            return False
        return not self._under_way or self._wire.recorder.now_s() >= self._next_s

    def _patience_s(self) -> float | None:
        """How long to wait for those under way before something else is due."""
        left_s = self._deadlines.remaining_s()
        if self._begun == len(self._endpoints) or len(self._under_way) >= _AT_ONCE:
            return left_s
        due_s = max(0.0, self._next_s - self._wire.recorder.now_s())
        return due_s if left_s is None else min(due_s, left_s)

    def _begin(self, endpoint: Admitted) -> bool:
        """Begin an attempt. Out: whether it is connected already."""
        self._begun += 1
        self._next_s = self._wire.recorder.now_s() + _ATTEMPT_DELAY_S
        place = f"address {self._begun} of {len(self._endpoints)}"
        if self._under_way:
            place += f"; {len(self._under_way)} before it had not connected after 250 ms"
        self._wire.recorder.chose("address", shown(endpoint), f"{place}; {endpoint.why}")
        try:
            socket = self._wire.tcp(endpoint)
        except CallFailed as failed:
            self._failures.append(_failure(endpoint, failed.errno))
            return False
        self._under_way.append(socket)
        try:
            socket.facts.set_options()
            connected = socket.connect()
            socket.local()  # now, so that an attempt that fails has its port in the trace too
            return connected
        except CallFailed as failed:
            self._fail(socket, failed.errno)
            return False

    def _fail(self, socket: Socket, errno: str) -> None:
        """RFC 8305 §5: a failure brings the next attempt forward."""
        self._failures.append(_failure(socket.admitted, errno))
        self._under_way.remove(socket)
        socket.close()
        self._next_s = self._wire.recorder.now_s()


def _rank(failure: FetchError) -> int:
    return _TELLING.index(failure.code)


def _failure(endpoint: Admitted, errno: str) -> FetchError:
    code, what = _CODES.get(errno, (_UNREACHABLE, f"cannot be reached from here ({errno})"))
    return FetchError(code, f"{shown(endpoint)} {what}.")
