"""TLS as a client speaks it, by the ssl module, without any I/O (RFC 8446, RFC 5246).

Theory of operation. OpenSSL reads and writes memory. `start` begins the handshake; ciphertext from
the server goes into `receive`, cut anywhere, which gives back the plaintext that it completed;
`data_to_send` is what has to go to the server now. It must be asked for after every step, also
after one that failed: OpenSSL has then written the alert that says why. `receive(b"")` is the end
of the stream.

Secrets come out of OpenSSL as lines of a key log, in a file without a name that `new_secrets`
reads after each step. On the way in, record headers are walked (five octets each), for two
questions that OpenSSL does not answer: whether the stream ended inside a record, and how much a
server has sent since the last plaintext, so that one that sends nothing but tickets is stopped.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Sequence
from typing import Final, NamedTuple

from netcore.errors import FetchError
from netcore.protocols.certificate_names import is_for
from netcore.protocols.tls_context import DEFAULT, Offer, client_context, offered_versions
from netcore.protocols.tls_failure import explain_failure
from netcore.protocols.tls_key_log import KeyLog
from netcore.protocols.tls_records import RecordWalk
from netcore.protocols.tls_refusal import explain_refused_certificate, reached_an_anchor
from netcore.protocols.tls_verdict import chain_of, unfit
from netcore.registries.tls import CIPHER_SUITES

OBSOLETE: Final = (
    "RFC 8996 retired it in 2021: its handshake is signed over MD5 and SHA-1, which can be forged."
)
_WORDS: Final = re.compile(r"\[SSL\] ([\w ]+) \(")
_READ: Final = 16_384
# What OpenSSL says of a weak certificate where it has a rule of its own: fatal, bad_certificate.
_BAD_CERTIFICATE: Final = b"\x00\x02\x02\x2a"
_OBSOLETE: Final = ("TLS 1.0", "TLS 1.1")
# OpenSSL has names of its own for the suites of TLS 1.2; the number leads to IANA's.
_numbers: dict[str, int] = {}
_HOSTNAME_MISMATCH: Final = 62  # X509_V_ERR_HOSTNAME_MISMATCH


class Session(NamedTuple):
    """What a server gave for a later connection to go on from (RFC 8446 §2.2, RFC 5246 §7.3)."""

    context: ssl.SSLContext  # OpenSSL resumes a session with the settings that it was made with
    held: ssl.SSLSession
    name: str  # whom the certificate was for
    sound: bool  # whether it was verified

    @property
    def form(self) -> str:
        """What is offered: a "ticket", or in TLS 1.2 and below perhaps a "session ID"."""
        return "ticket" if self.held.has_ticket else "session ID"


class Tls:
    """One TLS connection.

    In: `name`, the host name or address that the certificate has to hold; `verify`, whether a
    certificate that cannot be verified ends the handshake; `cacert`, a PEM file with the only
    trust anchors, "" for the system's; `versions`, the lowest and the highest that are offered,
    "1.0" to "1.3"; `offer`, what else is; `session`, one to resume, of a connection that was
    offered the same.
    Raises: FetchError tls.error if `cacert` cannot be used, tls.version if no version is left,
    tls.bad_option if something of the offer cannot be offered.
    """

    def __init__(
        self,
        name: str,
        *,
        verify: bool = True,
        cacert: str = "",
        versions: tuple[str, str] = ("1.2", "1.3"),
        offer: Offer = DEFAULT,
        session: Session | None = None,
    ) -> None:
        self.established = False
        self.settled = False
        self.failure: FetchError | None = None  # what ended it, behind the last plaintext
        self.ended = ""  # how the stream ended: "", "close_notify", "cut" or "cut inside a record"
        self.trust_anchor = b""  # in DER, once OpenSSL has built a chain that ends at one
        self._name = name
        self._verify = verify
        self._versions = offered_versions(*versions)
        self._alpn = offer.alpn
        self._names_are_ours = offer.sni is not None  # to compare: OpenSSL takes them from SNI
        self._session = session
        self._sound = False  # whether the chain was found short and strong enough
        self._refusal = b""  # the alert that takes the place of all that OpenSSL has to send
        self._keys = KeyLog()
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._walk = RecordWalk()
        try:
            self._context = session.context if session else self._settings(offer, cacert)
            self._object = self._client(name if offer.sni is None else offer.sni)
        except FetchError:
            self._keys.close()
            raise

    def _settings(self, offer: Offer, cacert: str) -> ssl.SSLContext:
        try:
            context = client_context(self._versions, offer, verify=self._verify, cacert=cacert)
        except OSError as error:
            raise FetchError("tls.error", f"{cacert} holds no usable certificate.") from error
        context.check_hostname = self._verify and not self._names_are_ours
        return context

    def _client(self, sni: str) -> ssl.SSLObject:
        """OpenSSL's side of it. In: `sni`, "" for none; OpenSSL sends no address there."""
        self._context.keylog_filename = self._keys.path
        try:
            return self._context.wrap_bio(
                self._incoming,
                self._outgoing,
                server_hostname=sni or None,
                session=self._session.held if self._session else None,
            )
        except ValueError as error:
            raise FetchError("guard.bad_host", f"{sni} is no name for TLS: {error}.") from error

    def start(self) -> None:
        """Write the ClientHello."""
        self._handshake()

    def receive(self, data: bytes) -> list[bytes]:
        """Take ciphertext, b"" for the end of the stream.

        Out: the plaintext that is complete now; `established`, `ended` and `failure` may have
        changed.
        Raises: FetchError with a code of tls or guard.
        """
        if data:
            self._walk.take(data)
            self._incoming.write(data)
        else:
            self._incoming.write_eof()
        if not self.established:
            self._handshake()
            if not self.established:
                return []
        plaintext = self._read()
        if plaintext:
            self._walk.plaintext()
            self.settled = True
        self._walk.check(self.established)
        return plaintext

    def write(self, data: bytes) -> int:
        """Encrypt the first octets of `data`. Out: how many they were."""
        try:
            return self._object.write(data)
        except ssl.SSLError as error:
            raise self._failure(error) from error

    def data_to_send(self) -> bytes:
        """Ciphertext for the server."""
        octets = self._outgoing.read() if self._outgoing.pending else b""
        if self._refusal:
            octets, self._refusal = self._refusal, b""
        return octets

    def close(self) -> None:
        """Write close_notify."""
        if self.established:
            # It waits for the server's in vain, or the connection has failed: we leave anyway.
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()

    def release(self) -> None:
        """Give the key log back to the kernel: our descriptor and OpenSSL's."""
        self._context.keylog_filename = None  # type: ignore[assignment]
        self._keys.close()
        self.failure = None  # its traceback leads back here, and OpenSSL has the file open too

    def new_secrets(self) -> list[str]:
        """Lines of the key log that were not given out before."""
        return self._keys.new_lines()

    @property
    def version(self) -> str:
        """The version that was agreed on: "TLS 1.3"."""
        name = (self._object.version() or "").replace("TLSv", "TLS ")
        return "TLS 1.0" if name == "TLS 1" else name

    @property
    def obsolete(self) -> bool:
        """Whether it is one of the versions that RFC 8996 retired."""
        return self.version in _OBSOLETE

    @property
    def cipher_suite(self) -> tuple[str, int]:
        """The cipher suite by its registered name, and the bits of its key."""
        cipher = self._object.cipher()
        if cipher is None:
            return "", 0
        if cipher[0] not in _numbers:
            said = self._context.get_ciphers()
            _numbers.update({each["name"]: each["id"] & 0xFFFF for each in said})
        return CIPHER_SUITES.get(_numbers.get(cipher[0], 0), cipher[0]), cipher[2]

    @property
    def alpn(self) -> str:
        """The application protocol that the server chose, "" if it did not answer."""
        return self._object.selected_alpn_protocol() or ""

    @property
    def resumed(self) -> bool:
        """Whether the server went on from the session that was offered."""
        return bool(self._object.session_reused)

    @property
    def session(self) -> Session | None:
        """What the server has given so far to resume from, None if nothing."""
        held = self._object.session
        if held is None or not (held.has_ticket or (held.id and self.version != "TLS 1.3")):
            return None
        return Session(self._context, held, self._name, self._sound)

    @property
    def certificates(self) -> list[bytes]:
        """The chain as the server sent it, in DER, the server's own first."""
        return chain_of(self._object, "unverified")

    @property
    def verified_chain(self) -> list[bytes]:
        """The chain as OpenSSL built it, in DER, the trust anchor last; empty before that."""
        return chain_of(self._object, "verified")

    def _handshake(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            self._judge_chain()
            self._walk.check(established=False)
            return
        except ssl.SSLCertVerificationError as error:
            if reached_an_anchor(error.verify_code):
                self.trust_anchor = b"".join(self.verified_chain[-1:])
            raise explain_refused_certificate(
                error.verify_code,
                error.verify_message,
                self.certificates,
                self.verified_chain,
                self._name,
            ) from error
        except ssl.SSLError as error:
            raise self._failure(error) from error
        self._judge_chain()
        if self._verify and not self._sound:
            raise FetchError("tls.error", "OpenSSL verified no chain of certificates.")
        self._walk.plaintext()
        self.established = True
        if self.alpn and self.alpn not in self._alpn:
            raise FetchError(
                "tls.bad_alpn", f"The server chose {self.alpn!r}, which was not offered."
            )

    def _judge_chain(self) -> None:
        """Refuse a chain that OpenSSL found sound and that is too long or too weak.

        It is called as soon as there is such a chain, and before what OpenSSL has written is
        asked for: neither our Finished nor, before TLS 1.3, our keys leave for such a server.
        A session that is resumed has no chain: the one that it was made with was judged then.
        Raises: FetchError tls.chain_too_long, tls.hostname_mismatch or tls.weak_certificate.
        """
        if self._sound or not self._verify:
            return
        if self._session is not None and self._object.session_reused:
            self._sound = self._session.sound and self._session.name == self._name
            return
        chain = self.verified_chain
        if not chain:
            return
        self.trust_anchor = chain[-1]
        failure = unfit(self.certificates, chain) or self._misnamed(chain)
        if failure is not None:
            version = self._walk.beginning[1:3]  # of the server's records
            self._refusal = b"\x15" + version + _BAD_CERTIFICATE
            raise failure
        self._sound = True

    def _misnamed(self, chain: Sequence[bytes]) -> FetchError | None:
        """What is wrong with the name, where OpenSSL has not compared it."""
        if not self._names_are_ours or is_for(chain[0], self._name):
            return None
        return explain_refused_certificate(
            _HOSTNAME_MISMATCH, "", self.certificates, chain, self._name
        )

    def _read(self) -> list[bytes]:
        parts: list[bytes] = []
        while not self.ended:
            try:
                data = self._object.read(_READ)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLZeroReturnError:
                self.ended = "close_notify"
                break
            except ssl.SSLError as error:
                if not _is_end(error):
                    self.failure = self._failure(error)
                    break
                self.ended = "cut inside a record" if self._walk.inside else "cut"
                break
            if not data:
                self.ended = "close_notify"
                break
            parts.append(data)
        return parts

    def _failure(self, error: ssl.SSLError) -> FetchError:
        reason = "UNEXPECTED_EOF" if _is_end(error) else _reason(error)
        return explain_failure(
            reason, self._walk.beginning, self._walk.octets, self._walk.alert, self._versions
        )


def _reason(error: ssl.SSLError) -> str:
    """OpenSSL's reason; those of its other libraries have words and no name in Python."""
    if error.reason:
        return str(error.reason)
    words = _WORDS.search(str(error))
    return words[1].upper().replace(" ", "_") if words else ""


def _is_end(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLEOFError) or "UNEXPECTED_EOF" in (error.reason or "")
