"""Threads: which events belong together, so that a drawing can join them.

A thread is an order of events: a request with its answer, a question with its answer, the frames of
one stream, what was sent with what was sent again. Direct neighbours in a thread are pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.timeline import Mark
from web.drawing.links import Pair


def pairs(explanation: Explanation, marks: Iterable[Mark]) -> tuple[Pair, ...]:
    """What belongs together in a trace, each pair once.

    In: the units of a trace, and its marks before any were joined.
    """
    found: dict[tuple[int, int], str] = {}
    for mark in marks:
        if mark.first:
            found[mark.first, mark.number] = "again"
    for why, thread in (*_answers(explanation), *_streams(explanation)):
        for one, other in pairwise(dict.fromkeys(thread)):
            found.setdefault((min(one, other), max(one, other)), why)
    return tuple((one, other, why) for (one, other), why in found.items())


def _answers(explanation: Explanation) -> Iterator[tuple[str, list[int]]]:
    """Requests of HTTP/1 and questions of DNS, each with what answered it."""
    asked: dict[str, list[list[int]]] = {}  # connection -> exchanges that wait for their answer
    queries: dict[tuple[str, bytes], list[int]] = {}
    made: list[list[int]] = []
    for pdu in explanation.pdus:
        if not pdu.events:
            continue
        connection = pdu.origin[0].channel.partition(".")[0]
        number = connection.partition(":")[2].partition("/")[0]
        if pdu.name == "dns_message":
            queries.setdefault((connection, bytes(pdu.view[:2])), []).append(pdu.events[0])
        elif pdu.name == "http1_request_head":
            made.append([pdu.events[0]])
            asked.setdefault(number, []).append(made[-1])
        elif pdu.name == "http1_response_head" and asked.get(number):
            asked[number][0].append(pdu.events[0])
            if not _is_interim(pdu):
                asked[number].pop(0)
    yield from (("answer", thread) for thread in (*made, *queries.values()))


def _is_interim(head: Pdu) -> bool:
    """Whether another response to the same request comes behind this one."""
    code = bytes(head.view[9:12])
    return code[:1] == b"1" and code != b"101"


def _streams(explanation: Explanation) -> Iterator[tuple[str, list[int]]]:
    """The frames of each stream of HTTP/2 and HTTP/3, in the order in which they crossed."""
    threads: dict[tuple[str, int], list[int]] = {}
    for number, connection in explanation.http2.items():
        for frame in connection.frames:
            if frame.header.stream and frame.pdu.events:
                key = f"http2:{number}", frame.header.stream
                threads.setdefault(key, []).append(frame.pdu.events[0])
    for number, spoken in explanation.http3.items():
        for each in spoken.frames:
            if not each.stream & 2 and each.pdu.events:  # those that go both ways
                threads.setdefault((f"http3:{number}", each.stream), []).append(each.pdu.events[0])
    yield from (("stream", sorted(thread)) for thread in threads.values())
