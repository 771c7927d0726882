"""Headers of HTTP/3 frames, and settings, without naming anything."""

from __future__ import annotations

from aioquic.buffer import encode_uint_var
from aioquic.h3.connection import encode_frame, encode_settings
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.http3 import PROTOCOLS, frame_header, read_frame, settings
from netcore.field import find
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets


def test_the_header_of_a_vector_says_what_its_tree_says() -> None:
    for path in VECTORS.glob("http3_*/*.hex"):
        if path.stem.startswith("broken_"):
            continue
        octets = read_octets(path)
        tree = dissect(read_frame, octets, "http3_frame")
        payload, header = find(tree, "frame_payload"), frame_header(octets, 0)
        if path.parent.name in PROTOCOLS.values():
            assert header is not None
            assert PROTOCOLS[header.type] == path.parent.name
            assert payload is None or payload.start == header.payload_at * 8


@given(st.dictionaries(st.integers(0, 1 << 40), st.integers(0, 1 << 40), max_size=9))
def test_settings_that_aioquic_writes_are_read(values: dict[int, int]) -> None:
    assert settings(encode_settings(values)) == values


def test_settings_that_are_not_whole_are_read_as_far_as_they_go() -> None:
    assert settings(bytes.fromhex("0150")) == {}
    assert settings(bytes.fromhex("0105 07")) == {1: 5}


@given(st.integers(0, 1 << 50), st.binary(max_size=40))
def test_a_frame_that_aioquic_writes_has_its_type_and_length(kind: int, payload: bytes) -> None:
    octets = encode_frame(kind, payload)
    header = frame_header(octets, 0)
    assert header == (kind, len(payload), len(octets) - len(payload))
    assert frame_header(encode_uint_var(kind), 0) is None
