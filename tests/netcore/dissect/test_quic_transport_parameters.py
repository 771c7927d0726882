"""Transport parameters, as aioquic writes them."""

from __future__ import annotations

from dataclasses import fields

from aioquic.buffer import Buffer
from aioquic.quic.packet import (
    QuicTransportParameters,
    pull_quic_transport_parameters,
    push_quic_transport_parameters,
)

from netcore.dissect.quic_transport_parameters import read_transport_parameters
from netcore.field import Field, find, find_all
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets


def read(octets: bytes) -> Field:
    return dissect(read_transport_parameters, octets, "quic_transport_parameters")


def test_numbers_are_those_that_aioquic_reads() -> None:
    octets = read_octets(VECTORS / "quic_transport_parameters" / "server.hex")
    theirs = pull_quic_transport_parameters(Buffer(data=octets))
    tree = read(octets)
    compared = 0
    for field in fields(QuicTransportParameters):
        value, ours = getattr(theirs, field.name), find(tree, field.name)
        if isinstance(value, int) and not isinstance(value, bool):
            assert ours is not None, field.name
            assert ours.value == value
            compared += 1
    assert compared >= 12


def test_what_aioquic_writes_has_no_error() -> None:
    buffer = Buffer(capacity=500)
    told = QuicTransportParameters(max_idle_timeout=5, disable_active_migration=True)
    push_quic_transport_parameters(buffer, told)
    tree = read(buffer.data)
    assert [field.error for field in tree.walk() if field.error] == []
    labels = [field.label for field in find_all(tree, "transport_parameter")]
    assert "disable_active_migration" in labels


def test_very_many_parameters_are_read_up_to_a_bound() -> None:
    tree = read(b"\x01\x01\x05" * 30_000)
    assert sum(1 for _ in tree.walk()) < 60_000
    assert any(field.error for field in tree.walk())
