"""The proof that the server has the private key: one signature over this very handshake.

A certificate is public, anybody can send it on. What proves possession of its key is a signature
over something new: in TLS 1.3 over all messages so far, as a hash (RFC 8446 §4.4.3); before that
over both randoms and the server's half of the key exchange (RFC 5246 §7.4.3).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from netcore.decrypt.openers import TLS12, TLS13
from netcore.decrypt.suites import suite_of
from netcore.field import Field, find
from netcore.handshake.certificates import Certificate
from netcore.handshake.conversations import CLIENT_HELLO, SERVER_HELLO, Conversation, Said
from netcore.handshake.signatures import Outcome, verify_handshake
from netcore.registries.tls import SIGNATURE_SCHEMES

SERVER_KEY_EXCHANGE, CERTIFICATE_VERIFY = 12, 15
CONTEXT = "TLS 1.3, server CertificateVerify"
"""RFC 8446 §4.4.3: it stands behind 64 spaces and before an octet 0 and the hash."""

_MESSAGE_HASH = 254
_HEADER = 4  # octets of msg_type and length


class Proof(NamedTuple):
    """A signature with the server's key over this handshake."""

    said: Said  # the message that has it
    algorithm: str  # "ecdsa_secp256r1_sha256"; "" before TLS 1.2, where the key tells it
    signature: Field
    signed: bytes  # the octets that are signed, whole
    covered: tuple[Said, ...]  # the messages that are in them, or parts of whom
    digest: str  # of the transcript, "sha384"; "" where the octets themselves are signed
    outcome: Outcome


def proof_of_possession(conversation: Conversation, certificate: Certificate) -> Proof | None:
    """The server's proof, verified with the key of its certificate; None where none was read.

    There is none in a handshake that stopped before it, in a resumed one, and with RSA key
    exchange, where only the right key finds the secret (RFC 5246 §7.4.7.1). Never raises.
    """
    if conversation.hellos.version == TLS13:
        message = next(conversation.messages(CERTIFICATE_VERIFY, "received"), None)
        return _proof13(conversation, message, certificate) if message else None
    message = next(conversation.messages(SERVER_KEY_EXCHANGE, "received"), None)
    return _proof12(conversation, message, certificate) if message else None


def transcript_hash(messages: Sequence[bytes], digest: str) -> bytes:
    """RFC 8446 §4.4.1: of the messages with their headers; a HelloRetryRequest is in second place.

    In: `digest`, a name that hashlib knows.
    """
    parts = list(messages)
    is_second_hello = len(parts) > 2 and parts[2][:1] == bytes([CLIENT_HELLO])
    if is_second_hello:
        first = hashlib.new(digest, parts[0]).digest()
        parts[0] = bytes([_MESSAGE_HASH, 0, 0, len(first)]) + first
    return hashlib.new(digest, b"".join(parts)).digest()


def _proof13(conversation: Conversation, message: Said, certificate: Certificate) -> Proof | None:
    suite = suite_of(conversation.hellos.cipher_suite)
    if suite is None:
        return None
    before = conversation.said[: conversation.said.index(message)]
    covered = tuple(each for each in before if each.msg_type >= 0)
    hashed = transcript_hash([each.pdu.octets for each in covered], suite.digest)
    signed = b" " * 64 + CONTEXT.encode() + b"\0" + hashed
    algorithm = find(message.pdu.fields(), "algorithm")
    return _proof(message, algorithm, signed, covered, suite.digest, certificate)


def _proof12(conversation: Conversation, message: Said, certificate: Certificate) -> Proof | None:
    tree, hellos = message.pdu.fields(), conversation.hellos
    params = find(tree, "server_ecdh_params") or find(tree, "server_dh_params")
    if params is None:
        return None
    own = message.pdu.octets[params.start // 8 : params.end // 8]
    signed = hellos.client_random + hellos.server_random + own
    covered = [each for each in conversation.said if each.msg_type in (CLIENT_HELLO, SERVER_HELLO)]
    algorithm = find(tree, "algorithm") if hellos.version == TLS12 else None
    return _proof(message, algorithm, signed, (*covered, message), "", certificate)


def _proof(
    message: Said,
    algorithm: Field | None,
    signed: bytes,
    covered: tuple[Said, ...],
    digest: str,
    certificate: Certificate,
) -> Proof | None:
    signature = find(message.pdu.fields(), "signature")
    if signature is None:
        return None
    scheme = algorithm.value if algorithm and isinstance(algorithm.value, int) else 0
    made = message.pdu.octets[signature.start // 8 : signature.end // 8]
    outcome: Outcome = "unknown"
    if certificate.parsed is not None:
        outcome = verify_handshake(certificate.parsed, scheme, made, signed)
    name = SIGNATURE_SCHEMES.get(scheme, f"0x{scheme:04x}") if scheme else ""
    return Proof(message, name, signature, signed, covered, digest, outcome)
