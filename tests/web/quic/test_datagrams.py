"""Packets stand in the datagram that they crossed in, and those that are alike in one mark."""

from __future__ import annotations

import pytest

from netcore.quic.recovery import recovery
from tests.web.quic.telling import story
from web.quic import datagrams as module
from web.quic.datagrams import Datagram, datagrams


def of(name: str) -> tuple[list[Datagram], int]:
    tale = story(name)
    connection = tale.explanation.quic["1"]
    found = recovery(connection, tale.trace.events)
    return datagrams(connection.packets, found, tale, "/t/x")


def test_packets_of_one_call_are_one_datagram() -> None:
    shown, left_out = of("simple")
    assert left_out == 0
    together = [mark.lane for mark in shown[1].packets]
    assert together[:2] == ["Initial", "Handshake"]
    assert shown[1].direction == "received"
    packets = story("simple").explanation.quic["1"].packets
    assert sum(len(datagram.packets) for datagram in shown) == len(packets)


def test_a_retry_has_no_number_and_a_lane_of_its_own() -> None:
    shown, _ = of("retry")
    (retry,) = [mark for each in shown for mark in each.packets if mark.packet.name == "Retry"]
    assert retry.lane == "no number"
    assert retry.number == ""


def test_early_data_is_a_lane_of_its_own() -> None:
    shown, _ = of("resumed")
    assert "0-RTT" in {mark.lane for each in shown for mark in each.packets}


def test_datagrams_that_are_alike_are_one_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ALIKE", 2)
    shown, _ = of("our_loss")
    packets = story("our_loss").explanation.quic["1"].packets
    marks = [mark for each in shown for mark in each.packets]
    assert any(mark.count > 1 and "–" in mark.number for mark in marks)
    assert sum(mark.count for mark in marks) == len(packets)


def test_what_was_lost_and_what_came_again_is_marked() -> None:
    fates = {mark.fate for each in of("our_loss")[0] for mark in each.packets}
    assert {"lost", "again"} <= fates


def test_what_has_no_room_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, _ = of("simple")
    monkeypatch.setattr(module, "SHOWN_DATAGRAMS", 3)
    shown, left_out = of("simple")
    assert len(shown) == 3
    assert left_out == len(whole) - 3
    monkeypatch.setattr(module, "SHOWN_PACKETS", 2)
    shown, _ = of("simple")
    assert sum(len(each.packets) for each in shown) == 2
