"""The frames of a server: each fault has its code, and the cuts make no difference."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http2_frames import Frame, FrameReader, name_of
from tests.netcore.protocols.http2_octets import (
    DATA,
    END_STREAM,
    HEADERS,
    PADDED,
    PING,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    block,
    code_of,
    frame,
    goaway,
    head,
    hello,
    receive,
    setting,
)

OK = head([(":status", "200")], 1)
FIVE = head([(":status", "200"), ("content-length", "5")], 1)
END = frame(DATA, END_STREAM, 1, b"hello")

FAULTS = [
    (b"", "tcp.closed_early"),
    (hello(), "tcp.closed_early"),
    (hello() + OK[:9], "tcp.closed_early"),
    (hello() + FIVE + frame(DATA, 0, 1, b"hel"), "http.incomplete_body"),
    (hello() + OK + frame(DATA, 0, 1, b"hel"), "http.incomplete_body"),
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "h2.bad_preface"),
    (b"HTTP/1.1 400", "h2.bad_preface"),
    (b"HTTP/" + b"x" * 100, "h2.bad_preface"),
    (b"220 mail.test ESMTP\r\n", "h2.bad_preface"),
    (OK + END, "h2.bad_preface"),
    (frame(SETTINGS, 0, 1), "h2.bad_preface"),
    (frame(SETTINGS, 1, 0) + hello() + goaway(0), "h2.goaway"),
    (hello() + frame(PUSH := 5, 4, 1, b"\0\0\0\x02" + block([(":method", "GET")])), "h2.protocol"),
    (hello() + head([(":status", "200")], 2), "h2.protocol"),
    (hello() + head([(":status", "200")], 3), "h2.protocol"),
    (hello() + frame(DATA, 0, 1, b"hello"), "h2.protocol"),
    (hello() + OK + OK, "h2.protocol"),
    (hello() + OK + frame(DATA, PADDED, 1, b"\x05abc"), "h2.protocol"),
    (hello() + head([(":status", "103")], 1, END_STREAM), "h2.protocol"),
    (hello() + setting(4, 1 << 31), "h2.flow_control"),
    (hello() + setting(2, 2), "h2.protocol"),
    (hello() + frame(WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"), "h2.flow_control"),
    (hello() + frame(WINDOW_UPDATE, 0, 1, b"\x7f\xff\xff\xff"), "h2.flow_control"),
    (hello() + FIVE + frame(DATA, END_STREAM, 1, b"hell"), "h2.length_mismatch"),
    (hello() + FIVE + frame(DATA, 0, 1, b"hello!"), "h2.length_mismatch"),
    (hello() + FIVE + head([("x", "y")], 1, END_STREAM), "h2.length_mismatch"),
    (
        hello() + head([(":status", "200"), ("content-length", "5")], 1, END_STREAM),
        "h2.length_mismatch",
    ),
    (hello() + head([(":status", "204")], 1) + END, "h2.length_mismatch"),
    (hello() + frame(RST_STREAM, 0, 1, b"\0\0\0\x02"), "h2.rst_stream"),
    (hello() + OK + frame(RST_STREAM, 0, 1, b"\0\0\0\0"), "h2.rst_stream"),
    (hello() + goaway(0), "h2.goaway"),
    (hello() + OK + goaway(1, 11, b"calm"), "h2.goaway"),
    (hello() + frame(HEADERS, 4, 1, b"\xff\xff\xff\xff\xff"), "h2.compression"),
    (hello() + frame(HEADERS, 4, 1, b"\x3f\xe2\x1f"), "h2.compression"),
    (hello() + head([("a", "b")] * 300 + [(":status", "200")], 1), "h2.header_list_too_large"),
    (hello() + head([(":status", "200"), ("a", "b" * 70_000)], 1), "h2.header_list_too_large"),
    (hello() + head([(":status", "103")], 1) * 4, "limit.interim"),
]


@pytest.mark.parametrize(("octets", "expected"), FAULTS)
def test_each_fault_has_its_code(octets: bytes, expected: str) -> None:
    assert code_of(octets) == expected


def test_a_length_of_head_with_content_is_a_mismatch() -> None:
    assert code_of(hello() + FIVE + END, method="HEAD") == "h2.length_mismatch"


@pytest.mark.slow
@given(st.sampled_from(FAULTS), st.lists(st.integers(0, 400), max_size=6))
@settings(max_examples=120, deadline=None)
def test_cuts_make_no_difference_to_a_fault(fault: tuple[bytes, str], cuts: list[int]) -> None:
    octets, _ = fault
    assert receive(octets, [cut for cut in cuts if cut < len(octets)]) == receive(octets)


def read(octets: bytes, limits: Limits) -> list[Frame]:
    reader = FrameReader(limits)
    reader.add(octets)
    return list(iter(reader.next, None))


def test_a_frame_is_cut_out_whole_and_written_again_alike() -> None:
    octets = hello() + frame(DATA, PADDED, 1, b"\x02ab\0\0")
    frames = read(octets + b"\0\0", Limits())
    assert b"".join(each.octets for each in frames) == octets
    assert [(each.type, each.stream, each.padding) for each in frames] == [(4, 0, 0), (0, 1, 3)]


def test_more_control_frames_are_let_through_the_more_content_came() -> None:
    pings, content = frame(PING, 0, 0, bytes(8)) * 12, frame(DATA, 0, 1, bytes(4_096)) * 3
    limits = Limits(control_frames=10)
    assert len(read(hello() + content + pings, limits)) == 16
    with pytest.raises(FetchError, match="more than 10 frames") as caught:
        read(hello() + pings + content, limits)
    assert caught.value.code == "h2.flood"


@pytest.mark.parametrize(("count", "whole"), [(3, True), (4, False)])
def test_a_field_block_has_a_number_of_frames(count: int, whole: bool) -> None:
    octets = frame(HEADERS, 0, 1, b"") + frame(9, 0, 1, b"") * (count - 1)
    if whole:
        assert len(read(hello() + octets, Limits(field_block_frames=3))) == count + 1
        return
    with pytest.raises(FetchError, match="more than 3 frames") as caught:
        read(hello() + octets, Limits(field_block_frames=3))
    assert caught.value.code == "h2.continuation_flood"


def test_types_have_the_names_of_the_rfc() -> None:
    assert [name_of(kind) for kind in (0, 9, 10, 255)] == ["DATA", "CONTINUATION", "0x0a", "0xff"]
