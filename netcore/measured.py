"""Measured: what a timeline draws of the other ends that noted their own calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from netcore.captured_marks import stage_at
from netcore.marks import Mark, StageSpan
from netcore.trace import PeerCalled

_CROSSED = ("send", "receive")


def measured_lanes(marks: Iterable[Mark]) -> frozenset[str]:
    """The lanes of which both ends are known of all octets that crossed."""
    known: dict[str, bool] = {}
    for mark in marks:
        if mark.kind in _CROSSED and mark.octets:
            known[mark.lane] = known.get(mark.lane, True) and bool(mark.far or mark.lost)
    return frozenset(lane for lane, whole in known.items() if whole)


def unheard(marks: Iterable[Mark], lost: Collection[int]) -> dict[int, int]:
    """Datagrams of ours that the other end did not listen to, and the events that say so.

    In: `lost`, the numbers of the calls of other ends that were in vain.
    """
    return {mark.number: far.number for mark in marks for far in mark.far if far.number in lost}


def never_sent(
    number: int, event: PeerCalled, lane: str, stages: Sequence[StageSpan]
) -> Mark | None:
    """The mark of a datagram that the other end noted and did not send; None of any other call."""
    if not event.lost or event.call != "send":
        return None
    stage, hop = stage_at(stages, event.time_ns)
    return Mark(
        number=number,
        members=(number,),
        kind="receive",
        layer="dns" if stage == "dns" else "tls",  # of the datagrams, the others are QUIC's
        lane=lane,
        stage=stage,
        hop=hop,
        direction="received",
        time_ns=event.time_ns,
        last_ns=event.time_ns,
        octets=event.length,
        kept=False,
        title=f"{event.length:,} B, never sent",
        lost=number,
    )
