"""Streams whose octets came in any order and more than once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.channels import Span
from netcore.framing.quic_streams import Assembly, Piece

OCTETS = bytes(range(200))


def piece(start: int, end: int, at: int = 0) -> Piece:
    octets = memoryview(OCTETS)[start:end]
    return Piece(start, Span("quic:1.sent", at + start, at + end), octets)


def test_octets_in_any_order_are_put_in_theirs() -> None:
    stream = Assembly()
    for start, end in ((100, 200), (0, 50), (40, 100)):
        stream.take(piece(start, end), is_last=end == 200)
    channel = stream.channel("quic:1/0.sent")
    assert channel.octets == OCTETS
    assert not stream.missing
    assert stream.final_size == 200


def test_octets_that_came_twice_stand_where_they_came_first() -> None:
    stream = Assembly()
    stream.take(piece(0, 50))
    stream.take(piece(0, 50, at=1_000))
    stream.take(piece(25, 75, at=2_000))
    spans = [span for span, _ in stream.in_order()]
    assert spans == [Span("quic:1.sent", 0, 50), Span("quic:1.sent", 2_050, 2_075)]


def test_a_hole_ends_what_can_be_read() -> None:
    stream = Assembly()
    stream.take(piece(0, 10))
    stream.take(piece(20, 30))
    assert stream.channel("quic:1/0.sent").octets == OCTETS[:10]
    assert stream.missing
    assert stream.beginning(5) == OCTETS[:5]


def test_an_end_without_octets_is_an_end() -> None:
    stream = Assembly()
    stream.take(piece(0, 0), is_last=True)
    assert (stream.final_size, stream.missing) == (0, False)


@given(st.lists(st.tuples(st.integers(0, 199), st.integers(0, 60)), max_size=30))
def test_what_is_read_is_a_beginning_of_the_stream(cuts: list[tuple[int, int]]) -> None:
    stream = Assembly()
    for start, length in cuts:
        stream.take(piece(start, min(start + length, 200)))
    octets = stream.channel("quic:1/0.sent").octets
    assert OCTETS.startswith(octets)
    covered = {at for start, length in cuts for at in range(start, min(start + length, 200))}
    assert len(octets) == next(at for at in range(201) if at not in covered)
