"""TCP_INFO: what Linux knows of a TCP connection, read from its struct tcp_info (tcp(7)).

A kernel gives as many octets of the structure as it knows: an older one gives fewer, and what it
does not know is None. Integers are in the machine's own order.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final, NamedTuple

from netcore.trace import TcpInfoSampled

OCTETS: Final = 232
"""As many of the structure as are read."""

_STATES: Final = (
    "",
    "ESTABLISHED",
    "SYN-SENT",
    "SYN-RECEIVED",
    "FIN-WAIT-1",
    "FIN-WAIT-2",
    "TIME-WAIT",
    "CLOSED",
    "CLOSE-WAIT",
    "LAST-ACK",
    "LISTEN",
    "CLOSING",
)
"""By the kernel's numbers, under the names of RFC 9293 §3.3.2."""

_U32: Final = "I"
_U64: Final = "Q"
_MEMBERS: Final = (
    ("rto_us", 8, _U32),
    ("snd_mss", 16, _U32),
    ("rcv_mss", 20, _U32),
    ("unacked", 24, _U32),
    ("lost", 32, _U32),
    ("retrans", 36, _U32),
    ("pmtu", 60, _U32),
    ("rtt_us", 68, _U32),
    ("rttvar_us", 72, _U32),
    ("snd_ssthresh", 76, _U32),
    ("snd_cwnd", 80, _U32),
    ("rcv_rtt_us", 92, _U32),
    ("rcv_space", 96, _U32),
    ("total_retrans", 100, _U32),
    ("pacing_rate", 104, _U64),
    ("bytes_acked", 120, _U64),
    ("bytes_received", 128, _U64),
    ("notsent_bytes", 144, _U32),
    ("min_rtt_us", 148, _U32),
    ("delivery_rate", 160, _U64),
    ("busy_us", 168, _U64),
    ("rwnd_limited_us", 176, _U64),
    ("sndbuf_limited_us", 184, _U64),
    ("bytes_sent", 200, _U64),
    ("bytes_retrans", 208, _U64),
    ("snd_wnd", 228, _U32),
)
"""Member, where it begins, its type: linux/tcp.h of Linux 6.18; positions never change."""

_NOT_KNOWN: Final = (
    ("min_rtt_us", 0xFFFF_FFFF),
    ("pacing_rate", 0xFFFF_FFFF_FFFF_FFFF),
    ("rcv_rtt_us", 0),
    ("snd_ssthresh", 0x7FFF_FFFF),
)
"""Values that say that there is none yet."""


class _Layout(NamedTuple):
    """The members that so many octets hold, which are read at once."""

    names: tuple[str, ...]
    values: struct.Struct


@lru_cache(maxsize=4)  # a kernel gives one length, but for a socket that it knows nothing of
def _layout(octets: int) -> _Layout:
    form, end, names = "=", 0, []
    for name, at, kind in _MEMBERS:
        size = struct.calcsize(f"={kind}")
        if at + size > octets:
            break
        form += f"{at - end}x{kind}"
        end = at + size
        names.append(name)
    return _Layout(tuple(names), struct.Struct(form))


def read_tcp_info(octets: bytes, time_ns: int, socket: str) -> TcpInfoSampled:
    """The event of a sample. In: `octets`, as `getsockopt` gave them, however many."""
    layout = _layout(len(octets))
    members = dict(zip(layout.names, layout.values.unpack_from(octets), strict=True))
    for name, value in _NOT_KNOWN:
        if members.get(name) == value:
            del members[name]
    number = octets[0] if octets else 0
    state = _STATES[number] if number < len(_STATES) else str(number)
    return TcpInfoSampled(time_ns, socket, state, **members)


class Sampling:
    """When a connection is looked at again: often at first, and seldom if it lasts.

    In: `every_ns`, how far the first samples are apart; it doubles after each `after` of them.
    """

    def __init__(self, every_ns: int = 10_000_000, after: int = 100) -> None:
        self._every_ns = every_ns
        self._after = after
        self._taken = 0
        self._last_ns = 0

    def is_due(self, now_ns: int, *, at_least_ns: int = 0) -> bool:
        """Whether it is time. In: `at_least_ns`, a distance to keep in any case."""
        every_ns = self._every_ns << min(self._taken // self._after, 20)
        return now_ns - self._last_ns >= max(every_ns, at_least_ns)

    def taken(self, now_ns: int) -> None:
        """A sample was taken."""
        self._taken += 1
        self._last_ns = now_ns
