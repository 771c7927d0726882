"""TCP segments (RFC 9293), with the options of RFC 7323 and RFC 2018."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.dissect.checksums import Pseudo, read_checksum, verdict
from netcore.reader import Reader
from netcore.registries.ip import TCP_OPTIONS

_SPEC: Final = "RFC 9293 §3.1"
_OPTIONS_SPEC: Final = "RFC 9293 §3.2"
_HEADER: Final = 20
_CHECKSUM_AT: Final = 16
_QUOTED: Final = 8  # octets of it that an ICMP error has at least (RFC 792)


def read_tcp_segment(r: Reader, pseudo: Pseudo | None = None) -> None:
    """RFC 9293 §3.1. In: `pseudo`, without which the checksum cannot be verified."""
    octets = r.peek(r.remaining)
    found = verdict(octets, _CHECKSUM_AT, pseudo) if pseudo else ""
    _read_beginning(r)
    r.uint("acknowledgment_number", 32, spec=_SPEC)
    words = r.uint("data_offset", 4, spec=_SPEC)
    if words * 4 < _HEADER:
        r.blame("a header has at least five words of four octets")
    r.uint("reserved", 4, spec=_SPEC)
    with r.group("control_bits", _SPEC) as bits:
        names = ("cwr", "ece", "urg", "ack", "psh", "rst", "syn", "fin")
        bits.label = ", ".join(name.upper() for name in names if r.flag(name))
    r.uint("window", 16, spec=_SPEC)
    read_checksum(r, found, _SPEC)
    r.uint("urgent_pointer", 16, spec=_SPEC)
    count = words * 4 - _HEADER
    if count > 0:
        with r.block("options", count, _OPTIONS_SPEC):
            while r.remaining:
                _read_option(r)
    r.rest("data", spec=_SPEC)


def read_quoted_segment(r: Reader) -> None:
    """RFC 792 §Message Formats: an ICMP error quotes eight octets of a segment at least."""
    if r.remaining >= _HEADER:
        read_tcp_segment(r)
    elif r.remaining >= _QUOTED:
        _read_beginning(r)
        r.rest("rest_of_header")


def _read_beginning(r: Reader) -> None:
    r.uint("source_port", 16, spec=_SPEC)
    r.uint("destination_port", 16, spec=_SPEC)
    r.uint("sequence_number", 32, spec=_SPEC)


def _read_option(r: Reader) -> None:
    kind = r.peek(1)[0]
    label = TCP_OPTIONS.get(kind, "unassigned")
    if kind in (0, 1):
        with r.group("option", label=label):
            r.uint("kind", 8, TCP_OPTIONS)
        if kind == 0:
            r.rest("padding")
        return
    length = r.peek(2)[-1] if r.remaining > 1 else 0
    if length < 2:
        r.malformed("an option is at least two octets long, its kind and its length")
    with r.block("option", length, label=label):
        r.uint("kind", 8, TCP_OPTIONS)
        r.uint("length", 8)
        reader = _OPTIONS.get(kind)
        if reader is not None:
            reader(r)
        r.rest("option_data")


def _read_segment_size(r: Reader) -> None:
    r.uint("maximum_segment_size", 16, spec="RFC 9293 §3.7.1")


def _read_window_scale(r: Reader) -> None:
    shift = r.uint("shift_count", 8, spec="RFC 7323 §2.2")
    if shift > 14:
        r.blame("more than 14 counts as 14")


def _read_sack(r: Reader) -> None:
    while r.remaining:
        with r.group("block", "RFC 2018 §3"):
            r.uint("left_edge", 32)
            r.uint("right_edge", 32)


def _read_timestamps(r: Reader) -> None:
    r.uint("timestamp_value", 32, spec="RFC 7323 §3.2")
    r.uint("timestamp_echo_reply", 32, spec="RFC 7323 §3.2")


_OPTIONS: Final[dict[int, Callable[[Reader], None]]] = {
    2: _read_segment_size,
    3: _read_window_scale,
    5: _read_sack,
    8: _read_timestamps,
}
