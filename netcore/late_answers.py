"""Late answers: datagrams that come when their question is no longer waited for.

A lookup goes on without the slower of its two answers (RFC 8305 §3). The sockets of questions that
are still open are kept here until the end of the fetch, so that what comes late is in the trace as
well, and is told. Nothing is waited for, and no record of a late datagram is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcore.dns_sockets import OverUdp, shown
from netcore.errors import FetchError
from netcore.protocols.dns import misfit
from netcore.recorder import Recorder
from netcore.wire import CallFailed

_SOCKETS = 20  # kept open; a chain of redirects can leave any number of questions behind
_DATAGRAMS = 8  # of one socket, each time; whoever sends more is not waited for


class LateAnswers:
    """The questions of one fetch that nobody waits for any more."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._ways: list[OverUdp] = []

    def keep(self, ways: Sequence[OverUdp]) -> None:
        """Keep those whose question is open; take what is there already and close the others."""
        for way in ways:
            self._take(way)
            if way.done or len(self._ways) >= _SOCKETS:
                way.socket.close()
            else:
                self._ways.append(way)

    def take(self) -> None:
        """Take what has come by now, without waiting."""
        for way in self._ways:
            self._take(way)

    def close(self) -> None:
        """Take what has come by now, and close the sockets."""
        self.take()
        for way in self._ways:
            way.socket.close()
        self._ways.clear()

    def _take(self, way: OverUdp) -> None:
        try:
            for _ in range(_DATAGRAMS):
                found = way.receive()
                if not found:
                    return
                self._tell(way, found[0])
        except CallFailed:
            pass  # the call that failed is in the trace

    def _tell(self, way: OverUdp, datagram: bytes) -> None:
        if way.done:
            self._recorder.chose("dns answer", "ignored", "Its question had its answer already.")
            return
        try:
            why = misfit(way.question, datagram)
        except FetchError as error:
            why = error.message
        if why:
            self._recorder.chose("dns answer", "ignored", why)
            return
        asked = f"{way.question.name} {way.question.rdtype}"
        self._recorder.chose(
            "dns answer",
            "late",
            f"{shown(way.server)} answers {asked} with {len(datagram):,} octets; the lookup was "
            "over by then and went without them.",
        )
