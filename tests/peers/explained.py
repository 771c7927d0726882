"""What has to hold of a recorded conversation with a peer: every octet named, nothing unopened."""

from __future__ import annotations

from collections.abc import Iterator

from netcore import Trace
from netcore.dissect.quic_packet import RETRY, VERSION_NEGOTIATION
from netcore.field import NOT_EXPLAINED
from netcore.pdu import Pdu
from netcore.pdus import Explanation, explain
from tests.netcore.test_pdus import assert_grounded, assert_partition


def assert_explained(trace: Trace) -> None:
    """Hold every octet to a leaf with a name, and every sealed unit to have been opened."""
    explanation = explain(trace.events)
    assert_partition(explanation)
    assert_grounded(explanation)
    wrong = [(pdu.protocol, pdu.error) for pdu in explanation.pdus if pdu.error]
    assert wrong == [], wrong
    assert [pdu.protocol for pdu in unopened(explanation)] == []
    for pdu in explanation.pdus:
        fields = list(pdu.fields().walk())
        faults = [(pdu.protocol, each.name, each.error) for each in fields if each.error]
        assert faults == [], faults
        assert NOT_EXPLAINED not in {each.name for each in fields}, pdu.protocol


def unopened(explanation: Explanation) -> Iterator[Pdu]:
    """Records of TLS and packets of QUIC that stayed closed."""
    for pdu in explanation.pdus:
        if pdu.protocol == "tls_ciphertext" and not pdu.is_opened:
            yield pdu
    for connection in explanation.quic.values():
        for packet in connection.packets:
            if packet.opened is None and packet.kind not in (RETRY, VERSION_NEGOTIATION):
                yield packet.pdu
