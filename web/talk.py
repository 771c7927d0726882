"""Talk: a WebSocket as a page shows it: what was said on it, and how its handshake was proven."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from netcore.dissect.websocket import CLOSE, PING, TEXT
from netcore.figures import duration
from netcore.framing.websocket import Connection, Frame, Message
from netcore.outbox import MESSAGE_OCTETS
from netcore.registries.websocket import CLOSE_CODES
from netcore.trace import Called
from netcore.websocket_accept import GUID
from netcore.websocket_opening import is_websocket
from web.facts import clean, size
from web.feed import Standing
from web.spoken import figure, ngettext
from web.spoken import gettext as _
from web.tale import Tale

LINES: Final = 200  # of a conversation that are shown, the latest ones
CHARACTERS: Final = 600  # of a message that are shown


@dataclass(frozen=True)
class Line:
    """One message, or one control frame."""

    way: str  # "sent" or "received"
    said: str  # the text, or what it is
    quoted: bool  # whether `said` is what crossed, and no words of ours
    size: str
    time: str
    number: int
    href: str


@dataclass(frozen=True)
class AcceptView:
    """How the accept value follows from the key, step by step."""

    key: str
    guid: str
    digest: str
    accept: str
    answered: str
    right: bool


@dataclass(frozen=True)
class TalkView:
    """What was said so far, and whether more can be."""

    lines: tuple[Line, ...]
    left_out: str  # how many lines are not shown, "" if none
    accept: AcceptView | None
    open: bool  # whether what is typed will be sent
    most: int = MESSAGE_OCTETS


def talk_view(tale: Tale, standing: Standing, base: str) -> TalkView | None:
    """The view; None for a trace of something else."""
    if not is_websocket(tale.trace.url):
        return None
    connections = tale.explanation.websocket.values()
    said = sorted(
        (each for connection in connections for each in _said(tale, connection)),
        key=lambda timed: timed[0],
    )
    shown = tuple(
        _line(each, base) if isinstance(each, Message) else _control(each, time_ns, base)
        for time_ns, each in said[-LINES:]
    )
    over = len(said) - len(shown)
    first = next(iter(connections), None)
    stages = tale.timeline.stages
    is_open = bool(standing.live and stages and stages[-1].name == "messages")
    return TalkView(
        lines=shown,
        left_out=_left_out(over) if over else "",
        accept=_accept(first) if first else None,
        open=is_open and stages[-1].end_ns is None,
    )


def _left_out(over: int) -> str:
    return ngettext(
        "%(count)s earlier one is in the list of steps.",
        "%(count)s earlier ones are in the list of steps.",
        over,
        count=f"{over:,}",
    )


def _said(tale: Tale, connection: Connection) -> Iterator[tuple[int, Message | Frame]]:
    """Messages and control frames, each with its time."""
    for message in connection.messages:
        yield message.time_ns, message
    for frame in connection.frames:
        if frame.header.is_control:
            yield _time_of(tale, frame), frame


def _line(message: Message, base: str) -> Line:
    is_text = message.opcode == TEXT
    said = message.data.decode("utf-8", "replace") if is_text else message.data.hex(" ")
    octets = figure(size(len(message.data)))
    return Line(
        way=message.direction,
        said=clean(said, CHARACTERS) if message.data else _("an empty message"),
        quoted=bool(message.data),
        size=octets if is_text else _("%(size)s, binary", size=octets),
        time=duration(message.time_ns),
        number=message.pdu.events[-1],
        href=f"{base}/e/{message.pdu.events[-1]}",
    )


def _time_of(tale: Tale, frame: Frame) -> int:
    event = tale.event(frame.pdu.events[-1])
    if isinstance(event, Called) and frame.direction == "received":
        return event.end_ns
    return event.time_ns if event else 0


def _control(frame: Frame, time_ns: int, base: str) -> Line:
    number = frame.pdu.events[-1]
    return Line(
        way=frame.direction,
        said=_named(frame),
        quoted=False,
        size="",
        time=duration(time_ns),
        number=number,
        href=f"{base}/e/{number}",
    )


def _named(frame: Frame) -> str:
    opcode, data = frame.header.opcode, frame.data
    if opcode != CLOSE:
        name = "Ping" if opcode == PING else "Pong"
        return f"{name}, {figure(size(len(data)))}" if data else name
    if len(data) < 2:
        return _("Close without a code")
    reason = clean(data[2:].decode("utf-8", "replace"), CHARACTERS)
    code = int.from_bytes(data[:2], "big")
    name = CLOSE_CODES.get(code, "")
    return f"Close {code}" + (f" ({name})" if name else "") + (f": {reason}" if reason else "")


def _accept(connection: Connection) -> AcceptView:
    steps = connection.accept
    return AcceptView(
        key=clean(steps.key, 200),
        guid=GUID,
        digest=steps.digest.hex(" "),
        accept=steps.accept,
        answered=clean(steps.answered, 200),
        right=steps.is_right,
    )
