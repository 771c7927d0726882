"""The states of streams: RFC 9113 §5.1 as a table, and a walk over the frames by it.

Theory of operation. The states are those of the client, at whose end the frames were recorded; a
frame counts when the call returned that moved its last octet. TRANSITIONS are the arrows of the
RFC's figure 2, ALLOWED what may cross in a state without one. Where neither has a frame, the
change says which error the RFC has for it, and the state stays. Of a stream that was never used
nothing is kept: it is idle, or closed if a stream with a higher number was opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from netcore.dissect.http2 import (
    CONTINUATION,
    DATA,
    END_STREAM,
    HEADERS,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    WINDOW_UPDATE,
)
from netcore.framing.http2 import Frame, promised

State = Literal[
    "idle",
    "reserved_local",
    "reserved_remote",
    "open",
    "half_closed_local",
    "half_closed_remote",
    "closed",
]
Trigger = Literal["HEADERS", "PUSH_PROMISE", "END_STREAM", "RST_STREAM"]
Direction = Literal["sent", "received"]


class Transition(NamedTuple):
    """An arrow of figure 2."""

    before: State
    direction: Direction
    trigger: Trigger
    after: State


TRANSITIONS: Final = (
    Transition("idle", "sent", "HEADERS", "open"),
    Transition("idle", "received", "HEADERS", "open"),
    Transition("idle", "sent", "PUSH_PROMISE", "reserved_local"),
    Transition("idle", "received", "PUSH_PROMISE", "reserved_remote"),
    Transition("reserved_local", "sent", "HEADERS", "half_closed_remote"),
    Transition("reserved_local", "sent", "RST_STREAM", "closed"),
    Transition("reserved_local", "received", "RST_STREAM", "closed"),
    Transition("reserved_remote", "received", "HEADERS", "half_closed_local"),
    Transition("reserved_remote", "sent", "RST_STREAM", "closed"),
    Transition("reserved_remote", "received", "RST_STREAM", "closed"),
    Transition("open", "sent", "END_STREAM", "half_closed_local"),
    Transition("open", "received", "END_STREAM", "half_closed_remote"),
    Transition("open", "sent", "RST_STREAM", "closed"),
    Transition("open", "received", "RST_STREAM", "closed"),
    Transition("half_closed_local", "received", "END_STREAM", "closed"),
    Transition("half_closed_local", "sent", "RST_STREAM", "closed"),
    Transition("half_closed_local", "received", "RST_STREAM", "closed"),
    Transition("half_closed_remote", "sent", "END_STREAM", "closed"),
    Transition("half_closed_remote", "sent", "RST_STREAM", "closed"),
    Transition("half_closed_remote", "received", "RST_STREAM", "closed"),
)

_ALL: Final = frozenset(
    {DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, WINDOW_UPDATE, CONTINUATION}
)
ALLOWED: Final[Mapping[tuple[str, str], frozenset[int]]] = MappingProxyType(
    {
        ("idle", "sent"): frozenset({PRIORITY}),
        ("idle", "received"): frozenset({PRIORITY}),
        ("reserved_local", "sent"): frozenset({PRIORITY}),
        ("reserved_local", "received"): frozenset({PRIORITY, WINDOW_UPDATE}),
        ("reserved_remote", "sent"): frozenset({PRIORITY, WINDOW_UPDATE}),
        ("reserved_remote", "received"): frozenset({PRIORITY}),
        ("open", "sent"): _ALL,
        ("open", "received"): _ALL,
        ("half_closed_local", "sent"): frozenset({PRIORITY, WINDOW_UPDATE, CONTINUATION}),
        ("half_closed_local", "received"): _ALL,
        ("half_closed_remote", "sent"): _ALL,
        ("half_closed_remote", "received"): frozenset({PRIORITY, WINDOW_UPDATE, CONTINUATION}),
        ("closed", "sent"): frozenset({PRIORITY, RST_STREAM, CONTINUATION}),
        # What was on its way when the stream was closed has to be borne.
        ("closed", "received"): frozenset({PRIORITY, RST_STREAM, WINDOW_UPDATE, CONTINUATION}),
    }
)
"""State and direction -> types of frames that change nothing and are no error."""

_NEXT: Final = {each[:3]: each.after for each in TRANSITIONS}
_TRIGGERS: Final[Mapping[int, Trigger]] = {HEADERS: "HEADERS", RST_STREAM: "RST_STREAM"}


class Change(NamedTuple):
    """A stream that went from one state to another, or a frame that its state did not allow."""

    frame: Frame
    stream: int
    before: State
    trigger: str  # "END_STREAM"; where it was not allowed, the name of nothing: ""
    after: State
    error: str = ""  # an error code of RFC 9113 §7, with what was wrong


class Streams(NamedTuple):
    """Every stream that was used."""

    changes: list[Change]
    states: dict[int, State]  # in the end


def in_order(frames: Iterable[Frame]) -> list[Frame]:
    """Whole frames of both directions, as the client's calls completed them.

    The units have to be those of an explanation, which knows their calls.
    """

    def moment(frame: Frame) -> tuple[int, int]:
        return (frame.pdu.events[-1] if frame.pdu.events else 0, frame.pdu.origin[0].start)

    return sorted((frame for frame in frames if frame.is_whole), key=moment)


def walk(frames: Iterable[Frame], *, upgraded: bool = False) -> Streams:
    """Follow every stream through its states.

    In: frames in order; whether stream 1 is the request of HTTP/1.1 that was switched.
    """
    streams = Streams([], {1: "half_closed_local"} if upgraded else {})
    was_reset: set[int] = set()
    for frame in frames:
        stream = frame.header.stream
        if frame.header.type not in _ALL or not stream:
            continue
        for change in _changes(frame, streams.states, was_reset):
            streams.changes.append(change)
            streams.states[change.stream] = change.after
        if frame.header.type == RST_STREAM and frame.direction == "sent":
            was_reset.add(stream)
    return streams


def _changes(frame: Frame, states: dict[int, State], was_reset: set[int]) -> Iterator[Change]:
    stream, kind = frame.header.stream, frame.header.type
    state = states.get(stream, "idle")
    trigger = _TRIGGERS.get(kind)
    after = _next(state, frame, trigger)
    if after is not None:
        error = ""
        if state == "idle" and frame.direction == "received":
            error = "PROTOCOL_ERROR: a server opens a stream by PUSH_PROMISE alone"
        yield Change(frame, stream, state, str(trigger), after, error)
        state = after
    elif kind not in ALLOWED[state, frame.direction]:
        # What crosses a RST_STREAM of ours was sent before its sender could know.
        if stream not in was_reset or frame.direction == "sent":
            yield Change(frame, stream, state, "", state, _error(state))
        return
    if kind in (DATA, HEADERS) and frame.has(END_STREAM):
        after = _next(state, frame, "END_STREAM")
        if after is not None:
            yield Change(frame, stream, state, "END_STREAM", after)
    if kind == PUSH_PROMISE:
        yield from _promise(frame, states)


def _promise(frame: Frame, states: dict[int, State]) -> Iterator[Change]:
    stream = promised(frame)
    before = states.get(stream, "idle")
    after = _next(before, frame, "PUSH_PROMISE")
    if after is None:
        error = "PROTOCOL_ERROR: a stream is promised that is not idle"
        yield Change(frame, stream, before, "", before, error)
    else:
        yield Change(frame, stream, before, "PUSH_PROMISE", after)


def _next(state: State, frame: Frame, trigger: Trigger | None) -> State | None:
    direction: Direction = "sent" if frame.direction == "sent" else "received"
    return _NEXT.get((state, direction, trigger)) if trigger else None


def _error(state: State) -> str:
    """RFC 9113 §5.1, at each state."""
    code = "STREAM_CLOSED" if state in ("half_closed_remote", "closed") else "PROTOCOL_ERROR"
    return f"{code}: this frame is not allowed while the stream is {state.replace('_', ' ')}"
