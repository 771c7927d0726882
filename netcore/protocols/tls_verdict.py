"""What checking a chain of certificates would have said, where it was switched off.

Theory of operation. OpenSSL tells its verdict only by ending a handshake. So the same OpenSSL is
shown the same chain once more, in memory, by a server that is not there: a ServerHello of TLS 1.2,
where certificates go in the clear, and a Certificate message, both written here. OpenSSL judges
the chain as soon as it has that message, by the rules and with the trust anchors that it would
have used for the real connection; it either refuses it with a code, or waits for a message that
never comes. What it refuses it for is then switched off, the name or the dates, and the chain
shown again, because it names only the first thing that is wrong.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from netcore.errors import FetchError
from netcore.protocols.tls_context import VERSIONS, Offer, client_context
from netcore.protocols.tls_refusal import (
    explain_refused_certificate,
    reached_an_anchor,
    too_many_certificates,
)
from netcore.protocols.tls_strength import weakness

CERTIFICATES: Final = 10
"""So many of a chain are followed."""

_NO_CHECK_TIME: Final = 0x20_0000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h
_NAME: Final = "tls.hostname_mismatch"
_DATES: Final = ("tls.cert_expired", "tls.cert_not_yet_valid")
_DER: Final = 2  # _ssl.ENCODING_DER
_TLS12: Final = b"\x03\x03"
# TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256. Whether the key fits it is asked behind the verdict.
_SUITE: Final = b"\xc0\x2b"
_RENEGOTIATION_INFO: Final = b"\xff\x01\x00\x01\x00"  # RFC 5746 §3.6
_SERVER_HELLO, _CERTIFICATE, _HANDSHAKE = 2, 11, 22
_RECORD: Final = 1 << 14


class Verdict(NamedTuple):
    """What checking says of a chain."""

    failures: tuple[FetchError, ...]  # each as it would have been refused; () if nothing is wrong
    anchor: bytes  # the trust anchor that the chain ends at, in DER; b"" if it ends at none
    empty: bool = False  # whether there was no certificate to check

    @property
    def sentence(self) -> str:
        """The verdict in words, each failure behind its code."""
        if self.empty:
            return "There was no certificate to check."
        if not self.failures:
            return "Checking would have found nothing to refuse."
        said = " ".join(f"{each.code}: {each.message}" for each in self.failures)
        return f"Checking would have said {said}"


def judge(sent: Sequence[bytes], name: str, *, cacert: str = "", lowest: str = "1.2") -> Verdict:
    """Check a chain as a handshake would have.

    In: the certificates as the server sent them, in DER, its own first; the name or address that
    was asked for; `cacert`, a PEM file with the only trust anchors, "" for the system's; `lowest`,
    the lowest version of TLS that was offered: below 1.2 OpenSSL leaves strengths to us.
    Out: the verdict; tls.error if `cacert` cannot be used.
    """
    if not sent:  # a session was taken up again
        return Verdict((), b"", empty=True)
    bottom = min(lowest, "1.2", key=VERSIONS.index)
    try:
        context = client_context((bottom, "1.2"), Offer(alpn=()), verify=True, cacert=cacert)
    except OSError:
        unusable = FetchError("tls.error", f"{cacert} holds no usable certificate.")
        return Verdict((unusable,), b"")
    failures: dict[str, FetchError] = {}
    while True:
        failure, anchor = _show(context, sent, name)
        if failure is None or failure.code in failures:
            break
        failures[failure.code] = failure
        if failure.code == _NAME:
            context.check_hostname = False
        elif failure.code in _DATES:
            context.verify_flags |= _NO_CHECK_TIME
        else:
            break
    return Verdict(tuple(failures.values()), anchor)


def unfit(sent: Sequence[bytes], built: Sequence[bytes]) -> FetchError | None:
    """What is wrong with a chain that OpenSSL found sound: too long, or too weak. None if nothing.

    In: the chain as it was sent and as OpenSSL built it, in DER.
    """
    if len(sent) > CERTIFICATES:
        return too_many_certificates(len(sent), CERTIFICATES)
    found = weakness(built)
    return FetchError("tls.weak_certificate", found) if found else None


def chain_of(tls: ssl.SSLObject, kind: str) -> list[bytes]:
    """A chain of a connection in DER, "unverified" as it was sent or "verified" as it was built.

    Empty before the Certificate message was read; the one that was built is also there, as far
    as it goes, if it was refused.
    """
    method = f"get_{kind}_chain"
    public = getattr(tls, method, None)
    if public is not None:  # Python 3.13 and later
        return list(public() or [])
    chain: list[Any] = getattr(tls._sslobj, method)() or []  # type: ignore[attr-defined]
    return [each.public_bytes(_DER) for each in chain]


def _show(
    context: ssl.SSLContext, sent: Sequence[bytes], name: str
) -> tuple[FetchError | None, bytes]:
    """The first thing that is wrong, and the anchor."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        _handshake(client)
        incoming.write(_flight(sent))
        _handshake(client)
    except ssl.SSLCertVerificationError as error:
        code, built = error.verify_code, chain_of(client, "verified")
        failure = explain_refused_certificate(code, error.verify_message, sent, built, name)
        return failure, built[-1] if built and reached_an_anchor(code) else b""
    except ssl.SSLError:
        pass  # the key is of another kind than the suite: that is asked behind the verdict
    built = chain_of(client, "verified")
    if not built:
        return FetchError("tls.bad_certificate", "OpenSSL cannot read the certificate."), b""
    return unfit(sent, built), built[-1]


def _handshake(client: ssl.SSLObject) -> None:
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return


def _flight(sent: Sequence[bytes]) -> bytes:
    """ServerHello and Certificate, in records (RFC 5246 §7.4.1.3, §7.4.2)."""
    extensions = _vector(_RENEGOTIATION_INFO, 2)
    hello = _TLS12 + bytes(32) + b"\0" + _SUITE + b"\0" + extensions
    certificates = b"".join(_vector(each, 3) for each in sent)
    messages = bytes([_SERVER_HELLO]) + _vector(hello, 3)
    messages += bytes([_CERTIFICATE]) + _vector(_vector(certificates, 3), 3)
    fragments = (messages[at : at + _RECORD] for at in range(0, len(messages), _RECORD))
    return b"".join(bytes([_HANDSHAKE]) + _TLS12 + _vector(each, 2) for each in fragments)


def _vector(content: bytes, length_octets: int) -> bytes:
    return len(content).to_bytes(length_octets, "big") + content
