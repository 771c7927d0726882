"""DnsConnection: questions on one connection to a resolver, over TCP, TLS or HTTPS.

Over TCP and TLS (RFC 7766, RFC 7858) all questions go out together, each behind its length, and
answers come in any order: the id tells them apart. Over HTTPS (RFC 8484) each waits for the one
before it. Inside TLS questions are padded (RFC 8467), so that their length says less, and the
resolver's certificate is always verified.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from netcore.connection import Connection
from netcore.deadline import Deadlines
from netcore.dial import dial
from netcore.dns_over_https import DnsOverHttps
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.name_servers import NameServer
from netcore.options import Options
from netcore.protocols.dns import Answer, Ignored, Messages, Question, ask, judge, prefixed
from netcore.protocols.dns_services import HTTPS
from netcore.protocols.tls import Tls
from netcore.protocols.tls_context import Offer
from netcore.wire import Socket, Wire

OnAnswer = Callable[[Answer], bool]
"""Is given each answer, and says whether others are waited for."""

PADDING: Final = 128  # RFC 8467 §4.1: questions are padded to a multiple of so many octets
_ALPN: Final = {"tls": ("dot",), "https": ("h2", "http/1.1")}  # RFC 7858 §3.1 leaves "dot" open
_TITLES: Final = {"tcp": "DNS over TCP", "tls": "DNS over TLS", "https": "DNS over HTTPS"}
_IGNORED: Final = 8
_NOTHING: Final = Ignored("It answers no question that is open.")
_CERTIFICATE: Final = frozenset(
    {
        "tls.bad_certificate",
        "tls.cert_expired",
        "tls.cert_not_yet_valid",
        "tls.chain",
        "tls.chain_too_long",
        "tls.hostname_mismatch",
        "tls.incomplete_chain",
        "tls.self_signed",
        "tls.unknown_ca",
        "tls.weak_certificate",
    }
)


class DnsConnection:
    """A connection to one resolver, made when the first question is asked.

    In: `name`, whom its certificate has to be for.
    """

    def __init__(
        self,
        wire: Wire,
        guard: Guard,
        options: Options,
        deadlines: Deadlines,
        server: NameServer,
        name: str,
    ) -> None:
        self.server = server
        self._wire = wire
        self._guard = guard
        self._options = options
        self._deadlines = deadlines
        self._name = name
        self._connection: Connection | None = None
        self._https: DnsOverHttps | None = None

    def ask(self, wanted: Sequence[tuple[str, str]], on_answer: OnAnswer) -> None:
        """Ask for these names and types, and give out the answers as they come.

        A connection that the resolver closed between two lookups is made anew (RFC 7766 §6.2.4).
        Raises: FetchError with a code of dns, or of a deadline that passed; Refused.
        """
        kept = self._connection is not None
        answered: set[str] = set()

        def note(answer: Answer) -> bool:
            answered.add(answer.rdtype)
            return on_answer(answer)

        try:
            self._ask(wanted, note)
        except FetchError as error:
            self.close()
            if not kept or error.code != "dns.tcp_closed" or answered:
                raise
            self._ask(wanted, note)

    def close(self) -> None:
        """Say goodbye, take what is there, and close."""
        connection, self._connection = self._connection, None
        if connection is not None:
            goodbye = self._https.goodbye() if self._https is not None else b""
            connection.close(linger=False, goodbye=goodbye)
        self._https = None

    def _ask(self, wanted: Sequence[tuple[str, str]], on_answer: OnAnswer) -> None:
        connection = self._connection or self._connect()
        padding = PADDING if self.server.is_encrypted else 0
        questions = [ask(name, rdtype, padding=padding) for name, rdtype in wanted]
        try:
            if self._https is not None:
                self._one_by_one(self._https, questions, on_answer)
            else:
                self._together(connection, questions, on_answer)
        except FetchError as error:
            raise self._translated(error) from error

    def _one_by_one(
        self, https: DnsOverHttps, questions: Sequence[Question], on_answer: OnAnswer
    ) -> None:
        for question in questions:
            own = question.with_id(0)
            answer = self._judged(own, https.ask(own.octets))
            if isinstance(answer, Ignored):
                raise FetchError(
                    "dns.malformed", f"{self._shown} missed the question: {answer.why}"
                )
            if not on_answer(answer):
                return

    def _together(
        self, connection: Connection, questions: Sequence[Question], on_answer: OnAnswer
    ) -> None:
        connection.queue(b"".join(prefixed(each.octets) for each in questions))
        open_questions = {each.id: each for each in questions}
        messages, ignored = Messages(), 0
        while open_questions:
            data = connection.receive()
            if not data:
                there = f" when {messages.state} of an answer had come" if messages.state else ""
                raise FetchError("dns.tcp_closed", f"{self._shown} closed the connection{there}.")
            for message in messages.receive(data):
                question = open_questions.get(int.from_bytes(message[:2], "big"))
                verdict = self._judged(question, message) if question else _NOTHING
                if isinstance(verdict, Answer):
                    del open_questions[verdict.question_id]
                    if not on_answer(verdict):
                        return
                    continue
                ignored += 1
                self._ignore(verdict, ignored)

    def _ignore(self, verdict: Ignored, count: int) -> None:
        self._wire.recorder.chose("dns answer", "ignored", verdict.why)
        if count > _IGNORED:
            raise FetchError(
                "dns.malformed", f"{self._shown} sent {count} messages that answer nothing."
            )

    def _judged(self, question: Question, message: bytes) -> Answer | Ignored:
        """As `judge`, but that of HTTPS records nothing is ever amiss: they may be left out."""
        try:
            verdict = judge(question, message)
            if isinstance(verdict, Answer) and verdict.truncated:
                raise FetchError(
                    "dns.truncated",
                    f"{self._shown} says that its answer was cut (TC=1), and yet it came over a "
                    "connection, where every length fits.",
                )
        except FetchError as error:
            if question.rdtype != HTTPS:
                raise
            self._wire.recorder.chose("dns answer", "none", error.message)
            return Answer(HTTPS, "", False, (), (), question_id=question.id)
        return verdict

    # The connection

    @property
    def _shown(self) -> str:
        return f"The resolver at {self.server.endpoint}"

    def _connect(self) -> Connection:
        admitted = self._guard.admit_resolver(self.server.address, self.server.port)
        connection = Connection(self._wire, self._dialled(admitted), self._deadlines)
        ready = False
        try:
            if self.server.is_encrypted:
                self._secure(connection)
            else:
                self._tell("The questions are asked over a TCP connection from the beginning.")
            ready = True
        finally:
            if not ready:
                connection.close(linger=False)
        self._connection = connection
        return connection

    def _dialled(self, admitted: Admitted) -> Socket:
        try:
            return dial(self._wire, self._guard, [admitted], self._deadlines)
        except Refused:
            raise
        except FetchError as error:
            if not error.code.startswith("tcp."):
                raise
            code = "dns.refused" if error.code == "tcp.refused" else "dns.unreachable"
            raise FetchError(
                code, f"No connection to the resolver could be made: {error.message}"
            ) from error

    def _secure(self, connection: Connection) -> None:
        tls = Tls(
            self._name,
            cacert=self._options.cacert,
            offer=Offer(alpn=_ALPN[self.server.transport]),
        )
        try:
            connection.secure(tls)
        except FetchError as error:
            raise self._untrusted(error) from error
        finally:
            connection.note_trust_anchor(tls.trust_anchor)
        suite, _ = tls.cipher_suite
        self._tell(
            f"Inside {tls.version} ({suite}): nobody on the path reads the questions. The "
            f"certificate is verified, for {self._name}."
        )
        if self.server.transport == "https":
            self._https = DnsOverHttps(
                connection,
                self.server,
                self._name,
                self._options.limits,
                http2=tls.alpn == "h2",
            )

    def _untrusted(self, error: FetchError) -> FetchError:
        if error.code in _CERTIFICATE:
            return FetchError(
                "dns.certificate",
                f"{self._shown} showed a certificate that is refused, so nothing was asked of it: "
                f"{error.message}",
            )
        if error.code.startswith(("tls.", "tcp.")):
            return FetchError(
                "dns.tls", f"{self._shown} made no TLS connection with us: {error.message}"
            )
        return error

    def _translated(self, error: FetchError) -> FetchError:
        """What ended the connection, as a failure of DNS."""
        if error.code.startswith("tcp."):
            return FetchError("dns.tcp_closed", f"{self._shown}: {error.message}")
        if error.code.startswith("tls."):
            return FetchError("dns.tls", f"{self._shown}: {error.message}")
        if error.code.startswith(("h1.", "h2.", "http.", "chunk.")):
            return FetchError("dns.http", f"{self._shown}: {error.message}")
        return error

    def _tell(self, why: str) -> None:
        self._wire.recorder.chose("dns transport", _TITLES[self.server.transport], why)
