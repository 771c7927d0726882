"""ServiceLookup: the question for HTTPS records, asked beside those for addresses (RFC 9460 §3).

It is asked once, of the first server, and nothing that becomes of it ends a fetch: a server that
does not answer, or answers nonsense, leaves a fetch as it was before there were such records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netcore.dns_sockets import OverTcp, OverUdp, shown
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.protocols.dns import HEADER_OCTETS, Answer, Ignored, ask, judge
from netcore.protocols.dns_services import HTTPS
from netcore.wire import CallFailed, Socket, Wire

_MESSAGES = 8  # read and found useless, until no other one is waited for

_Way = OverUdp | OverTcp


class ServiceLookup:
    """One question for HTTPS records. `answer` is None as long as there is none.

    In: `name`, whose records are asked for; `room`, how many questions it may ask.
    """

    def __init__(self, wire: Wire, guard: Guard, name: str, room: int) -> None:
        self.name = name
        self.queries = 0
        self.answer: Answer | None = None
        self._wire = wire
        self._guard = guard
        self._room = room
        self._way: _Way | None = None
        self._datagram: OverUdp | None = None
        self._useless = 0

    @property
    def waiting(self) -> list[tuple[Socket, int]]:
        """What to wait for, nothing if no answer can come any more."""
        return [] if self._way is None else [(self._way.socket, self._way.wants)]

    def start(self, server: Admitted) -> None:
        """Ask, unless it was asked already."""
        if not self.queries:
            question = ask(self.name, HTTPS)
            self._start(lambda: OverUdp(self._wire, server, question))

    def take(self, ready: Sequence[Socket]) -> None:
        """Take what has come, if the socket is among these."""
        way = self._way
        if way is None or way.socket not in ready:
            return
        try:
            for message in way.receive():
                self._judge(way, message)
        except Refused:
            raise
        except (CallFailed, FetchError) as error:
            self._without(way, _sentence(way.server, error))

    def finish(self, extra_s: float) -> Answer | None:
        """Wait so much longer at most. Out: the answer, None if none came."""
        until_s = self._wire.recorder.now_s() + extra_s
        while self.waiting:
            left_s = until_s - self._wire.recorder.now_s()
            ready = self._wire.wait(self.waiting, max(0.0, left_s))
            self.take(ready)
            if not ready and left_s <= 0:
                break
        return self.answer

    def close(self) -> list[OverUdp]:
        """Close the connection. Out: the socket of a datagram, the caller's now."""
        if isinstance(self._way, OverTcp):
            self._way.close()
        self._way = None
        datagram, self._datagram = self._datagram, None
        return [] if datagram is None else [datagram]

    def _start(self, make: Callable[[], _Way]) -> None:
        self.queries += 1
        try:
            way = self._way = make()
            if isinstance(way, OverUdp):
                self._datagram = way
            way.start()
        except Refused:
            raise
        except (CallFailed, FetchError) as error:
            why = f"The question for HTTPS records could not be sent: {error}."
            self._wire.recorder.chose("dns answer", "none", why)
            self._drop()

    def _judge(self, way: _Way, message: bytes) -> None:
        if way.done:
            return
        verdict = Ignored(f"{len(message)} octets are no message.")
        if len(message) >= HEADER_OCTETS or isinstance(way, OverUdp):
            verdict = judge(way.question, message)  # type: ignore[assignment]
        if isinstance(verdict, Ignored):
            self._wire.recorder.chose("dns answer", "ignored", verdict.why)
            self._useless += 1
            if self._useless >= _MESSAGES:
                self._drop()
            return
        way.done = True
        if verdict.truncated and isinstance(way, OverUdp) and self._room > self.queries:
            self._ask_over_tcp(way)
            return
        self.answer = None if verdict.truncated else verdict
        if isinstance(way, OverTcp):
            way.close()
        self._way = None

    def _ask_over_tcp(self, way: OverUdp) -> None:
        """RFC 7766 §5."""
        self._wire.recorder.chose(
            "dns answer",
            "truncated",
            f"The answer about HTTPS records was cut to fit into a datagram (TC=1); "
            f"{shown(way.server)} is asked for all of it over TCP.",
        )
        again = ask(self.name, HTTPS)
        self._start(lambda: OverTcp(self._wire, self._guard, way.server, again))

    def _without(self, way: _Way, why: str) -> None:
        self._wire.recorder.chose("dns answer", "none", f"{why} The fetch goes on without it.")
        way.done = True
        self._drop()

    def _drop(self) -> None:
        way, self._way = self._way, None
        if isinstance(way, OverTcp):
            way.socket.close()


def _sentence(server: Admitted, error: CallFailed | FetchError) -> str:
    if isinstance(error, CallFailed):
        return f"{shown(server)} could not be heard about HTTPS records: {error.errno}."
    return error.message
