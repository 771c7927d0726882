"""Losses: which marks never arrived, and which carry again what an earlier one carried.

Theory of operation. Nobody sees a packet get lost; it is concluded. Of QUIC, from the ACK frames
of the peer (`netcore.quic.recovery`): a datagram is lost where a packet in it was told lost and
none in it was acknowledged. Of TCP, from captured segments: our kernel sent octets again that
nobody had acknowledged, so it took their first segment for lost. Where the peer reports that it had
them twice (RFC 2883), the first one did arrive. What a lost or repeated packet carried is told by a
mark of its own, which is in no bundle. While a trace runs nothing is called lost: an answer may yet
come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from netcore.framing.quic_connection import Connection
from netcore.marks import Mark
from netcore.quic.recovery import recovery
from netcore.trace import AnyEvent


class Losses(NamedTuple):
    """By the numbers of events."""

    lost: dict[int, int]  # what was sent in vain -> what tells so
    firsts: dict[int, int]  # what was sent, or came, again -> what carried some of it before


def quic_losses(connections: Iterable[Connection], events: Sequence[AnyEvent]) -> Losses:
    """Datagrams of these connections. In: the events that they were explained from."""
    found = Losses({}, {})
    for connection in connections:
        told = recovery(connection, events)
        heard = {each.event for each in connection.packets if told.acknowledged_by(each)}
        for lost in told.lost:
            if lost.packet.event not in heard:
                found.lost.setdefault(lost.packet.event, lost.told_by.event)
        for again in told.again:
            if again.packet.event != again.first.event:
                found.firsts.setdefault(again.packet.event, again.first.event)
    return found


def with_losses(marks: Sequence[Mark], losses: Losses, shown: Mapping[int, Mark]) -> list[Mark]:
    """The marks with what became of them.

    Args:
        marks: before any are joined, in the order of their numbers.
        losses: what is known.
        shown: marks by number that are drawn only where a loss or a repeat concerns them.
    """
    concerned = losses.lost.keys() | losses.firsts.values()
    there = {mark.number for mark in marks}
    more = [shown[number] for number in concerned if number in shown and number not in there]
    everything = sorted([*marks, *more], key=lambda mark: mark.number) if more else marks
    if not concerned and not losses.firsts:
        return list(marks)
    return [_told(mark, losses, concerned) for mark in everything]


def _told(mark: Mark, losses: Losses, concerned: set[int]) -> Mark:
    told_by, first = losses.lost.get(mark.number, 0), losses.firsts.get(mark.number, 0)
    if not first and mark.number not in concerned:
        return mark
    return msgspec.structs.replace(
        mark,
        lost=told_by,
        first=first,
        # Of what the other end noted nothing is concluded.
        certainty="derived" if told_by and not mark.far else mark.certainty,
        opaque=False,
    )
