"""Phrases: how a mark, a stage or an outcome is named where it is seen or heard."""

from __future__ import annotations

from netcore import figures
from netcore.figures import duration
from netcore.kernel_times import KernelTimes
from netcore.timeline import Mark, Summary
from netcore.trace import AnyEvent, Called
from web.facts import clean, in_bytes, size

LAYERS = {
    "dns": "DNS",
    "tcp": "TCP",
    "tls": "TLS",
    "http": "HTTP",
    "ws": "WebSocket",
    "raw": "Octets",
}

STAGE_LAYERS = {
    "dns": "dns",
    "connect": "tcp",
    "tls": "tls",
    "quic": "tls",
    "waiting": "wait",
    "messages": "ws",
    "close": "tcp",
}
"""The layer whose colour a stage has; "http" for those that are not named here."""

_SPOKEN_UNITS = {"s": "seconds", "ms": "milliseconds", "µs": "microseconds", "ns": "nanoseconds"}


def spoken(time_ns: int) -> str:
    """A time as a screen reader should say it: "24.6 milliseconds"."""
    number, unit = duration(time_ns).split(" ")
    return f"{number} {_SPOKEN_UNITS[unit]}"


def moment_ns(event: AnyEvent, mark: Mark | None, kernel: KernelTimes) -> int:
    """When an event is said to have been, as its mark stands: what arrived was there at the end.

    Where the kernel says when octets crossed, that is it.

    A sum of calls is said from its first call on: nobody knows when that one returned.
    """
    seen_ns = kernel.crossed_ns(event) if isinstance(event, Called) else None
    if seen_ns is not None:
        return seen_ns
    arrived = mark is not None and mark.direction == "received"
    if arrived and isinstance(event, Called) and event.calls == 1:
        return event.end_ns
    return event.time_ns


def mark_label(mark: Mark) -> str:
    """The name of a mark: "Event 9, sent, TLS ClientHello, 517 bytes, at 24.6 milliseconds"."""
    layer = LAYERS[mark.layer]
    title = clean(mark.title)
    told = title.endswith((f" {mark.octets:,} B", f" {size(mark.octets)}", ", not kept"))
    parts = [
        f"Event {mark.number}",
        mark.direction or what_kind(mark),
        title if title.startswith(layer) else f"{layer} {title}",
        size(mark.octets) if mark.octets and not told else "",
        f"error {mark.error}" if mark.error and mark.error != mark.title else "",
        f"at {spoken(mark.time_ns)}",
    ]
    return ", ".join(part for part in parts if part)


def caption(mark: Mark) -> str:
    """A mark as a sentence: "The client received 488 B: 200 OK."."""
    if mark.kind == "segment":
        who = "client" if mark.direction == "sent" else "server"
        return f"The {who}'s kernel sent {clean(mark.title, 120)}."
    if mark.octets:
        return _moved(mark)
    if mark.kind in ("decision", "failure") or mark.detail.endswith("."):
        return in_bytes(clean(mark.detail or mark.title, 160))
    title = clean(mark.title, 120)
    if mark.kind == "key":
        what = title if len(mark.members) > 1 else f"the secret {title}"
        return f"The TLS library gave out {what}."
    if mark.kind == "truncated":
        return f"The {title}."
    return _connection(mark, title)


_SAID = {
    "connected": "The connection to the server is there.",
    "shutdown()": "The client has no more to send, and says so.",
    "close()": "The client closed the connection.",
    "nothing left": "Nothing is left to read: the connection had broken before.",
    "end of file": "The server has no more to send: end of file.",
}
_FAILING = {"sent": "Sending", "received": "Reading", "": "A call"}


def _connection(mark: Mark, title: str) -> str:
    """What became of a connection."""
    if mark.error:
        begins = mark.kind in ("connect", "connected")
        doing = "Connecting" if begins else _FAILING[mark.direction]
        return f"{doing} failed with {clean(mark.error)}."
    if mark.kind == "connect":
        return f"The client asks {clean(mark.detail)} for a connection."
    return _SAID.get(mark.title, title)


def _moved(mark: Mark) -> str:
    who = "The client sent" if mark.direction == "sent" else "The client received"
    if mark.calls == 1:
        return f"{who} {figures.size(mark.octets)}: {clean(mark.title, 120)}."
    noun = "writes" if mark.direction == "sent" else "reads"
    rest = "" if mark.kept else ", counted and not kept"
    return f"{who} {figures.size(mark.octets)} in {mark.calls:,} {noun}{rest}."


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
    if not summary.status_code:
        return f"{size(summary.body_octets)} came back"
    return f"{summary.status_code} {clean(summary.reason_phrase)}".strip()
