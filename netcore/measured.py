"""Measured: what a timeline draws of the other ends that noted their own calls."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from netcore.captured_marks import stage_at
from netcore.marks import Mark, StageSpan
from netcore.trace import PeerCalled

_CROSSED = ("send", "receive")


def measured_lanes(marks: Iterable[Mark]) -> frozenset[str]:
    """The lanes of which both ends are known of what crossed.

    What was sent last of all may not have been read yet when the other end was asked.
    """
    crossed: dict[str, list[tuple[Mark, bool]]] = {}
    for mark in marks:
        if mark.kind in _CROSSED and mark.octets:
            known = bool(mark.far or mark.lost)
            crossed.setdefault(mark.lane, []).append((mark, known))
    return frozenset(lane for lane, each in crossed.items() if _is_whole(each))


def _is_whole(crossed: list[tuple[Mark, bool]]) -> bool:
    last = max((at for at, (_, known) in enumerate(crossed) if known), default=-1)
    before = all(known for _, known in crossed[: last + 1])
    behind = all(mark.direction == "sent" for mark, _ in crossed[last + 1 :])
    return last >= 0 and before and behind


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
