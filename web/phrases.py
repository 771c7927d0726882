"""Phrases: how a mark, a stage or an outcome is named where it is seen or heard."""

from __future__ import annotations

from netcore.figures import duration
from netcore.timeline import Mark, Summary
from web.facts import clean, size

LAYERS = {"dns": "DNS", "tcp": "TCP", "tls": "TLS", "http": "HTTP"}

STAGE_LAYERS = {"dns": "dns", "connect": "tcp", "tls": "tls", "waiting": "wait", "close": "tcp"}
"""The layer whose colour a stage has; "http" for those that are not named here."""

_SPOKEN_UNITS = {"s": "seconds", "ms": "milliseconds", "µs": "microseconds", "ns": "nanoseconds"}


def spoken(time_ns: int) -> str:
    """A time as a screen reader should say it: "24.6 milliseconds"."""
    number, unit = duration(time_ns).split(" ")
    return f"{number} {_SPOKEN_UNITS[unit]}"


def mark_label(mark: Mark) -> str:
    """The name of a mark: "Event 9, sent, TLS ClientHello, 517 bytes, at 24.6 milliseconds"."""
    layer = LAYERS[mark.layer]
    title = clean(mark.title)
    parts = [
        f"Event {mark.number}",
        mark.direction or what_kind(mark),
        title if title.startswith(layer) else f"{layer} {title}",
        size(mark.octets) if mark.octets else "",
        f"error {mark.error}" if mark.error and mark.error != mark.title else "",
        f"at {spoken(mark.time_ns)}",
    ]
    return ", ".join(part for part in parts if part)


def what_kind(mark: Mark) -> str:
    """Direction in words, or what else it is."""
    kinds = {"decision": "decided", "key": "key", "truncated": "not kept", "failure": "failed"}
    return mark.direction or kinds.get(mark.kind, mark.kind)


def outcome(summary: Summary) -> str:
    """How it ended, as a heading has it: "200 OK"."""
    if summary.failure is not None:
        return f"failed: {summary.failure.code}"
    if summary.running:
        return "running"
    return f"{summary.status_code} {clean(summary.reason_phrase)}".strip()
