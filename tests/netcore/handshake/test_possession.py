"""The server's signature over the handshake is verified anew, and fails if an octet differs."""

from __future__ import annotations

import hashlib

import pytest

from netcore.handshake.certificates import read_certificate
from netcore.handshake.conversations import Conversation, conversations
from netcore.handshake.possession import CONTEXT, proof_of_possession, transcript_hash
from netcore.pdus import explain
from tests.netcore.handshake.chains import fetched
from tests.netcore.protocols import refused

pytestmark = pytest.mark.wire

CHAIN = refused.sound()
LEAF = read_certificate(CHAIN.leaf.der)


def conversation_of(version: str) -> Conversation:
    trace = fetched(CHAIN, version=version, tls_min="1.0")
    (conversation,) = conversations(explain(trace.events))
    return conversation


def test_in_tls_1_3_the_whole_handshake_so_far_is_signed() -> None:
    conversation = conversation_of("1.3")
    proof = proof_of_possession(conversation, LEAF)
    assert proof is not None
    assert (proof.outcome, proof.algorithm) == ("holds", "ecdsa_secp256r1_sha256")
    assert [each.msg_type for each in proof.covered] == [1, 2, 8, 11]
    assert proof.signed.startswith(b" " * 64 + CONTEXT.encode() + b"\0")
    digest = hashlib.new(proof.digest, b"".join(each.pdu.octets for each in proof.covered))
    assert proof.signed.endswith(digest.digest())


@pytest.mark.parametrize(("version", "algorithm"), [("1.2", "ecdsa_secp256r1_sha256"), ("1.0", "")])
def test_before_that_the_randoms_and_the_key_share_are_signed(version: str, algorithm: str) -> None:
    conversation = conversation_of(version)
    proof = proof_of_possession(conversation, LEAF)
    assert proof is not None
    assert (proof.outcome, proof.digest) == ("holds", "")
    assert proof.algorithm.startswith(algorithm)
    hellos = conversation.hellos
    assert proof.signed.startswith(hellos.client_random + hellos.server_random + b"\x03")
    assert [each.msg_type for each in proof.covered] == [1, 2, 12]


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.3"])
def test_with_the_key_of_another_certificate_it_fails(version: str) -> None:
    """Whoever sends on a certificate that is not his cannot sign with its key."""
    copied = read_certificate(refused.under().leaf.der)
    proof = proof_of_possession(conversation_of(version), copied)
    assert proof is not None
    assert proof.outcome == "fails"


def test_over_another_handshake_it_fails() -> None:
    conversation = conversation_of("1.3")
    other = conversation_of("1.3").said[0]
    proof = proof_of_possession(conversation._replace(said=(other, *conversation.said[1:])), LEAF)
    assert proof is not None
    assert proof.outcome == "fails"


def test_without_the_message_or_the_certificate_nothing_is_claimed() -> None:
    conversation = conversation_of("1.3")
    assert proof_of_possession(conversation._replace(said=conversation.said[:3]), LEAF) is None
    proof = proof_of_possession(conversation, read_certificate(b"junk"))
    assert proof is not None
    assert proof.outcome == "unknown"


def test_after_a_retry_the_first_hello_stands_there_as_its_hash() -> None:
    """RFC 8446 §4.4.1."""
    first, retry, second = b"\x01\0\0\x01a", b"\x02\0\0\x01b", b"\x01\0\0\x01c"
    replaced = b"\xfe\0\0\x20" + hashlib.sha256(first).digest()
    expected = hashlib.sha256(replaced + retry + second).digest()
    assert transcript_hash([first, retry, second], "sha256") == expected
    assert transcript_hash([first, retry], "sha256") == hashlib.sha256(first + retry).digest()
