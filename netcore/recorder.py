"""Recorder: turns what happens during a fetch into the events of its trace.

The hot path records raw facts and reads nothing into them. What bounds a trace is here too: the
head of each channel is kept up to a limit, and the list of events has a greatest length. Behind
either bound a `Truncated` event stands once, so that a reader knows what is missing.

Behind the limit of a channel, calls that move its octets are summed, and the waits between them
with them, so that a trace does not grow with what it does not keep. A sum is one `Called`: it
ends at the first event of another kind, and after a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import CodeType, FrameType

import msgspec

from netcore.errors import BUG, INTERRUPTED, FetchError
from netcore.kernel_clock import KernelClock
from netcore.trace import (
    AnyEvent,
    Called,
    Captured,
    Chose,
    Completed,
    Failed,
    KernelTimestamp,
    PeerCalled,
    Plain,
    SecretLogged,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)

OnEvent = Callable[[int, AnyEvent], None]
"""Is given each event with its number as soon as it is recorded."""

OtherEnds = Callable[[Sequence[AnyEvent], int], Iterable[PeerCalled]]
"""Is given the events of a fetch that has ended, and when it began on the monotonic clock of this
machine. Out: what is known of the calls at the other ends."""

_PACKAGE = str(Path(__file__).parent)
_SITE_FRAMES = 4
_ALWAYS = (StageStarted, StageEnded, Completed, Failed)
"""What is recorded behind the greatest length too: without these a trace cannot be read."""

_OLDER = (KernelTimestamp, PeerCalled, Captured)
"""What is older than its place says: the kernel and others tell of it afterwards."""

_SUM_NS = 1_000_000_000  # what one sum may span

_sites: dict[tuple[int, int], tuple[CodeType, str]] = {}
"""Lines that were met, by the identity of their code, which is held so that it stays its own."""


_ways: dict[tuple[int, ...], tuple[str, ...]] = {}
"""Four of them in a row, or as many as are ours: all that say something are held above."""

_MOST_WAYS = 10_000


class _Sum(msgspec.Struct):
    """Calls in a row on a channel that is full."""

    first: Called  # as it would have been recorded alone
    end_ns: int
    length: int
    calls: int = 1
    waited_ns: int = 0

    def event(self) -> Called:
        first = self.first
        return msgspec.structs.replace(
            first,
            result=self.length,
            length=self.length,
            duration_ns=self.end_ns - first.time_ns,
            calls=self.calls,
            waited_ns=self.waited_ns,
        )


class Recorder:
    """The one writer of a trace. `hop` counts the requests, and stages are recorded under it."""

    kernel_times = True
    """Whether the kernel is asked for its times."""

    def __init__(self, trace: Trace, on_event: OnEvent | None = None) -> None:
        self.hop = 1
        self.stage_name = "target"
        self._events = trace.events
        self._limits = trace.options.limits
        self._on_event = on_event
        self._start_ns = time.monotonic_ns()
        self._offsets: dict[str, int] = {}  # octets that crossed in each channel
        self._full = False
        self._sum: _Sum | None = None
        self._kernel_clock = KernelClock()

    @property
    def kept_octets(self) -> int:
        """How many octets of each channel are kept."""
        return self._limits.kept_octets

    @property
    def is_summing(self) -> bool:
        """Whether calls are being summed: an event now would end the sum."""
        return self._sum is not None

    def now_ns(self) -> int:
        """Nanoseconds since the trace began."""
        return time.monotonic_ns() - self._start_ns

    def at_ns(self, monotonic_ns: int) -> int:
        """A moment of the monotonic clock in nanoseconds since the trace began."""
        return monotonic_ns - self._start_ns

    def now_s(self) -> float:
        """Seconds since the trace began."""
        return (time.monotonic_ns() - self._start_ns) / 1e9

    def record(self, event: AnyEvent) -> None:
        """Append one event, unless the list is full and the event is not of those kept always."""
        if self._sum is not None:
            summed, self._sum = self._sum, None
            self.record(summed.event())
        if len(self._events) >= self._limits.trace_events and not isinstance(event, _ALWAYS):
            if self._full:
                return
            self._full = True
            event = Truncated(event.time_ns, "events", self._limits.trace_events)
        self._events.append(event)
        if self._on_event is not None:
            self._on_event(len(self._events), event)

    def end(self, event: Completed | Failed, other_ends: OtherEnds | None) -> None:
        """Record how the fetch ended, behind what the other ends tell of it.

        It is over when what was kept open until then has been closed.
        """
        event = msgspec.structs.replace(event, time_ns=max(event.time_ns, self._told_ns()))
        if other_ends is not None:
            for told in other_ends(tuple(self._events), self._start_ns):
                self.record(told)
        self.record(event)

    def _told_ns(self) -> int:
        """When the last event was that is as old as its place says; others tell of what was."""
        own = (each for each in reversed(self._events) if not isinstance(each, _OLDER))
        last = next(own, None)
        if last is None:
            return 0
        return last.end_ns if isinstance(last, Called) else last.time_ns

    def chose(self, what: str, value: str, why: str = "") -> None:
        """Record a decision."""
        self.record(Chose(self.now_ns(), what, value, why))

    def secrets(self, lines: list[str]) -> None:
        """Record lines of a key log."""
        for line in lines:
            self.record(SecretLogged(self.now_ns(), line))

    def stamped(self, channel: str, offset: int, what: str, realtime_ns: int) -> None:
        """Record the kernel's time for the octets before `offset`; `realtime_ns` is its own."""
        time_ns = self._kernel_clock.monotonic_ns(realtime_ns) - self._start_ns
        self.record(KernelTimestamp(max(0, time_ns), channel, offset, what))

    def without_kernel_times(self, errno: str) -> None:
        """Say, once, which clock is used where the system does not tell the kernel's times."""
        if self.kernel_times:
            self.kernel_times = False
            self.chose("clock", "the program's", f"SO_TIMESTAMPING failed with {errno}.")

    def stage(self, name: str) -> AbstractContextManager[None]:
        """What happens inside belongs to this stage; a failure inside ends it with its code."""
        return _Stage(self, name)

    def called(
        self,
        socket: str,
        call: str,
        arguments: tuple[Plain, ...],
        start_ns: int,
        result: Plain = None,
        errno: str = "",
        depth: int = 1,
    ) -> None:
        """Record a call that moved no octets.

        In: `start_ns`, `now_ns()` from before it; `depth`, how many frames above this one the
        line stands that made the call.
        """
        end_ns = time.monotonic_ns() - self._start_ns
        run = self._sum
        if run is not None and (run.first.socket, "select", "read") == (socket, call, result):
            run.waited_ns += end_ns - start_ns
            return
        taken = end_ns - start_ns
        self.record(Called(start_ns, socket, call, arguments, result, errno, taken, site(depth)))

    def moved(
        self, socket: str, call: str, argument: int, start_ns: int, channel: str, data: bytes
    ) -> None:
        """Record a call that moved `data`, of which what the channel's limit leaves is kept.

        In: `argument`, the size that the call was given. The line that made the call stands two
        frames above this one.
        """
        end_ns = time.monotonic_ns() - self._start_ns
        length = len(data)
        offset = self._offsets.get(channel, 0)
        self._offsets[channel] = offset + length
        room = self._limits.kept_octets - offset
        if room < 0 < length:
            self._add(socket, call, argument, start_ns, end_ns, channel, offset, length)
            return
        kept = data if length <= room else data[: max(room, 0)]
        taken = end_ns - start_ns
        self.record(
            Called(
                start_ns,
                socket,
                call,
                (argument,),
                length,
                "",
                taken,
                site(2),
                channel,
                offset,
                length,
                kept,
            )
        )
        if length > room >= 0:
            self.record(Truncated(self.now_ns(), channel, self._limits.kept_octets))

    def quoted(
        self, socket: str, arguments: tuple[Plain, ...], start_ns: int, told: str, data: bytes
    ) -> None:
        """Record a recvmsg that took an error, and the octets of ours that the error quotes."""
        channel = f"{socket}.quoted"
        offset = self._offsets.get(channel, 0)
        self._offsets[channel] = offset + len(data)
        taken = self.now_ns() - start_ns
        facts = channel if data else "", offset, len(data), data
        self.record(
            Called(start_ns, socket, "recvmsg", arguments, told, "", taken, site(1), *facts)
        )

    def _add(
        self,
        socket: str,
        call: str,
        argument: int,
        start_ns: int,
        end_ns: int,
        channel: str,
        offset: int,
        length: int,
    ) -> None:
        """Sum a call on a channel that is full."""
        run = self._sum
        if run is not None:
            if run.first.channel == channel and end_ns - run.first.time_ns < _SUM_NS:
                run.end_ns = end_ns
                run.length += length
                run.calls += 1
                return
            self._sum = None
            self.record(run.event())
        first = Called(
            start_ns,
            socket,
            call,
            (argument,),
            site=site(3),
            channel=channel,
            offset=offset,
        )
        self._sum = _Sum(first, end_ns, length)


class _Stage(AbstractContextManager[None]):
    """A stage of a recorder: a class, since a generator takes three times as long."""

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder = recorder
        self._name = name

    def __enter__(self) -> None:
        recorder = self._recorder
        recorder.stage_name = self._name
        recorder.record(StageStarted(recorder.now_ns(), self._name, recorder.hop))

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        recorder = self._recorder
        code = _code(error)
        recorder.record(StageEnded(recorder.now_ns(), self._name, recorder.hop, code))


def _code(error: BaseException | None) -> str:
    """What ended a stage; "" if nothing did."""
    if error is None:
        return ""
    if isinstance(error, FetchError):
        return error.code
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else BUG


def site(depth: int) -> tuple[str, ...]:
    """The lines of this package that led to a call, innermost first, at most four.

    In: `depth`, how many frames to leave out, this function's own not counted.
    """
    first = sys._getframe(depth + 1)
    second = first.f_back
    third = second and second.f_back
    fourth = third and third.f_back
    if not (second and third and fourth):
        return _read_site(first)
    # Calls are made from few places, again and again. To hash a code object, or to ask for its
    # line, takes longer than all the rest here.
    way = (
        id(first.f_code),
        first.f_lasti,
        id(second.f_code),
        second.f_lasti,
        id(third.f_code),
        third.f_lasti,
        id(fourth.f_code),
        fourth.f_lasti,
    )
    lines = _ways.get(way)
    if lines is None:
        if len(_ways) >= _MOST_WAYS:
            _ways.clear()
        lines = _ways[way] = _read_site(first)
    return lines


def _read_site(frame: FrameType | None) -> tuple[str, ...]:
    lines: list[str] = []
    while frame is not None and len(lines) < _SITE_FRAMES:
        code = frame.f_code
        key = (id(code), frame.f_lasti)
        known = _sites.get(key)
        if known is None:
            known = _sites[key] = (code, _line(code, frame.f_lineno))
        if not known[1]:
            break
        lines.append(known[1])
        frame = frame.f_back
    return tuple(lines)


def _line(code: CodeType, number: int) -> str:
    """How a line of this package is written; "" for one elsewhere."""
    if not code.co_filename.startswith(_PACKAGE):
        return ""
    path = Path(code.co_filename).relative_to(Path(_PACKAGE).parent).as_posix()
    return f"{path}:{number} {code.co_name}"
