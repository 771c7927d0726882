"""Whole recordings: a server's octets spoilt in a saved trace, explained, drawn and exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from fuzz.dissectors import covered
from fuzz.target import Target, hold
from netcore.exports.curl_command import curl_command
from netcore.exports.har import har
from netcore.exports.pcapng import pcapng
from netcore.exports.python_script import python_script
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import Called, Trace, decode

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "docs" / "trace-example.jsonl"


def recording_targets() -> dict[str, Target]:
    """What is read of a recording as a whole: "recording"."""
    return {"recording": Target(_seeds, _read, 400, 20_000, 8_000, 2_000_000, costs=60)}


def _seeds() -> Sequence[bytes]:
    """What the server of the example sent."""
    return [b"".join(each.data for each in _received(_example()))]


def _example() -> Trace:
    return decode(EXAMPLE.read_bytes())


def _received(trace: Trace) -> list[Called]:
    return [
        event
        for event in trace.events
        if isinstance(event, Called) and event.channel == "tcp:1.received" and event.data
    ]


def _read(octets: bytes, _: Random) -> int:
    trace = _with(_example(), octets)
    explanation = explain(trace.events)
    count = sum(covered(pdu.fields(), pdu.size) for pdu in explanation.pdus)
    timeline(trace, explanation)
    msgspec.json.decode(har(trace))
    hold(b"".join(pcapng(trace)).startswith(b"\x0a\x0d\x0d\x0a"), "the packets are no pcapng")
    compile(b"".join(python_script(trace)), "script.py", "exec")
    hold(b"curl " in b"".join(curl_command(trace)), "there is no command")
    return count


def _with(trace: Trace, octets: bytes) -> Trace:
    """The trace, as if the server had sent these octets, in as many reads."""
    reads = _received(trace)
    share = len(octets) // len(reads) + 1
    at = 0
    for place, event in enumerate(trace.events):
        if event in reads:
            data = octets[at : at + share]
            made = msgspec.structs.replace(event, data=data, length=len(data), offset=at)
            trace.events[place] = made
            at += len(data)
    return trace
