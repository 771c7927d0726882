"""Frames beside the library: what it writes is read alike, in each form of a length."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.frame_protocol import FrameProtocol, XorMaskerSimple

from netcore.dissect.websocket import frame_header, read_frame, unmasked
from netcore.field import Field, find
from netcore.reader import dissect


def value(tree: Field, name: str) -> object:
    found = find(tree, name)
    return None if found is None else found.value


def tree_of(octets: bytes) -> Field:
    return dissect(read_frame, octets, "websocket_frame")


@settings(deadline=None)
@given(st.binary(max_size=300), st.booleans(), st.booleans())
def test_a_frame_of_the_library_is_read_alike(payload: bytes, client: bool, fin: bool) -> None:
    octets = bytes(FrameProtocol(client=client, extensions=[]).send_data(payload, fin))
    header, tree = frame_header(octets), tree_of(octets)
    assert (header.fin, header.reserved, header.opcode, header.masked) == (fin, 0, 2, client)
    assert header.length == len(payload)
    assert len(octets) == header.octets + header.length
    assert [field.error for field in tree.walk() if field.error] == []
    assert (value(tree, "fin"), value(tree, "mask"), value(tree, "opcode")) == (fin, client, 2)
    data = octets[header.octets :]
    assert (unmasked(data, header.masking_key) if client else data) == payload


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_each_form_of_a_length(size: int) -> None:
    tree = tree_of(bytes(FrameProtocol(client=False, extensions=[]).send_data(bytes(size))))
    short, long = value(tree, "payload_length"), value(tree, "extended_payload_length")
    assert (long if long is not None else short) == size
    payload = find(tree, "payload_data")
    assert (payload.length // 8 if payload else 0) == size


@settings(deadline=None)
@given(st.binary(max_size=100), st.binary(min_size=4, max_size=4))
def test_a_mask_is_undone_as_the_library_does(payload: bytes, key: bytes) -> None:
    assert unmasked(payload, key) == bytes(XorMaskerSimple(key).process(bytearray(payload)))
    assert unmasked(unmasked(payload, key), key) == payload


@settings(deadline=None)
@given(st.binary(max_size=20))
def test_a_header_of_any_octets_is_read(octets: bytes) -> None:
    header = frame_header(octets)
    assert 2 <= header.octets <= 14
    assert header.length < 1 << 64
