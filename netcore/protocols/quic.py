"""QUIC as a client speaks it, by aioquic, without any I/O (RFC 9000, RFC 9001).

Theory of operation. One object serves one connection. `start` begins the handshake; each datagram
from the server goes into `receive`, whole; `datagrams_to_send` is what has to go to the server
now, and has to be asked for after each step, also after one that failed: then it tells the server
why. `timer_s` says when `handle_timer` is due. Times are seconds on any clock that only goes
forward. `take_events` gives what came on streams, in the library's words, for HTTP/3 above.

The handshake is aioquic's, the verdict on the server's certificate is ours: OpenSSL's, by the
same rules as for TLS over TCP. It is given as soon as the certificate is there, before anything
that the library has written is asked for: neither our Finished nor a request goes to a server
whose certificate was refused. A request that goes out early, in 0-RTT packets, is sealed with
the secret of a session whose server had been verified.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import Any, Final

from aioquic import tls
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import (
    ConnectionTerminated,
    QuicEvent,
    StopSendingReceived,
    StreamDataReceived,
    StreamReset,
)
from cryptography.hazmat.primitives.serialization import Encoding

from netcore.errors import FetchError
from netcore.protocols import quic_errors as errors
from netcore.protocols.quic_answers import Answers
from netcore.protocols.quic_fences import WINDOW, FencedConnection
from netcore.protocols.quic_session import KeyLog, QuicSession
from netcore.protocols.tls_context import Offer
from netcore.protocols.tls_verdict import judge
from netcore.registries.tls import CIPHER_SUITES

GROUPS: Final = {
    "x25519": tls.Group.X25519,
    "secp256r1": tls.Group.SECP256R1,
    "secp384r1": tls.Group.SECP384R1,
    "x448": tls.Group.X448,
}
"""RFC 8446's names of the groups that can be offered."""

_DEFAULT_GROUPS: Final = ("x25519", "secp256r1", "secp384r1", "x448")
_PEER: Final = ("server", 0)  # the socket is connected: there is one address
_NOT_VERIFIED: Final = 0  # ssl.CERT_NONE, for the library alone: we verify
_BAD_CERTIFICATE: Final = errors.CRYPTO_ERROR + 42
_CRYPTO_FRAME: Final = 6
_STREAM_EVENTS: Final = (StreamDataReceived, StreamReset, StopSendingReceived)
_RESET_OCTETS: Final = 21  # RFC 9000 §10.3: a stateless reset is no shorter
_BARREN: Final = 1_000  # datagrams in a row that bring nothing

# It warns of what servers do wrong; here a failure says so.
logging.getLogger("quic").setLevel(logging.CRITICAL + 1)


class Quic:
    """One connection.

    In: `name`, the host name or address that the certificate has to hold; `verify`, whether a
    certificate that cannot be verified ends the handshake; `cacert`, a PEM file with the only
    trust anchors, "" for the system's; `sni`, the name to ask for, "" for none; `offer`, what
    else is offered; `idle_s`, after how many seconds without a datagram it is over; `datagrams`,
    how many the server may send, None for any number; `session`, one to resume.
    Raises: FetchError tls.bad_option if something of the offer cannot be offered.
    """

    def __init__(
        self,
        name: str,
        *,
        sni: str,
        offer: Offer,
        verify: bool = True,
        cacert: str = "",
        idle_s: float = 10,
        datagrams: int | None = None,
        session: QuicSession | None = None,
    ) -> None:
        self.failure: FetchError | None = None
        self.closed = False  # whether nothing more is sent or taken
        self.trust_anchor = b""  # in DER, once a chain was built that ends at one
        self.blocked = False  # set by HTTP/3: fields wait for entries of a table
        self.datagrams = 0  # that came
        self._name, self._verify, self._cacert = name, verify, cacert
        self._most = datagrams
        self._session = session
        self._log = KeyLog()
        self._judged = False
        self._said_goodbye = False
        self._barren = 0
        self._credit = 0
        self._events: deque[QuicEvent] = deque()
        names = (offer.group,) if offer.group else _DEFAULT_GROUPS
        if not set(names) <= set(GROUPS):
            text = f"{offer.group} cannot be offered over QUIC here: {', '.join(GROUPS)} can."
            raise FetchError("tls.bad_option", text)
        configuration = self._configuration(sni, offer, idle_s)
        self._quic = FencedConnection(configuration, [GROUPS[each] for each in names])
        self._answers = Answers(self._quic)

    def _configuration(self, sni: str, offer: Offer, idle_s: float) -> QuicConfiguration:
        made = QuicConfiguration(
            alpn_protocols=list(offer.alpn) or None,
            idle_timeout=idle_s,
            max_data=WINDOW,
            max_stream_data=WINDOW,
            secrets_log_file=self._log,  # type: ignore[arg-type]
            server_name=sni or None,
            session_ticket=self._session.ticket if self._session else None,
            token=self._session.token if self._session else b"",
            verify_mode=_NOT_VERIFIED,
        )
        if offer.cert:
            try:
                made.load_cert_chain(offer.cert, offer.key or None)
            except (OSError, ValueError, TypeError, IndexError) as error:
                text = f"{offer.cert} makes no client certificate for QUIC: {error}."
                raise FetchError("tls.bad_option", text) from error
        return made

    @property
    def connection(self) -> FencedConnection:
        """The library's side of it, for HTTP/3."""
        return self._quic

    # Datagrams and time

    def start(self, now_s: float) -> None:
        """Write the first flight."""
        self._quic.connect(_PEER, now_s)

    def receive(self, datagram: bytes, now_s: float) -> None:
        """Take one datagram. What is wrong with it is in `failure` then."""
        if self.closed or self.failure is not None:
            return
        self.datagrams += 1
        if self._most is not None and self.datagrams > self._most:
            text = f"The server sent more than {self._most:,} datagrams."
            self.fail(FetchError("limit.datagrams", text))
            return
        if self._is_reset(datagram):
            self.failure, self.closed = errors.reset(), True
            return
        failure = None if self.established else self._answers.look(datagram)
        if failure is not None:
            self.failure, self.closed = failure, True  # nobody there would read a goodbye
            return
        try:
            self._quic.receive_datagram(datagram, _PEER, now_s)
        except Exception as error:  # hostile octets find more ways than the library lists
            text = f"The server sent what cannot be read as QUIC ({type(error).__name__})."
            self.fail(FetchError("quic.protocol", text))
            return
        self._judge()
        self._collect()
        self._check_barren()

    def datagrams_to_send(self, now_s: float) -> list[bytes]:
        """What has to be sent now, in order."""
        if self.closed:
            return []
        made = [octets for octets, _ in self._quic.datagrams_to_send(now_s)]
        self._credit += len(made)
        return made

    @property
    def timer_s(self) -> float | None:
        """When `handle_timer` is due, None for never."""
        return None if self.closed else self._quic.get_timer()

    def handle_timer(self, now_s: float) -> None:
        """Let time pass: what seems lost is sent again, and silence ends the connection."""
        due = self.timer_s
        if due is not None and now_s >= due:
            self._quic.handle_timer(now_s)
            self._collect()

    def ping(self) -> None:
        """Ask for a sign of life."""
        self._quic.send_ping(0)

    def close(self, code: int = errors.H3_NO_ERROR, reason: str = "") -> None:
        """Say goodbye in the words of HTTP/3."""
        self._said_goodbye = True
        self._quic.close(error_code=code, reason_phrase=reason)

    def fail(self, failure: FetchError, code: int = 0xA, frame_type: int | None = 0) -> None:
        """End the connection for what went wrong, and tell the server by a code of QUIC."""
        if self.failure is None:
            self.failure = failure
            self._quic.close(error_code=code, frame_type=frame_type, reason_phrase="")

    # What is known of it

    @property
    def established(self) -> bool:
        """Whether the handshake is done, and the server is whom it should be."""
        done = self._quic._handshake_complete
        return done and self.failure is None and (self._judged or self.resumed)

    @property
    def may_send_early(self) -> bool:
        """Whether requests may go out now, before the server has said anything."""
        session = self._session
        if session is None or not session.takes_early_data or self._is_unsound:
            return False
        return self._quic.tls.session_ticket is not None

    @property
    def resumed(self) -> bool:
        """Whether the server went on from the session that was offered."""
        return self._quic.tls.session_resumed

    @property
    def early_data_accepted(self) -> bool:
        """Whether it took what was sent before it had said anything."""
        return self._quic.tls.early_data_accepted

    @property
    def version(self) -> str:
        """The version of QUIC that is spoken: "1" or "2"."""
        return errors.version_name(self._quic._version or 0)

    @property
    def cipher_suite(self) -> tuple[str, int]:
        """The cipher suite by its registered name, and the bits of its key."""
        schedule = self._quic.tls.key_schedule
        if schedule is None:
            return "", 0
        name = CIPHER_SUITES.get(int(schedule.cipher_suite), "")
        return name, 128 if "128" in name else 256

    @property
    def alpn(self) -> str:
        """The application protocol that the server chose, "" if it did not answer."""
        return self._quic.tls.alpn_negotiated or ""

    @property
    def certificates(self) -> list[bytes]:
        """The chain as the server sent it, in DER, the server's own first."""
        first = self._quic.tls._peer_certificate
        if first is None:
            return []
        chain = [first, *self._quic.tls._peer_certificate_chain]
        return [each.public_bytes(Encoding.DER) for each in chain]

    @property
    def session(self) -> QuicSession | None:
        """What the server has given so far to resume from, None if nothing."""
        if not self._quic.tickets:
            return None
        token = b"".join(self._quic.tokens)
        sound = self._judged and self._verify if not self.resumed else not self._is_unsound
        return QuicSession(self._quic.tickets[-1], token, self._name, sound)

    @property
    def retried(self) -> bool:
        """Whether the first flight was sent once more with the token of a Retry."""
        return bool(self._quic.retries)

    def silence(self) -> FetchError | None:
        """What the only answers were, where none was one that a handshake is made of."""
        return self._answers.silence()

    def new_secrets(self) -> list[str]:
        """Lines of the key log that were not given out before."""
        return self._log.take()

    # Streams

    @property
    def has_events(self) -> bool:
        """Whether something came on a stream that was not taken yet."""
        return bool(self._events)

    def take_events(self) -> list[QuicEvent]:
        """What came on streams since the last call."""
        taken = list(self._events)
        self._events.clear()
        for event in taken:
            if isinstance(event, StreamDataReceived):
                self._quic.delivered += len(event.data)
        return taken

    @property
    def unsent(self) -> int:
        """Octets of requests that were written and have not gone out yet."""
        streams = self._quic._streams
        senders: Any = (streams[each].sender for each in streams if each % 4 == 0)
        return sum(len(run) for sender in senders for run in sender._pending)

    @property
    def round_trip_s(self) -> float:
        """The smoothed round-trip time, 0 before one was measured."""
        return self._quic._loss._rtt_smoothed if self._quic._loss._rtt_initialized else 0.0

    # Behind the scenes

    def _collect(self) -> None:
        while (event := self._quic.next_event()) is not None:
            if isinstance(event, _STREAM_EVENTS):
                self._events.append(event)
                self._barren = 0
            elif isinstance(event, ConnectionTerminated):
                self.closed = True
        if self._quic._close_event is not None and self.failure is None:
            self.failure = self._why_ended(self._quic._close_event)

    def _why_ended(self, ended: ConnectionTerminated) -> FetchError | None:
        if self._quic.refusal is not None:
            return self._quic.refusal
        code, reason = ended.error_code, ended.reason_phrase
        if self._quic.ended_by == "server":
            started, application = self._quic._handshake_complete, ended.frame_type is None
            return errors.closed_by_server(code, reason, application=application, started=started)
        if self._quic.ended_by == "us":
            return None if self._said_goodbye else errors.closed_by_us(code, reason)
        idle_s = self._quic.configuration.idle_timeout
        text = f"Not one datagram came from the server for {idle_s:g} s."
        return self.silence() or FetchError("quic.timeout", text)

    def _is_reset(self, datagram: bytes) -> bool:
        if len(datagram) < _RESET_OCTETS or datagram[0] & 0xC0 != 0x40:
            return False
        return datagram[-16:] in self._quic.reset_tokens()

    def _check_barren(self) -> None:
        """Too many datagrams that bring nothing: acknowledgements of ours are allowed for."""
        self._barren += 1
        if self.established and self._barren > _BARREN + 2 * self._credit:
            text = f"The server sent {self._barren:,} datagrams with nothing for a stream in them."
            self.fail(FetchError("quic.flood", text))

    @property
    def _is_unsound(self) -> bool:
        """Whether the session that is offered proves less than a handshake would have to."""
        session = self._session
        return self._verify and not (session and session.sound and session.name == self._name)

    def _judge(self) -> None:
        """Refuse a certificate that does not hold, before anything is sent to its owner."""
        if self._judged or self.failure is not None:
            return
        if self._quic._handshake_complete and self.resumed and self._is_unsound:
            text = "The session that the server went on from was not one whose server was verified."
            self.fail(FetchError("tls.error", text), _BAD_CERTIFICATE, _CRYPTO_FRAME)
            return
        if self._quic.tls._peer_certificate is None:
            return
        self._judged = True
        if not self._verify:
            return
        verdict = judge(self.certificates, self._name, cacert=self._cacert, lowest="1.2")
        self.trust_anchor = verdict.anchor
        if verdict.failures:
            self.fail(verdict.failures[0], _BAD_CERTIFICATE, _CRYPTO_FRAME)
