"""Every way to speak TLS with a peer: each octet explained, each record opened and verified.

Run with `-s` to read which leaves longer than 64 octets there were.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from netcore.field import NOT_EXPLAINED
from netcore.handshake.conversations import conversations
from netcore.pdu import octets_of
from netcore.pdus import Explanation
from netcore.titles import title_of
from tests.netcore.test_pdus import assert_grounded, assert_partition
from tests.peers.connections import CASES, REFUSALS, REFUSED, RESUMED, Case, Connections
from tests.peers.tls_servers import registered_name

pytestmark = [pytest.mark.peer, pytest.mark.wire]

LONG: Final = 64  # octets
IN_DER: Final = {"integer", "bit_string", "octet_string"}  # what they are, their element says
CIPHERTEXT: Final = {"encrypted_record", "encrypted_pre_master_secret", "ticket", "identity"}
KEYS: Final = {"dh_p", "dh_ys", "dh_yc", "x", "y", "modulus.integer"}  # x and y: of a point
SIGNATURES: Final = {"signature", "signature_value.bit_string"}
BODIES: Final = {"message_body", "content"}  # content: of a record; its own units explain it
# A refusal leaves before there are keys for more, and Go's server has more to say by then.
NO_SECRET: Final = "not decrypted: no SERVER_TRAFFIC_SECRET_0 was recorded for this connection"
ZEROS: Final = {"padding"}  # of the ClientHello (RFC 7685)
OPAQUE: Final = CIPHERTEXT | KEYS | SIGNATURES | BODIES | ZEROS
VERSIONS: Final = {"1.0": 0x0301, "1.1": 0x0302, "1.2": 0x0303, "1.3": 0x0304}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_record_is_opened_and_its_tag_verified(case: Case, connections: Connections) -> None:
    explanation = connections.of(case).explanation
    sealed = [pdu.origin for pdu in explanation.pdus if pdu.protocol == "tls_ciphertext"]
    verified = [pdu for pdu in explanation.pdus if pdu.protection]
    assert [pdu.error for pdu in explanation.pdus if pdu.error] == []
    assert [pdu.origin for pdu in verified] == sealed
    assert len(sealed) > 2
    assert {pdu.step for pdu in verified} == {"decrypted"}


@pytest.mark.parametrize("case", [*CASES, *REFUSALS], ids=str)
def test_every_octet_is_explained_and_long_leaves_are_opaque_by_their_nature(
    case: Case, connections: Connections
) -> None:
    explanation = connections.of(case).explanation
    long = _long_leaves(explanation, {NO_SECRET} if case.special == REFUSED else set())
    print(f"\n{case!s:60} {dict(long)}", end="")  # noqa: T201
    assert set(long) <= OPAQUE
    assert long["encrypted_record"] or case.special == REFUSED
    assert_partition(explanation)
    assert_grounded(explanation)


def _long_leaves(explanation: Explanation, allowed: set[str]) -> Counter[str]:
    """How many leaves longer than 64 octets there are, by name."""
    long: Counter[str] = Counter()
    for pdu in explanation.pdus:
        for around in explanation.tree(pdu).walk():
            for leaf in (each for each in around.children if not each.children):
                assert leaf.name != NOT_EXPLAINED, (pdu.key, leaf)
                assert leaf.error in {"", *allowed}, (pdu.key, leaf)
                if leaf.length > LONG * 8:
                    name = f"{around.name}.{leaf.name}" if leaf.name in IN_DER else leaf.name
                    long[name] += 1
                    assert name not in ZEROS or not any(octets_of(pdu, leaf))
    return long


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_connection_is_what_the_case_says(case: Case, connections: Connections) -> None:
    (conversation,) = conversations(connections.of(case).explanation)
    hellos, way = conversation.hellos, case.way
    said = [title_of(each.pdu) for each in conversation.said]
    assert hellos.version == VERSIONS[way.version]
    if way.suite:
        assert hellos.cipher_suite == registered_name(way.suite)
    is_block = "_CBC_" in hellos.cipher_suite
    does = way.encrypt_then_mac and case.server != "caddy"
    assert hellos.encrypt_then_mac == (is_block and does)
    retried = way.version == "1.3" and way.group != ""
    assert said.count("HelloRetryRequest") == retried
    assert said.count("ClientHello") == 1 + retried
    assert said.count("Finished") == 2
    assert said.count("CertificateRequest") == way.asks
    assert said.count("CertificateVerify") == _signatures(case)
    assert said.count("Certificate") == (0 if case.special == RESUMED else 1 + way.asks)


def _signatures(case: Case) -> int:
    """In how many messages of their own the ends sign: before TLS 1.3 the server does not."""
    if case.special == RESUMED:
        return 0
    return case.way.asks + (case.way.version == "1.3")
