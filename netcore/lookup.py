"""Lookup: the questions for one name, A and AAAA together, and what came back.

Each question has a socket and port of its own. A server that does not answer is asked again, in
turn with the others. Answers that do not fit are recorded and ignored. One that was cut to fit a
datagram (TC=1) is asked for again over TCP, at the same server (RFC 7766 §5). One that cannot be
read may be forged: another one is waited for, the question is asked again, and only where nothing
better comes does the lookup fail with it.

The question for HTTPS records may go beside them (`netcore.service_lookup`): its answer is taken
when it comes, and nothing here waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netcore.deadline import Deadlines
from netcore.dns_sockets import OverTcp, OverUdp, shown
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.options import Limits
from netcore.protocols.dns import AAAA, HEADER_OCTETS, A, Answer, Ignored, ask, judge
from netcore.service_lookup import ServiceLookup
from netcore.wire import CallFailed, Wire

_TRIES = 2
_REFUSED = "ECONNREFUSED"
# How long the other question is waited for. RFC 8305 §3 recommends 50 ms for AAAA; all addresses of
# a name are judged together here, so that its other family is given a little more.
_RESOLUTION_DELAY_S = 0.25
_IGNORED = 8  # messages over one connection that answer something else
_UNREADABLE = 8  # datagrams; to read one may take long
_MALFORMED = ("dns.malformed", "dns.malformed_record")

_Way = OverUdp | OverTcp


class Lookup:
    """The questions for one name. `queries` counts them, those of earlier names included."""

    def __init__(
        self,
        wire: Wire,
        guard: Guard,
        deadlines: Deadlines,
        limits: Limits,
        servers: Sequence[Admitted],
        name: str,
        beside: ServiceLookup | None = None,
    ) -> None:
        self.queries = 0
        self._beside = beside
        self._wire = wire
        self._guard = guard
        self._deadlines = deadlines
        self._limits = limits
        self._servers = list(servers)
        self._name = name
        self._open: list[_Way] = []
        self._answers: dict[str, Answer] = {}
        self._refusals: dict[str, Answer] = {}  # of servers behind which there was another
        self._failed: dict[tuple[Admitted, str], FetchError] = {}  # over TCP, by server and type
        self._unreadable: list[FetchError] = []  # answers in datagrams
        self._spoiled: set[str] = set()  # types to which such a one came in this try
        self._unreached: dict[Admitted, str] = {}  # servers, by the error of the call
        self._ignored = 0  # messages over TCP
        self._until_s = 0.0  # when this try is over
        self._settles_s: float | None = None  # when the answers that are there have to do

    def run(self) -> list[Answer]:
        """The answers, to AAAA first. Raises: FetchError, Refused."""
        tries = self._servers * _TRIES
        for server, later in zip(tries, [*tries[1:], None], strict=True):
            self._until_s = self._wire.recorder.now_s() + self._limits.dns_try_s
            self._spoiled.clear()
            for rdtype in (A, AAAA):
                if rdtype not in self._answers and (server, rdtype) not in self._failed:
                    self._send(server, rdtype)
            if self._beside is not None:
                self._beside.start(server)
            self._collect()
            if later not in (None, server):
                self._put_refusals_aside()
            if self._settled():
                break
        self._answers = self._refusals | self._answers
        answers = [self._answers[each] for each in (AAAA, A) if each in self._answers]
        if not answers or not (self._settled() or any(each.addresses for each in answers)):
            raise self._telling() or self._no_answer()
        return answers

    def close(self) -> list[OverUdp]:
        """Close the connections. Out: the sockets of questions in datagrams, the caller's now."""
        datagrams = [each for each in self._open if isinstance(each, OverUdp)]
        for way in self._open:
            if isinstance(way, OverTcp):
                way.close()
        self._open.clear()
        return datagrams

    def _count(self) -> None:
        self.queries += 1
        if self.queries > self._limits.dns_queries:
            raise FetchError(
                "dns.timeout",
                f"{self._limits.dns_queries} questions were asked and the name is not resolved.",
            )

    def _send(self, server: Admitted, rdtype: str) -> None:
        self._count()
        question = ask(self._name, rdtype)
        self._start(server, lambda: OverUdp(self._wire, server, question))

    def _start(self, server: Admitted, make: Callable[[], _Way]) -> None:
        try:
            way = make()
        except CallFailed as failed:
            self._not_sent(server, failed)
            return
        self._open.append(way)
        try:
            way.start()
        except CallFailed as failed:
            self._not_sent(server, failed)
            self._give_up(way)
        except Refused:
            raise
        except FetchError as error:
            self._fail(way, error)

    def _not_sent(self, server: Admitted, failed: CallFailed) -> None:
        self._unreached[server] = failed.errno
        self._tell("none", f"The question could not be sent: {failed.errno}.")

    def _collect(self) -> None:
        """Take messages until the name is settled, the time is up, or none can come any more."""
        while (awaited := self._awaited()) and not self._settled():
            now_s = self._wire.recorder.now_s()
            if awaited <= self._spoiled:
                self._until_s = min(self._until_s, now_s + _RESOLUTION_DELAY_S)
            end_s = self._until_s
            if self._settles_s is not None:
                end_s = min(end_s, self._settles_s)
            left_s = end_s - now_s
            if left_s <= 0:
                return
            remaining_s = self._remaining_s()
            if remaining_s is not None:
                left_s = min(left_s, remaining_s)
            beside = self._beside.waiting if self._beside is not None else []
            waiting = [(each.socket, each.wants) for each in self._open]
            ready = self._wire.wait([*waiting, *beside], left_s)
            if self._beside is not None:
                self._beside.take(ready)
            for way in [each for each in self._open if each.socket in ready]:
                self._take(way)

    def _remaining_s(self) -> float | None:
        """As Deadlines has it, but that what a server did wrong tells more than the time."""
        try:
            return self._deadlines.remaining_s()
        except FetchError as error:
            told = self._telling() if error.code == "dns.timeout" else None
            raise told or error from None

    def _awaited(self) -> set[str]:
        """The types of the questions that may still be answered and have to be."""
        under_way = {each.question.rdtype for each in self._open if not each.done}
        return under_way - self._answers.keys()

    def _take(self, way: _Way) -> None:
        try:
            for message in way.receive():
                self._judge(way, message)
        except CallFailed as failed:
            self._unreached[way.server] = failed.errno
            what = "Nothing listens at the resolver's port"
            if failed.errno != _REFUSED:
                what = "The resolver cannot be reached"
            self._tell("none", f"{what}: {failed.errno}.")
            self._give_up(way)
        except Refused:
            raise
        except FetchError as error:
            if isinstance(way, OverTcp):
                self._fail(way, error)
            else:
                self._pass_over(way, error)

    def _pass_over(self, way: OverUdp, error: FetchError) -> None:
        """This datagram cannot be read; another one may do. Raises: FetchError if it tells more."""
        if error.code not in _MALFORMED:
            raise error
        self._tell("unreadable", error.message)
        self._spoiled.add(way.question.rdtype)
        self._unreadable.append(error)
        if len(self._unreadable) >= _UNREADABLE:
            raise error

    def _judge(self, way: _Way, message: bytes) -> None:
        if way.done:
            self._tell("ignored", "Its question had its answer already.")
            return
        if isinstance(way, OverTcp) and len(message) < HEADER_OCTETS:
            raise FetchError(
                "dns.malformed",
                f"{shown(way.server)} sent a message of {len(message)} octets over TCP; the header "
                f"of a DNS message alone has {HEADER_OCTETS}.",
            )
        verdict = judge(way.question, message)
        if isinstance(verdict, Ignored):
            self._ignore(way, verdict)
        elif verdict.truncated:
            self._ask_over_tcp(way, len(message))
        else:
            way.done = True
            if verdict.note:
                self._tell("note", verdict.note)
            self._accept(verdict)

    def _ignore(self, way: _Way, verdict: Ignored) -> None:
        self._tell("ignored", verdict.why)
        self._ignored += isinstance(way, OverTcp)
        if self._ignored > _IGNORED:
            raise FetchError(
                "dns.malformed",
                f"{shown(way.server)} sent {self._ignored} messages over TCP that do not answer "
                "what was asked there.",
            )

    def _ask_over_tcp(self, way: _Way, octets: int) -> None:
        """RFC 7766 §5. Raises: FetchError dns.truncated where that was done already."""
        question = way.question
        of = f"The answer of {octets:,} octets to {question.name} {question.rdtype}"
        if isinstance(way, OverTcp):
            raise FetchError(
                "dns.truncated",
                f"{of} says that it was cut (TC=1), and yet it came over TCP.",
            )
        way.done = True
        self._count()
        self._tell(
            "truncated",
            f"{of} was cut to fit into a datagram (TC=1); {shown(way.server)} is asked for all of "
            "it over TCP.",
        )
        self._until_s = self._wire.recorder.now_s() + self._limits.dns_try_s
        again = ask(self._name, question.rdtype)
        self._start(way.server, lambda: OverTcp(self._wire, self._guard, way.server, again))

    def _fail(self, way: _Way, error: FetchError) -> None:
        """This server has no answer over TCP; another one, or another type, may do."""
        if not way.done:
            self._failed[way.server, way.question.rdtype] = error
            self._tell("none", error.message)
        self._give_up(way)

    def _give_up(self, way: _Way) -> None:
        self._open.remove(way)
        way.socket.close()

    def _accept(self, answer: Answer) -> None:
        self._answers.setdefault(answer.rdtype, answer)
        if self._settles_s is None and (answer.addresses or answer.rcode == "NXDOMAIN"):
            self._settles_s = self._wire.recorder.now_s() + _RESOLUTION_DELAY_S

    def _settled(self) -> bool:
        if len(self._answers) == 2:
            return True
        return self._settles_s is not None and self._wire.recorder.now_s() >= self._settles_s

    def _put_refusals_aside(self) -> None:
        """Another server may do better than one that failed or refused."""
        for rdtype, answer in list(self._answers.items()):
            if answer.rcode not in ("NOERROR", "NXDOMAIN"):
                self._refusals[rdtype] = self._answers.pop(rdtype)

    def _tell(self, value: str, why: str) -> None:
        self._wire.recorder.chose("dns answer", value, why)

    def _telling(self) -> FetchError | None:
        """What a server did that tells more than that there is no answer."""
        return next(iter([*self._failed.values(), *self._unreadable]), None)

    def _no_answer(self) -> FetchError:
        listed = ", ".join(dict.fromkeys(shown(each) for each in self._servers))
        errors = set(self._unreached.values())
        if not self._answers and self._unreached.keys() >= set(self._servers):
            if _REFUSED in errors:
                return FetchError(
                    "dns.refused",
                    f"No resolver listens at {listed} ({_REFUSED}), so {self._name} was not looked "
                    "up: start one there, or name another (--dns-server on the command line).",
                )
            return FetchError(
                "dns.unreachable",
                f"The resolver at {listed} cannot be reached from here "
                f"({', '.join(sorted(errors))}), so {self._name} was not looked up.",
            )
        return FetchError(
            "dns.timeout",
            f"No usable answer for {self._name} came from {listed}; each question was asked "
            f"{_TRIES} times.",
        )
