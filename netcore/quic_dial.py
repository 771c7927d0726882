"""From the admitted endpoints of a host to one connection of QUIC (RFC 8305 §3, §5 over UDP).

Theory of operation. As over TCP the addresses are put in turns, and attempts are staggered: the
next one begins 250 ms after the one before it, or at once when that one has failed. UDP itself
connects to nobody, so an attempt is a handshake, and the first that is done wins. Whoever answers
with a certificate that does not hold ends the race: another address would show the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from netcore.deadline import Deadlines
from netcore.dial import in_turns, shown
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.protocols.quic import Quic
from netcore.quic_connection import QuicConnection
from netcore.wire import CallFailed, Wire

_ATTEMPT_DELAY_S: Final = 0.25
_AT_ONCE: Final = 4  # attempts under way
_MOST: Final = 16  # attempts in all
_NOBODY: Final = ("quic.refused", "quic.unreachable", "quic.timeout")
"""Failures that say nothing of another address."""


def dial_quic(
    wire: Wire,
    guard: Guard,
    endpoints: Sequence[Admitted],
    deadlines: Deadlines,
    make: Callable[[], Quic],
) -> QuicConnection:
    """Try the endpoints, staggered, until one has made the handshake.

    In: `make`, which makes one side of a handshake for each attempt. Where it may send early, the
    first endpoint is taken, and its handshake is not waited for.
    Raises: FetchError with a code of quic, tls or a deadline; Refused.
    """
    race = _Race(wire, in_turns(endpoints)[:_MOST], deadlines, make)
    try:
        winner = race.run()
        guard.check_peer(winner.admitted, winner.socket.peer()[0])
        race.won(winner)
    finally:
        race.close()
    return winner


class _Race:
    """The attempts for one host."""

    def __init__(
        self,
        wire: Wire,
        endpoints: Sequence[Admitted],
        deadlines: Deadlines,
        make: Callable[[], Quic],
    ) -> None:
        self._wire = wire
        self._endpoints = endpoints
        self._deadlines = deadlines
        self._make = make
        self._begun = 0
        self._next_s = 0.0  # when the next attempt begins
        self._under_way: list[QuicConnection] = []
        self._failures: list[FetchError] = []

    def run(self) -> QuicConnection:
        """The first handshake that is done."""
        try:
            return self._first()
        except FetchError as error:
            # Who answered, and yet made no handshake, tells more than that the time was over.
            silences = (each.quic.silence() for each in self._under_way)
            raise next((each for each in silences if each is not None), error) from error

    def _first(self) -> QuicConnection:
        while True:
            self._deadlines.remaining_s()
            early = self._begin_what_is_due()
            done = (each for each in list(self._under_way) if self._is_done(each))
            winner = early or next(done, None)
            if winner is not None:
                return winner
            if self._under_way:
                self._wait()
            elif self._begun == len(self._endpoints):
                raise self._failures[0]

    def _begin_what_is_due(self) -> QuicConnection | None:
        """Begin the next attempt, if it is time. Out: it, if requests may go out on it now."""
        if not self._is_due():
            return None
        self._begin(self._endpoints[self._begun])
        last = self._under_way[-1] if self._under_way else None
        return last if last is not None and last.quic.may_send_early else None

    def _is_due(self) -> bool:
        if self._begun == len(self._endpoints) or len(self._under_way) >= _AT_ONCE:
            return False
        return not self._under_way or self._wire.recorder.now_s() >= self._next_s

    def _begin(self, endpoint: Admitted) -> None:
        self._begun += 1
        self._next_s = self._wire.recorder.now_s() + _ATTEMPT_DELAY_S
        place = f"address {self._begun} of {len(self._endpoints)}, over UDP"
        self._wire.recorder.chose("address", shown(endpoint), f"{place}; {endpoint.why}")
        try:
            socket = self._wire.udp(endpoint)
        except CallFailed as failed:
            text = f"{shown(endpoint)} cannot be reached from here ({failed.errno})."
            self._failures.append(FetchError("quic.unreachable", text))
            return
        attempt = QuicConnection(self._wire, socket, self._deadlines, self._make())
        self._under_way.append(attempt)
        try:
            attempt.begin()
        except FetchError as failure:
            self._fail(attempt, failure)

    def _is_done(self, attempt: QuicConnection) -> bool:
        try:
            attempt.proceed()
        except FetchError as failure:
            self._fail(attempt, failure)
            return False
        failure_seen = attempt.quic.failure
        if failure_seen is not None:
            if failure_seen.code not in _NOBODY:
                raise failure_seen
            self._fail(attempt, failure_seen)
            return False
        return attempt.quic.established

    def _wait(self) -> None:
        patiences = [each.patience_s() for each in self._under_way]
        if self._begun < len(self._endpoints) and len(self._under_way) < _AT_ONCE:
            patiences.append(max(0.0, self._next_s - self._wire.recorder.now_s()))
        patience_s = min((each for each in patiences if each is not None), default=None)
        self._wire.wait([(each.socket, each.wants()) for each in self._under_way], patience_s)

    def _fail(self, attempt: QuicConnection, failure: FetchError) -> None:
        self._failures.append(failure)
        self._under_way.remove(attempt)
        attempt.close(linger=False)
        self._next_s = self._wire.recorder.now_s()

    def won(self, winner: QuicConnection) -> None:
        """The connection is the caller's; the other attempts are closed, and told."""
        self._under_way.remove(winner)
        for each in self._under_way:
            why = f"{shown(winner.admitted)} was first to make the handshake."
            self._wire.recorder.chose("attempt", shown(each.admitted), why)

    def close(self) -> None:
        """Close every attempt that is under way."""
        for each in self._under_way:
            each.close(linger=False)
        self._under_way.clear()
