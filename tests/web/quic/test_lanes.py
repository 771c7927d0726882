"""Packets are drawn in order, those of one datagram in one column with a frame around."""

from __future__ import annotations

from tests.web.quic.telling import view
from web.quic.lanes import packet_rows, packets_view


def test_the_lanes_are_the_kinds_that_crossed() -> None:
    assert [lane.name for lane in view("simple").packets.lanes] == ["Initial", "Handshake", "1-RTT"]
    assert [lane.name for lane in view("retry").packets.lanes][-1] == "no number"
    assert "0-RTT" in [lane.name for lane in view("resumed").packets.lanes]


def test_a_datagram_of_several_packets_has_a_frame_that_holds_them() -> None:
    drawing = view("simple").packets
    assert drawing.datagrams
    for frame in drawing.datagrams:
        held = [
            each
            for each in drawing.packets
            if frame.x <= each.x
            and each.x + each.width <= frame.x + frame.width
            and frame.y <= each.y
            and each.y + 38 <= frame.y + frame.height
        ]
        assert len(held) > 1


def test_boxes_do_not_lie_on_each_other_and_within_the_drawing() -> None:
    drawing = view("our_loss").packets
    for at, one in enumerate(drawing.packets):
        assert one.x >= 0
        assert one.x + one.width <= drawing.width
        assert 0 <= one.y <= drawing.height - 38
        for other in drawing.packets[at + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or abs(one.y - other.y) >= 38


def test_what_is_drawn_is_said() -> None:
    lost = [each for each in view("our_loss").packets.packets if "lost" in each.css.split()]
    assert lost
    assert all("told lost" in each.label for each in lost)
    row = next(row for row in view("simple").rows if row.beside)
    assert row.kind == "Initial"
    assert "Handshake" in row.beside


def test_nothing_makes_an_empty_drawing() -> None:
    assert packets_view([]).packets == ()
    assert packet_rows([]) == ()
