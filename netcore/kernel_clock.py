"""Kernel clock: when the kernel itself saw octets cross, on the clock of the trace.

Theory of operation. With SO_TIMESTAMPING Linux notes when octets were handed to the device's queue,
when the device took them, when TCP got them acknowledged, and when they arrived. What concerns
sending comes as messages on the socket's error queue, each with the number of an octet (TCP) or of
a datagram (UDP); what concerns receiving comes beside the octets. One message may speak of several
sends, so they are matched by offset and never counted. No privilege is needed.

The kernel stamps with CLOCK_REALTIME, and a trace has a monotonic clock: both are read together,
and the difference is applied. Both are disciplined alike, so only a clock that is set changes it.

https://docs.kernel.org/networking/timestamping.html, linux/net_tstamp.h, linux/errqueue.h.
"""

from __future__ import annotations

import platform
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from netcore.error_queue import IP_RECVERR, IPV6_RECVERR

_OTHER_NUMBERS: Final = ("sparc", "parisc")  # machines where the option has another number
OPTION: Final[int | None] = (
    37 if sys.platform == "linux" and not platform.machine().startswith(_OTHER_NUMBERS) else None
)
"""SO_TIMESTAMPING, which Python has no name for; None where there is no such thing."""

NAME: Final = "SO_TIMESTAMPING"
NUMBERS: Final = {NAME: OPTION, "IP_RECVERR": IP_RECVERR, "IPV6_RECVERR": IPV6_RECVERR}
"""Options of Linux that Python has no names for."""

ARRIVALS: Final = 1 << 3 | 1 << 4  # SOF_TIMESTAMPING_RX_SOFTWARE, _SOFTWARE
_SENDS: Final = 1 << 1 | 1 << 8 | 1 << 7 | 1 << 11  # _TX_SOFTWARE, _TX_SCHED, _OPT_ID, _OPT_TSONLY
UDP: Final = ARRIVALS | _SENDS
TCP: Final = UDP | 1 << 9  # SOF_TIMESTAMPING_TX_ACK

ANCILLARY_OCTETS: Final = 128  # beside received octets: one stamp
ERROR_OCTETS: Final = 256  # of a message of the error queue: a stamp, and what it is about

HANDED_OVER: Final = "handed over"
SENT: Final = "sent"
ACKNOWLEDGED: Final = "acknowledged"
ARRIVED: Final = "arrived"
WHAT: Final = (HANDED_OVER, SENT, ACKNOWLEDGED, ARRIVED)
"""What a stamp can speak of, in the order in which octets meet it."""

_TIMES: Final = struct.Struct("@ll")  # the first of three struct timespec: software
_ERROR: Final = struct.Struct("@IBBBBII")  # struct sock_extended_err
_ENOMSG: Final = 42
_ORIGIN_TIMESTAMPING: Final = 4
_KINDS: Final = {1: HANDED_OVER, 0: SENT, 2: ACKNOWLEDGED}  # SCM_TSTAMP_SCHED, _SND, _ACK
_SOL_SOCKET: Final = 1
_NARROW_NS: Final = 5_000  # between two looks at one clock: the other was read undisturbed
_FRESH_NS: Final = 10_000_000  # so long the difference is not looked at again

Ancillary = Iterable[tuple[int, int, bytes]]
"""As `recvmsg` gives it: level, type, octets."""


class Note(NamedTuple):
    """What a message of the error queue says. `number` counts octets or datagrams from 0."""

    what: str
    number: int
    realtime_ns: int


def read_arrival(ancillary: Ancillary) -> int:
    """When the last of the octets beside this arrived, on CLOCK_REALTIME; 0 if nobody says."""
    for level, kind, octets in ancillary:
        if kind == OPTION and level == _SOL_SOCKET and len(octets) >= _TIMES.size:
            seconds: int
            seconds, nanoseconds = _TIMES.unpack_from(octets)
            return seconds * 1_000_000_000 + int(nanoseconds)
    return 0


def read_note(ancillary: Ancillary) -> Note | None:
    """The note in a message of the error queue; None if it holds another error, or no time."""
    ancillary = tuple(ancillary)
    realtime_ns = read_arrival(ancillary)
    for level, kind, octets in ancillary:
        if (level, kind) == (_SOL_SOCKET, OPTION) or len(octets) < _ERROR.size:
            continue
        number, origin, _, _, _, info, data = _ERROR.unpack_from(octets)
        what = _KINDS.get(info)
        if (number, origin) == (_ENOMSG, _ORIGIN_TIMESTAMPING) and what and realtime_ns:
            return Note(what, data, realtime_ns)
    return None


class KernelClock:
    """Turns the kernel's times into those of a monotonic clock."""

    def __init__(
        self,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        realtime_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self._monotonic_ns = monotonic_ns
        self._realtime_ns = realtime_ns
        self._ahead_ns: int | None = None
        self._read_ns = -_FRESH_NS  # when that was found undisturbed, on CLOCK_REALTIME

    def monotonic_ns(self, realtime_ns: int) -> int:
        """The moment of a stamp on the monotonic clock."""
        if self._ahead_ns is not None and abs(realtime_ns - self._read_ns) < _FRESH_NS:
            return realtime_ns - self._ahead_ns
        before = self._monotonic_ns()
        now = self._realtime_ns()
        after = self._monotonic_ns()
        narrow = after - before < _NARROW_NS
        if self._ahead_ns is None or narrow:
            self._ahead_ns = now - (before + after) // 2
            self._read_ns = now if narrow else -_FRESH_NS
        return realtime_ns - self._ahead_ns


class Stamping:
    """Which of one socket's octets the kernel was asked about, and what it has not told yet.

    In: `limit`, how many octets of each direction are asked about; `datagrams`, whether notes
    count datagrams instead of octets.
    """

    def __init__(self, limit: int, *, datagrams: bool) -> None:
        self.sends = True  # whether what is sent from now on is asked about
        self.arrivals = True
        self._limit = limit
        self._datagrams = datagrams
        self._last = SENT if datagrams else ACKNOWLEDGED  # what is told of octets at last
        self._sent = 0  # octets
        self._asked = 0  # octets, as far as notes are due
        self._told = 0
        self._received = 0
        self._count = 0  # datagrams that went out, but for those in `_ends`
        self._ends: deque[int] = deque()  # where datagrams end that notes are due for

    @property
    def owed(self) -> bool:
        """Whether notes are due."""
        return self._told < self._asked

    def sent(self, octets: int) -> bool:
        """The kernel took octets. Out: whether there is no point in asking about further ones."""
        self._sent += octets
        if not self.sends:
            return False
        self._asked = self._sent
        if self._datagrams:
            self._ends.append(self._sent)
        self.sends = self._sent < self._limit
        return not self.sends

    def received(self, octets: int) -> int:
        """Octets were read. Out: where the last of them ends in its channel."""
        self._received += octets
        self.arrivals = self._received < self._limit
        return self._received

    def end_of(self, note: Note) -> int:
        """Where what a note speaks of ends in the channel, 0 for what was not asked about."""
        end = self._end_of_datagram(note.number) if self._datagrams else note.number + 1
        if end > self._asked:
            return 0
        if note.what == self._last:
            self._told = max(self._told, end)
        return end

    def _end_of_datagram(self, number: int) -> int:
        while self._ends and self._count < number:
            self._ends.popleft()
            self._count += 1
        return self._ends[0] if self._ends and self._count == number else 0
