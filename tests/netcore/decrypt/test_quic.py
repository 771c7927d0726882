"""Packet protection of QUIC, against the vectors of RFC 9001 appendix A and RFC 9369 appendix A."""

from __future__ import annotations

import pytest
from aioquic.quic.packet import decode_packet_number
from hypothesis import given
from hypothesis import strategies as st

from netcore.decrypt.quic import (
    Unprotected,
    initial_keys,
    is_known,
    is_retry_genuine,
    open_unmasked,
    traffic_keys,
    unmask,
    whole_number,
)
from netcore.registries.quic import V1, V2
from tools.vectors import VECTORS, read_octets

DCID = bytes.fromhex("8394c8f03e515708")
CHACHA = "TLS_CHACHA20_POLY1305_SHA256"
SECRET = bytes.fromhex("9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b")


def vector(name: str) -> bytes:
    return read_octets(VECTORS / "quic_packet" / f"{name}.hex")


def opened(name: str, number_at: int, version: int, *, server: bool) -> Unprotected:
    packet, keys = vector(name), initial_keys(DCID, version)[server]
    found = unmask(keys, packet, number_at)
    assert found is not None
    plain = open_unmasked(found, packet, -1, [(0, keys)])
    assert plain is not None
    return plain


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (V1, ("1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c")),
        (V2, ("8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f")),
    ],
)
def test_the_clients_initial_keys_are_those_of_the_appendices(
    version: int, expected: tuple[str, str]
) -> None:
    client, _ = initial_keys(DCID, version)
    assert (client.key.hex(), client.iv.hex()) == expected


@pytest.mark.parametrize(
    ("name", "version", "header", "mask"),
    [
        ("rfc9001_a_2", V1, "c300000001088394c8f03e5157080000449e00000002", "437b9aec36"),
        ("rfc9369_a_2", V2, "d36b3343cf088394c8f03e5157080000449e00000002", "94a0c95e80"),
    ],
)
def test_a_clients_initial_is_opened(name: str, version: int, header: str, mask: str) -> None:
    plain = opened(name, 18, version, server=False)
    assert plain.unmasked.header.hex() == header
    assert plain.unmasked.mask.hex() == mask
    assert plain.unmasked.sample_at == 22
    assert plain.packet_number == 2
    assert len(plain.payload) == 1_162
    assert plain.payload.startswith(bytes.fromhex("060040f1010000ed0303ebf8fa56f129"))


@pytest.mark.parametrize(
    ("name", "version", "header"),
    [
        ("rfc9001_a_3", V1, "c1000000010008f067a5502a4262b50040750001"),
        ("rfc9369_a_3", V2, "d16b3343cf0008f067a5502a4262b50040750001"),
    ],
)
def test_a_servers_initial_is_opened(name: str, version: int, header: str) -> None:
    plain = opened(name, 18, version, server=True)
    assert plain.unmasked.header.hex() == header
    assert (plain.packet_number, plain.unmasked.octets) == (1, 2)
    assert plain.octets.hex().startswith(header + "02000000000600405a020000560303ee")


@pytest.mark.parametrize(
    ("version", "key", "ku", "packet"),
    [
        (
            V1,
            "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8",
            "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9",
            "4cfe4189655e5cd55c41f69080575d7999c25a5bfb",
        ),
        (
            V2,
            "3bfcddd72bcf02541d7fa0dd1f5f9eeea817e09a6963a0e6c7df0f9a1bab90f2",
            "c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88",
            "5558b1c60ae7b6b932bc27d786f4bc2bb20f2162ba",
        ),
    ],
)
def test_a_short_header_under_chacha20_is_opened(
    version: int, key: str, ku: str, packet: str
) -> None:
    (keys,) = traffic_keys(SECRET, CHACHA, version, "SERVER_TRAFFIC_SECRET_0")
    assert keys.key.hex() == key
    assert keys.updated().secret.hex() == ku
    octets = bytes.fromhex(packet)
    found = unmask(keys, octets, 1)
    assert found is not None
    assert found.header.hex() == "4200bff4"
    plain = open_unmasked(found, octets, 654_360_563, [(0, keys)])
    assert plain is not None
    assert (plain.packet_number, plain.payload) == (654_360_564, b"\x01")
    assert open_unmasked(found, octets, 654_360_563, [(1, keys.updated())]) is None


@pytest.mark.parametrize(
    ("version", "packet"),
    [
        (V1, "ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba"),
        (V2, "cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6"),
    ],
)
def test_the_tag_of_a_retry_verifies_with_the_first_connection_id(
    version: int, packet: str
) -> None:
    octets = bytes.fromhex(packet)
    assert is_retry_genuine(octets, DCID, version)
    assert not is_retry_genuine(octets, DCID[::-1], version)
    assert not is_retry_genuine(octets[:-1] + b"\0", DCID, version)
    assert not is_retry_genuine(octets, DCID, 0x0A0A0A0A)
    assert not is_retry_genuine(b"\xff", DCID, version)


def test_a_changed_octet_keeps_a_packet_closed() -> None:
    keys, _ = initial_keys(DCID, V1)
    packet = bytearray(vector("rfc9001_a_2"))
    packet[-1] ^= 1
    found = unmask(keys, bytes(packet), 18)
    assert found is not None
    assert open_unmasked(found, bytes(packet), -1, [(0, keys)]) is None


def test_a_packet_without_room_for_a_sample_has_no_mask() -> None:
    keys, _ = initial_keys(DCID, V1)
    assert unmask(keys, vector("rfc9001_a_2")[:37], 18) is None


def test_without_a_suite_all_that_fit_the_secret_are_tried() -> None:
    assert len(traffic_keys(SECRET, "", V1, "x")) == 2
    assert len(traffic_keys(bytes(48), "", V1, "x")) == 1
    assert traffic_keys(bytes(20), "", V1, "x") == []
    assert traffic_keys(SECRET, "TLS_RSA_WITH_AES_128_CBC_SHA", V1, "x") == []


def test_only_published_versions_are_known() -> None:
    assert [is_known(version) for version in (V1, V2, 0, 2)] == [True, True, False, False]


@given(st.integers(1, 4), st.integers(0, 1 << 62), st.integers(0, (1 << 62) - 2))
def test_packet_numbers_are_those_that_aioquic_reconstructs(
    octets: int, number: int, largest: int
) -> None:
    truncated = number & ((1 << octets * 8) - 1)
    theirs = decode_packet_number(truncated, octets * 8, largest + 1)
    assert whole_number(truncated, octets, largest) == theirs


def test_the_example_of_appendix_a_3_of_rfc_9000() -> None:
    assert whole_number(0x9B32, 2, 0xA82F30EA) == 0xA82F9B32
