"""Phrases: how a mark, a stage or an outcome is named where it is seen or heard."""

from __future__ import annotations

from collections.abc import Iterable

from netcore import figures
from netcore.errors import INTERRUPTED
from netcore.figures import duration
from netcore.kernel_times import KernelTimes
from netcore.timeline import Lane, Mark, StageSpan, Summary
from netcore.trace import AnyEvent, Called
from web.facts import clean, in_bytes, size
from web.overlay import by_engine
from web.spoken import N_, figure
from web.spoken import gettext as _
from web.titles import title_said

LAYERS = {
    "dns": "DNS",
    "tcp": "TCP",
    "tls": "TLS",
    "quic": "QUIC",
    "http": "HTTP",
    "ws": "WebSocket",
    "raw": N_("Bytes"),
}

_WAYS = {
    "decision": N_("decided"),
    "key": N_("key"),
    "truncated": N_("not kept"),
    "failure": N_("failed"),
    "stopped": N_("stopped"),
    "sent": N_("sent"),
    "received": N_("received"),
    "never sent": N_("never sent"),
    "segment": N_("segment"),
}

UNITS = {
    "s": N_("%(number)s seconds"),
    "ms": N_("%(number)s milliseconds"),
    "µs": N_("%(number)s microseconds"),
    "ns": N_("%(number)s nanoseconds"),
}
"""How a screen reader should say a time."""

_STAGE_LAYERS = {
    "dns": "dns",
    "connect": "tcp",
    "tls": "tls",
    "quic": "quic",
    "waiting": "wait",
    "messages": "ws",
}


def stage_layer(name: str, stages: Iterable[StageSpan]) -> str:
    """The layer whose colour a stage has. What is closed is what was opened, TCP or QUIC.

    In: the name of the stage, and all stages of its trace.
    """
    if name == "close":
        opened = [each.name for each in stages if each.name in ("connect", "quic")]
        return _STAGE_LAYERS[opened[-1]] if opened else "tcp"
    return _STAGE_LAYERS.get(name, "http")


STAGE_SHORT = {"tls": "TLS", "quic": "QUIC"}
"""The name of a stage where its title has no room, for those whose title is long."""


def spoken(time_ns: int) -> str:
    """A time as a screen reader should say it: "24.6 milliseconds"."""
    number, unit = duration(time_ns).split(" ")
    return _(UNITS[unit], number=number)


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
    layer = _(LAYERS[mark.layer])
    title, shown = clean(mark.title), clean(title_said(mark.title))
    told = title.endswith((f" {mark.octets:,} B", f" {size(mark.octets)}", ", not kept"))
    parts = [
        _("Event %(number)s", number=mark.number),
        what_kind(mark),
        shown if title.startswith(layer) else f"{layer} {shown}",
        figure(size(mark.octets)) if mark.octets and not told else "",
        _lost(mark),
        _("error %(name)s", name=mark.error) if mark.error and mark.error != mark.title else "",
        _("at %(time)s", time=spoken(mark.time_ns)),
    ]
    return ", ".join(part for part in parts if part)


def _lost(mark: Mark) -> str:
    if not mark.lost:
        return ""
    told = mark.never_sent or mark.far
    return _("packet lost on purpose") if told else _("packet lost (derived)")


def why_lost(mark: Mark) -> str:
    """How it is known that a mark never arrived; "" of one that was not lost."""
    if not mark.lost:
        return ""
    if mark.never_sent:
        return _(
            "The server lost this packet on purpose: it noted that it was ready, and did not send "
            "it."
        )
    if mark.far:
        return _(
            "The server lost this packet on purpose: event %(number)s is its own note that the "
            "packet was there and that it did not listen to it.",
            number=f"{mark.lost:,}",
        )
    if mark.kind == "segment":
        return _(
            "Packet lost (derived): our kernel sent its bytes again at event %(number)s, as nobody "
            "had acknowledged them. It may have been late instead.",
            number=f"{mark.lost:,}",
        )
    return _(
        "Packet lost (derived): the ACK in event %(number)s covers what was sent later and leaves "
        "this one out (RFC 9002 §6.1). Nobody saw where it got lost.",
        number=f"{mark.lost:,}",
    )


def caption(mark: Mark) -> str:
    """A mark as a sentence: "The client received 488 B: 200 OK."."""
    if mark.kind == "segment":
        what = clean(mark.title, 120)
        if mark.direction == "sent":
            return _("The client's kernel sent %(what)s.", what=what)
        return _("The server's kernel sent %(what)s.", what=what)
    if mark.octets:
        return _moved(mark)
    if mark.kind in ("decision", "failure") or mark.detail.endswith("."):
        return by_engine(in_bytes(clean(mark.detail or mark.title, 160)))
    title = clean(title_said(mark.title), 120)
    if mark.kind == "key":
        if len(mark.members) > 1:
            return _("The TLS library gave out %(what)s.", what=title)
        return _("The TLS library gave out the secret %(name)s.", name=title)
    if mark.kind == "truncated":
        return _("The %(what)s.", what=title)
    return _connection(mark, title)


def _said() -> dict[str, str]:
    return {
        "connected": _("The connection to the server is there."),
        "shutdown()": _("The client has no more to send, and says so."),
        "close()": _("The client closed the connection."),
        "nothing left": _("Nothing is left to read: the connection had broken before."),
        "end of file": _("The server has no more to send: end of file."),
    }


def _failed(what: str, error: str) -> str:
    """That a call failed: "connect", or the direction of what it was to move."""
    return {
        "connect": _("Connecting failed with %(error)s.", error=error),
        "sent": _("Sending failed with %(error)s.", error=error),
        "received": _("Reading failed with %(error)s.", error=error),
        "": _("A call failed with %(error)s.", error=error),
    }[what]


def _connection(mark: Mark, title: str) -> str:
    """What became of a connection."""
    if mark.error:
        begins = mark.kind in ("connect", "connected")
        return _failed("connect" if begins else mark.direction, clean(mark.error))
    if mark.kind == "connect":
        return _("The client asks %(peer)s for a connection.", peer=clean(mark.detail))
    return _said().get(mark.title, title)


def _moved(mark: Mark) -> str:
    if mark.never_sent:
        return why_lost(mark)
    octets, what, calls = (
        figures.size(mark.octets),
        clean(title_said(mark.title), 120),
        f"{mark.calls:,}",
    )
    sent = mark.direction == "sent"
    if mark.calls == 1 and sent:
        return _("The client sent %(size)s: %(what)s.", size=octets, what=what)
    if mark.calls == 1:
        return _("The client received %(size)s: %(what)s.", size=octets, what=what)
    if sent and mark.kept:
        text = _("The client sent %(size)s in %(calls)s writes.")
    elif sent:
        text = _("The client sent %(size)s in %(calls)s writes, counted and not kept.")
    elif mark.kept:
        text = _("The client received %(size)s in %(calls)s reads.")
    else:
        text = _("The client received %(size)s in %(calls)s reads, counted and not kept.")
    return text % {"size": figure(octets), "calls": figure(calls)}


def what_kind(mark: Mark) -> str:
    """Direction in words, or what else it is."""
    if mark.first and mark.direction:
        return _("sent again") if mark.direction == "sent" else _("received again")
    return _(way_of(mark))


def way_said(direction: str) -> str:
    """Which way something went, seen from the client: "sent" or "received"."""
    return {"sent": _("sent"), "received": _("received")}.get(direction, direction)


def name_server(lane: Lane) -> str:
    """A lane of a walk, within a sentence."""
    if lane.zone == ".":
        return _("root server")
    return _("name server of %(zone)s", zone=clean(lane.zone))


def side(who: str) -> str:
    """One of the two, as it stands alone: "Client" for "client"."""
    return {"client": _("Client"), "server": _("Server")}[who]


def way_of(mark: Mark) -> str:
    """The same in English, by which a list is filtered."""
    if mark.never_sent:
        return _WAYS["never sent"]
    kind = "stopped" if was_stopped(mark) else mark.kind
    return _WAYS.get(mark.direction or kind, kind)


def was_stopped(mark: Mark) -> bool:
    """Whether it is the end of a fetch that somebody ended, which is no failure of anybody."""
    return mark.kind == "failure" and mark.error == INTERRUPTED


def outcome(summary: Summary) -> str:
    """How it ended, as a heading has it: "200 OK"."""
    if summary.failure is not None:
        return _("failed: %(code)s", code=summary.failure.code)
    if summary.running:
        return _("running")
    if not summary.status_code:
        return _("%(size)s came back", size=size(summary.body_octets))
    return f"{summary.status_code} {clean(summary.reason_phrase)}".strip()
