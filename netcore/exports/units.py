"""A trace as its units: one JSON document with every protocol data unit and its fields.

docs/explain-format.md describes it. It is made unit by unit, one on each line, so that a long
trace is never held whole as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from netcore.field import Field
from netcore.pdu import Pdu
from netcore.pdus import explain
from netcore.titles import title_of
from netcore.trace import Trace, Truncated

FORMAT: Final = 1
_EXACT: Final = (1 << 53) - 1  # up to here every reader of JSON counts exactly (RFC 8259 §6)
_encode = msgspec.json.encode


def units(trace: Trace) -> Iterator[bytes]:
    """The document in pieces. Raises nothing, whatever the trace holds."""
    head = {
        "format": FORMAT,
        "software": _text(trace.software),
        "url": _text(trace.url),
        "started": _text(trace.started),
        "outcome": trace.outcome,
        "recording_ends": [
            {"what": event.what, "limit": event.limit}
            for event in trace.events
            if isinstance(event, Truncated)
        ],
    }
    yield _encode(head)[:-1] + b',"pdus":['
    separator = b"\n"
    for pdu in explain(trace.events).pdus:
        yield separator + _encode(_pdu(pdu))
        separator = b",\n"
    yield b"\n]}\n"


def _pdu(pdu: Pdu) -> dict[str, object]:
    gives = pdu.carries
    return {
        "number": pdu.number,
        "protocol": pdu.protocol,
        "title": _text(title_of(pdu)),
        "origin": {
            "channel": pdu.origin[0].channel,
            "ranges": [[span.start, span.end] for span in pdu.origin],
            "how": pdu.step,
        },
        "events": pdu.events,
        "octets": len(pdu.octets),
        "missing": pdu.missing,
        "gives": gives and {"channel": gives.channel, "ranges": [[gives.start, gives.end]]},
        "inside": [inner.number for inner in pdu.inside],
        "error": _text(pdu.error),
        "fields": field_json(pdu.fields()),
    }


def field_json(field: Field) -> dict[str, object]:
    """A field and its parts. What JSON's readers may not hold is text: integers in hexadecimal."""
    value = field.value
    if isinstance(value, str):
        value = _text(value)
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) > _EXACT:
        value = hex(value)
    return {
        "name": field.name,
        "start": field.start,
        "length": field.length,
        "value": value,
        "label": _text(field.label),
        "spec": field.spec,
        "error": _text(field.error),
        "children": [field_json(child) for child in field.children],
    }


def _text(text: str) -> str:
    """The same without halves of surrogate pairs, which JSON in UTF-8 cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
