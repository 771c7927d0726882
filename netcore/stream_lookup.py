"""StreamLookup: the questions for one name on a connection to a resolver, and what came back.

It is what `netcore.lookup` is for datagrams. As there, the other address family is waited for no
longer than a moment once one has come, and HTTPS records never fail a lookup.
"""

from __future__ import annotations

from typing import Final

from netcore.deadline import Deadlines
from netcore.dns_connection import DnsConnection
from netcore.errors import FetchError, Refused
from netcore.options import Limits
from netcore.protocols.dns import AAAA, A, Answer
from netcore.protocols.dns_services import HTTPS
from netcore.recorder import Recorder
from netcore.service_lookup import ServiceLookup

_RESOLUTION_DELAY_S: Final = 0.25  # as in `netcore.lookup`
_SETTLED: Final = "settled"  # no failure: what has come has to do


class StreamLookup:
    """The questions for one name. `queries` counts them, those of earlier names included."""

    def __init__(
        self,
        recorder: Recorder,
        connection: DnsConnection,
        deadlines: Deadlines,
        limits: Limits,
        name: str,
        beside: ServiceLookup | None = None,
    ) -> None:
        self.queries = 0
        self._recorder = recorder
        self._connection = connection
        self._deadlines = deadlines
        self._limits = limits
        self._name = name
        self._beside = beside if beside is not None and not beside.queries else None
        self._answers: dict[str, Answer] = {}

    def run(self) -> list[Answer]:
        """The answers, to AAAA first. Raises: FetchError, Refused."""
        self.queries += 2
        if self.queries > self._limits.dns_queries:
            raise FetchError(
                "dns.timeout",
                f"{self._limits.dns_queries} questions were asked and the name is not resolved.",
            )
        self._ask()
        if self._beside is not None:
            self._beside.answer = self._answers.pop(HTTPS, None)
        if not self._answers:
            raise FetchError("dns.timeout", f"No answer about the addresses of {self._name} came.")
        return [self._answers[each] for each in (AAAA, A) if each in self._answers]

    def _ask(self) -> None:
        """Raises: FetchError, Refused, unless an answer came before."""
        wanted = [(self._name, A), (self._name, AAAA)]
        if self._beside is not None:
            wanted.append((self._beside.name, HTTPS))
            self._beside.queries = 1
        try:
            self._connection.ask(wanted, self._accept)
        except FetchError as error:
            if isinstance(error, Refused) or not self._answers or error.code.startswith("limit."):
                raise
            if error.code != _SETTLED:
                self._recorder.chose("dns answer", "none", error.message)
        finally:
            self._deadlines.clear(_SETTLED)

    def _accept(self, answer: Answer) -> bool:
        """Take an answer. Out: whether another one is waited for."""
        self._answers[answer.rdtype] = answer
        if answer.note:
            self._recorder.chose("dns answer", "note", answer.note)
        if answer.addresses or answer.rcode == "NXDOMAIN":
            self._deadlines.keep(_SETTLED, _RESOLUTION_DELAY_S, _SETTLED, "")
        return True
