"""Segments are put in order, what is missing is counted, and the client is who opened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.exports import packets as made
from netcore.exports.packets import ACK, FIN, RST, SYN, Endpoint, Path
from netcore.imports.capture_file import Packet
from netcore.imports.flows import FLOWS, Flow, Moved, Turn, flows, shown
from netcore.trace import BadTrace

CLIENT = Endpoint(bytes([192, 0, 2, 1]), 50_000)
SERVER = Endpoint(bytes([192, 0, 2, 2]), 80)
OUT, IN = Path(CLIENT, SERVER, False), Path(SERVER, CLIENT, True)
FIRST = 0xFFFF_FFF0  # so that numbers begin anew on the way


def segment(time_ns: int, path: Path, sequence: int, flags: int, data: bytes = b"") -> Packet:
    frame = made.tcp(path, sequence, 0, flags, data)
    return Packet(time_ns, frame.octets[14:], 0)


def opened() -> list[Packet]:
    return [segment(0, OUT, FIRST - 1, SYN), segment(5, IN, 99, SYN | ACK)]


def received(flow: Flow) -> bytes:
    return b"".join(e.data for e in flow.happened if isinstance(e, Moved) and not e.sent)


@given(st.permutations(range(8)), st.lists(st.integers(0, 7), max_size=4))
def test_the_order_of_segments_and_repeated_ones_change_nothing(
    order: list[int], again: list[int]
) -> None:
    text = bytes(range(80))
    parts = [
        segment(10 + at, IN, 100 + 10 * part, ACK, text[10 * part : 10 * part + 10])
        for at, part in enumerate([*order, *again])
    ]
    (flow,) = flows([*opened(), *parts])
    assert (flow.client, flow.server) == (tuple(CLIENT), tuple(SERVER))
    assert received(flow) == text


def test_numbers_may_begin_anew_and_segments_may_overlap() -> None:
    parts = [
        segment(10, OUT, FIRST, ACK, b"a" * 12),
        segment(11, OUT, (FIRST + 6) % 2**32, ACK, b"a" * 6 + b"b" * 20),
        segment(12, OUT, FIRST, ACK | FIN, b"a" * 12),
    ]
    (flow,) = flows([*opened(), *parts])
    assert [e.data for e in flow.happened if isinstance(e, Moved)] == [b"a" * 12, b"b" * 20]
    assert flow.happened[-1] == Turn(12, "closed", True)


def test_behind_a_hole_octets_are_counted() -> None:
    parts = [segment(10, IN, 100, ACK, b"abc"), segment(11, IN, 110, ACK, b"xyz")]
    (flow,) = flows([*opened(), *parts])
    assert flow.happened[1:] == [Moved(10, False, b"abc"), Moved(11, False, b"", 10)]


@pytest.mark.parametrize(("flags", "what"), [(RST | ACK, "refused"), (ACK, "")])
def test_who_is_turned_away_is_seen(flags: int, what: str) -> None:
    (flow,) = flows([opened()[0], segment(9, IN, 0, flags)])
    assert [e.what for e in flow.happened if isinstance(e, Turn)] == ([what] if what else [])


def test_without_its_beginning_the_higher_port_is_the_client() -> None:
    (flow,) = flows([segment(1, IN, 7, ACK, b"hello")])
    assert shown(flow.client) == "192.0.2.1:50000"
    assert received(flow) == b"hello"


def test_datagrams_keep_their_boundaries_and_cut_packets_say_what_is_missing() -> None:
    frame = made.udp(OUT, b"abcdef")
    whole, cut = Packet(1, frame.octets[14:], 0), Packet(2, frame.octets[14:-2], 2)
    (flow,) = flows([whole, cut])
    assert flow.happened == [Moved(1, True, b"abcdef"), Moved(2, True, b"abcd", 2)]


def test_connections_are_bounded() -> None:
    many = [
        segment(0, Path(Endpoint(CLIENT.address, 1_000 + at), SERVER, False), 0, SYN)
        for at in range(FLOWS + 1)
    ]
    with pytest.raises(BadTrace, match="more than 200 connections"):
        flows(many)
