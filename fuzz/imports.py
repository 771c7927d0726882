"""What others recorded: files that are spoilt become a trace that may be shown, or a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from fuzz.recordings import EXAMPLE
from fuzz.target import Target, hold
from netcore.exports.har import har
from netcore.exports.pcapng import pcapng
from netcore.imports.browser_log import trace_of_har
from netcore.imports.capture import trace_of_capture
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import BadTrace, Trace, decode, encode
from web.admission import admit

_PACKETS: Final = 40  # of a seed: more of them are more of the same


def import_targets() -> dict[str, Target]:
    """Each reader of a file that is no trace of ours: "import.capture", "import.har"."""
    return {
        "import.capture": _target(_captures, trace_of_capture),
        "import.har": _target(_logs, trace_of_har),
    }


def _target(seeds: Callable[[], Sequence[bytes]], read: Callable[[bytes], Trace]) -> Target:
    def feed(octets: bytes, _: Random) -> int:
        return _told(octets, read)

    return Target(seeds, feed, 400, 20_000, 8_000, 2_000_000, costs=30)


def _captures() -> Sequence[bytes]:
    whole = b"".join(pcapng(decode(EXAMPLE.read_bytes())))
    return [whole, whole[: _end_of(whole, _PACKETS)]]


def _end_of(whole: bytes, blocks: int) -> int:
    at = 0
    for _ in range(blocks):
        at += int.from_bytes(whole[at + 4 : at + 8], "little")
    return at


def _logs() -> Sequence[bytes]:
    return [har(decode(EXAMPLE.read_bytes()))]


def _told(octets: bytes, read: Callable[[bytes], Trace]) -> int:
    """Out: how many events were made of it, 0 if it was refused."""
    try:
        trace = read(octets)
        stored = admit(encode(trace))
    except BadTrace as refusal:
        hold(bool(str(refusal).strip()), "a refusal gives no reason")
        return 0
    hold(stored == trace, "what was imported is not what is stored")
    timeline(trace, explain(trace.events))
    return len(trace.events)
