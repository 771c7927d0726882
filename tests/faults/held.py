"""Which figures and names of a card are held by the trace: by its calls, times, limits, octets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

import msgspec

from netcore.field import Field
from netcore.figures import duration
from netcore.options import Limits
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from netcore.trace import Called, Chose, Failed, Trace
from web.evidence import Evidence

_WORD: Final = re.compile(
    r"""
    '(?P<quoted>[^']{1,60})'                          # what the server wrote
    | CN=(?P<cn>[^,:]+?)(?=,|:|\ and\ |\.\ )
    | (?P<camel>\b[a-z]+[A-Z]\w+)                      # clientAuth
    | (?P<hyphen>\b[a-z]+-[a-z]+\b)                   # a protocol's name
    | (?P<time>\d[\d.,]*\ (?:ns|µs|ms|s))\b           # a wait
    | (?P<name>(?:[\w-]+\.)+[\w-]*[a-z][\w-]*(?=\b)) # a name with dots
    | (?P<errno>\bE[A-Z]{4,}\b)
    | (?P<capital>\b[A-Z][A-Z0-9_]{2,}\b)            # a name of a frame, of an error
    | (?P<address>\[?[0-9a-f:.]*[.:][0-9a-f:.]*\]?:\d+|\d+(?:\.\d+){3})
    | (?P<number>\b\d(?:[\d,]*\d)?(?:\.\d+)?)
    """,
    re.VERBOSE,
)
_SECONDS: Final = re.compile(r"([\d.]+) s")


def words_of(text: str) -> list[str]:
    """The figures and names in a sentence, as they stand there."""
    return [str(found[found.lastgroup or 0]) for found in _WORD.finditer(text)]


def held_by_trace(trace: Trace, word: str) -> bool:
    """Whether a figure or name stands in the calls of a trace, its times, its limits or its URL."""
    failed = trace.outcome
    assert isinstance(failed, Failed)
    return (
        word in _said_by_calls(trace)
        or word in _times(trace, failed)
        or word in _limits(trace.options.limits)
        or any(word in text for text in _names(trace))
    )


def held_by_octets(explanation: Explanation, shown: Evidence, word: str) -> bool:
    """Whether a figure or name stands in the unit that is opened, or is a value of its fields."""
    pdu = explanation.of_event(shown.event)[shown.unit - 1]
    return _octets(word) in pdu.octets or any(
        word.casefold() in said.casefold() for said in _said_by_fields(explanation, pdu)
    )


def _octets(word: str) -> bytes:
    """The octets of a word, which is quoted as Python does it: `a\\r`."""
    try:
        return word.encode().decode("unicode_escape").encode("latin-1")
    except UnicodeError:
        return word.encode()


def _said_by_fields(explanation: Explanation, pdu: Pdu) -> Iterator[str]:
    def visit(field: Field) -> Iterator[str]:
        yield from (field.label, field.error)
        value = field.value
        yield str(value)
        yield from (f"{value:,}", f"{value:#x}") if isinstance(value, int) else ()
        yield from (f"{field.length:,}", f"{field.length // 8:,}", str(field.length))
        for child in field.children:
            yield from visit(child)

    return visit(explanation.tree(pdu))


def _said_by_calls(trace: Trace) -> set[str]:
    """Lengths, the sums of those of one kind up to the end, errors and addresses."""
    calls = [event for event in trace.events if isinstance(event, Called)]
    counts = {call.length for call in calls} | {len(calls)}
    for key in {(call.socket, call.call) for call in calls}:
        lengths = [each.length for each in calls if (each.socket, each.call) == key]
        counts.update(accumulate(reversed(lengths)))  # the last, the last two, and all of them
    texts = {call.errno for call in calls if call.errno}
    for call in calls:
        ends = [str(each) for each in (*call.arguments, call.result)]
        texts.update(ends, (end.rpartition(":")[0] for end in ends))
        texts.update(end.rpartition(":")[2] for end in ends)
    return texts | {f"{count:,}" for count in counts}


def _times(trace: Trace, failed: Failed) -> set[str]:
    """The waits that one can measure: since any event, of any call, from a call to a later one."""
    calls = [event for event in trace.events if isinstance(event, Called)]
    waits = {failed.time_ns, *(failed.time_ns - event.time_ns for event in trace.events)}
    waits |= {call.end_ns - call.time_ns for call in calls}
    asked = [call for call in calls if call.call in ("send", "connect")]
    came = [call for call in calls if call.call in ("recv", "getsockopt")]
    waits |= {late.end_ns - early.time_ns for early in asked[-40:] for late in came[-40:]}
    return {duration(wait) for wait in waits if wait >= 0}


def _limits(limits: Limits) -> set[str]:
    values = [value for value in msgspec.structs.astuple(limits) if value is not None]
    whole = {f"{value:,}" for value in values if isinstance(value, int)}
    return whole | {f"{value:g} s" for value in values}


def _names(trace: Trace) -> Iterator[str]:
    yield trace.url
    yield from (f"{event.value} {event.why}" for event in trace.events if isinstance(event, Chose))
