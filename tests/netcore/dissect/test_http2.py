"""Frames as hyperframe writes them, and what is wrong with frames that break a rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from hyperframe.frame import (
    AltSvcFrame,
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    PushPromiseFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.http2 import FRAMES, PREFACE, PROTOCOLS, frame_header, read_frame
from netcore.field import Field, find, find_all
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets

STREAMS = st.integers(1, (1 << 31) - 1)
NUMBERS = st.integers(0, (1 << 32) - 1)
OCTETS = st.binary(max_size=200)
PADS = st.integers(0, 255)


def tree_of(octets: bytes) -> Field:
    return dissect(read_frame, octets, "http2_frame")


def value(tree: Field, name: str) -> object:
    field = find(tree, name)
    return field.value if field else None


def content(tree: Field, octets: bytes, name: str) -> bytes:
    field = find(tree, name)
    return octets[field.start // 8 : field.end // 8] if field else b""


def errors(octets: bytes) -> list[str]:
    return [field.error for field in tree_of(octets).walk() if field.error]


def checked(frame: Frame) -> tuple[Field, bytes]:
    """The tree of a frame whose header it has checked."""
    octets = frame.serialize()
    tree = tree_of(octets)
    assert value(tree, "length") == len(octets) - 9
    assert value(tree, "type") == frame.type
    assert value(tree, "stream_identifier") == frame.stream_id
    named = {f.name.removesuffix("_flag").upper() for f in tree.walk() if f.value is True}
    assert named - {"EXCLUSIVE"} == set(frame.flags)
    assert frame_header(octets).stream == frame.stream_id
    assert errors(octets) == []
    return tree, octets


@given(STREAMS, OCTETS, PADS, st.booleans())
def test_data_is_read_as_hyperframe_wrote_it(
    stream: int, data: bytes, pad: int, is_last: bool
) -> None:
    flags = ["PADDED"] * bool(pad) + ["END_STREAM"] * is_last
    tree, octets = checked(DataFrame(stream, data, pad_length=pad, flags=flags))
    assert content(tree, octets, "data") == data
    assert content(tree, octets, "padding") == bytes(pad)


@given(STREAMS, OCTETS, PADS, st.integers(0, 255), st.booleans())
def test_headers_are_read_as_hyperframe_wrote_them(
    stream: int, block: bytes, pad: int, weight: int, is_exclusive: bool
) -> None:
    other = stream % 1_000 + 1 + (stream == stream % 1_000 + 1)
    priority = {"depends_on": other, "stream_weight": weight, "exclusive": is_exclusive}
    flags = ["PADDED", "PRIORITY", "END_HEADERS"]
    frame = HeadersFrame(stream, block, pad_length=pad, flags=flags, **priority)
    tree, octets = checked(frame)
    assert content(tree, octets, "field_block_fragment") == block
    assert value(tree, "stream_dependency") == other
    assert (value(tree, "weight"), value(tree, "exclusive")) == (weight, is_exclusive)


@given(STREAMS, NUMBERS, OCTETS)
def test_small_frames_are_read_as_hyperframe_wrote_them(
    stream: int, number: int, octets: bytes
) -> None:
    tree, _ = checked(RstStreamFrame(stream, number))
    assert value(tree, "error_code") == number
    tree, _ = checked(PriorityFrame(stream, stream % 7 + (stream < 8) * 9, 3))
    assert value(tree, "weight") == 3
    tree, _ = checked(GoAwayFrame(0, stream, number, octets))
    assert (value(tree, "last_stream_id"), value(tree, "error_code")) == (stream, number)
    assert (value(tree, "additional_debug_data") or "") == octets.decode("latin-1")
    tree, _ = checked(WindowUpdateFrame(stream, stream))
    assert value(tree, "window_size_increment") == stream
    tree, wire = checked(PingFrame(0, octets[:8].ljust(8), flags=["ACK"]))
    assert content(tree, wire, "opaque_data") == octets[:8].ljust(8)
    tree, wire = checked(ContinuationFrame(stream, octets, flags=["END_HEADERS"]))
    assert content(tree, wire, "field_block_fragment") == octets
    promised = (stream & ~1) or 2
    tree, wire = checked(PushPromiseFrame(stream, promised, octets))
    assert value(tree, "promised_stream_id") == promised
    tree, wire = checked(AltSvcFrame(0, b"https://a.test", octets))
    assert content(tree, wire, "alt_svc_field_value") == octets


@given(st.dictionaries(st.integers(0x20, 0xFF), NUMBERS))  # hyperframe writes 8 bits of them
def test_settings_are_read_as_hyperframe_wrote_them(settings: dict[int, int]) -> None:
    tree, _ = checked(SettingsFrame(0, settings))
    identifiers = [field.value for field in find_all(tree, "identifier")]
    values = [field.value for field in find_all(tree, "value")]
    assert dict(zip(identifiers, values, strict=True)) == settings


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        ("000007 06 00 00000000 00000000000000", "h2.frame_size"),
        ("000001 04 01 00000000 00", "h2.frame_size"),
        ("000009 00 00 00000001 00", "h2.frame_size"),
        ("000001 00 00 00000000 00", "h2.stream_identifier"),
        ("000008 06 00 00000001 0000000000000000", "h2.stream_identifier"),
        ("000002 00 08 00000001 0200", "h2.padding"),
        ("000004 08 00 00000000 00000000", "h2.window_increment"),
        ("000006 04 00 00000000 000200000002", "h2.setting"),
        ("000005 02 00 00000003 0000000301", "h2.dependency"),
    ],
)
def test_a_broken_rule_has_its_code(octets: str, code: str) -> None:
    assert errors(bytes.fromhex(octets))[0].startswith(f"{code}: ")


def test_a_frame_that_is_larger_than_its_length_has_octets_without_a_name() -> None:
    assert errors(read_octets(VECTORS / "http2_ping" / "ping.hex") + b"x")


def test_every_registered_type_has_its_name() -> None:
    assert set(PROTOCOLS.values()) | {"http2_frame"} == set(FRAMES)
    for path in sorted(Path(VECTORS).glob("http2_*/[!b]*.hex")):
        octets, family = read_octets(path), path.parent.name
        if family in FRAMES:
            assert PROTOCOLS.get(frame_header(octets).type, "http2_frame") == family
    assert len(PREFACE) == 24
