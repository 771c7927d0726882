"""On streams: which streams of HTTP/2 and HTTP/3 a mark carries, for the keys `,` and `.`.

One write may carry frames of several streams; each of them can be followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from weakref import WeakKeyDictionary

from netcore.pdus import Explanation
from web.drawing.shapes import Drawing, DrawnMark
from web.tale import Tale

_KNOWN: WeakKeyDictionary[Explanation, dict[int, tuple[str, ...]]] = WeakKeyDictionary()
"""By event, of explanations that are still kept."""


def on_streams(drawing: Drawing, tale: Tale) -> Drawing:
    """The same drawing; its marks know their streams. Without streams it stays as it is."""
    known = streams(tale.explanation)
    if not known:
        return drawing
    marks = tuple(replace(mark, streams=_of(mark, known)) for mark in drawing.marks)
    return replace(drawing, marks=marks)


def streams(explanation: Explanation) -> dict[int, tuple[str, ...]]:
    """By event the streams that it moved octets of, those of requests first."""
    if explanation not in _KNOWN:
        found: dict[int, set[tuple[bool, int, str]]] = {}
        for event, order in _found(explanation):
            found.setdefault(event, set()).add(order)
        _KNOWN[explanation] = {
            event: tuple(name for _, _, name in sorted(each)) for event, each in found.items()
        }
    return _KNOWN[explanation]


def _found(explanation: Explanation) -> Iterator[tuple[int, tuple[bool, int, str]]]:
    """Events, and a stream of each: whether it is one of the connection itself, number, name."""
    for connection, http2 in explanation.http2.items():
        for frame in http2.frames:
            number = frame.header.stream
            for event in frame.pdu.events:
                yield event, (number == 0, number, f"{connection}/{number}")
    for pdu in explanation.pdus:
        name, _, _ = pdu.origin[0].channel.rpartition(".")
        connection, _, stream = name.partition("/")
        if connection.startswith("quic:") and stream.isdecimal():
            for event in pdu.events:
                yield event, (int(stream) % 4 != 0, int(stream), name)


def _of(mark: DrawnMark, known: dict[int, tuple[str, ...]]) -> str:
    """The streams of a mark, which may stand for several runs of events: "12-17 21-21"."""
    found: dict[str, None] = {}
    for run in mark.members.split():
        first, _, last = run.partition("-")
        for event in range(int(first), int(last or first) + 1):
            found |= dict.fromkeys(known.get(event, ()))
    return " ".join(found)
