"""What is known of each packet."""

from __future__ import annotations

from tests.netcore.quic_conversation import simple


def test_a_packet_knows_its_number_its_space_and_where_its_mask_came_from() -> None:
    explanation = simple().explained()
    for packet in explanation.quic["1"].packets:
        assert packet.number is not None
        assert packet.space == {"Initial": 0, "Handshake": 1}.get(packet.name, 2)
        sample = packet.sample
        assert sample is not None
        assert sample.end - sample.start == 16
        assert packet.pdu.origin[0].start < sample.start < packet.pdu.origin[0].end


def test_numbers_rise_in_each_space_and_direction() -> None:
    packets = simple().explained().quic["1"].packets
    for direction in ("sent", "received"):
        for space in range(3):
            mine = [p.number for p in packets if (p.direction, p.space) == (direction, space)]
            assert mine == sorted(set(mine), key=lambda number: number or 0)


def test_without_an_update_both_directions_are_in_the_first_generation() -> None:
    assert simple().explained().quic["1"].key_updates == {"sent": 0, "received": 0}
