"""Path: the hops that the recorded probes of a fetch found.

A pure reading of calls: a probe is a socket whose time to live was set in the stage `path`; what
came back is in its error queue, or is what became of connecting.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from netcore.error_queue import Reported, read_reported
from netcore.figures import duration
from netcore.trace import AnyEvent, Called, StageEnded, StageStarted

MOST_HOPS: Final = 255
_LIMITS: Final = ("IP_TTL", "IPV6_UNICAST_HOPS")
_PASSING: Final = {("ICMP", 11), ("ICMPv6", 3)}
_UNREACHABLE: Final = {("ICMP", 3), ("ICMPv6", 1)}
_REFUSED: Final = ("ECONNREFUSED", "ECONNRESET")


class PathProbe(msgspec.Struct, frozen=True):
    """One probe: who answered, after how many nanoseconds, and with what."""

    event: int  # the number of the call that shows the answer, of connect() where there was none
    address: str = ""  # "" for no answer
    wait_ns: int = 0
    answer: str = (
        ""  # "time exceeded", "connected", "refused", "unreachable: ICMP 3/1"; "" for none
    )


class PathHop(msgspec.Struct, frozen=True):
    """All probes that were allowed as many routers."""

    number: int
    probes: tuple[PathProbe, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Who answered, each once; several where routers share the work."""
        return tuple(dict.fromkeys(each.address for each in self.probes if each.address))

    @property
    def answer(self) -> str:
        """What the answers said, "" if none came."""
        answers = dict.fromkeys(each.answer for each in self.probes if each.answer)
        return ", ".join(answers)

    @property
    def waits(self) -> tuple[str, ...]:
        """How long each probe took, "*" for one without an answer."""
        return tuple(duration(each.wait_ns) if each.address else "*" for each in self.probes)


class Path(msgspec.Struct, frozen=True):
    """The way to an endpoint, hop by hop."""

    target: str  # "93.184.216.34:443"
    protocol: str  # "TCP" or "UDP"
    hops: tuple[PathHop, ...]
    reached: bool  # whether the endpoint itself answered


class _Probed(msgspec.Struct):
    """What is known of a socket of the stage."""

    hops: int
    target: str = ""
    began_ns: int = 0
    found: PathProbe | None = None
    event: int = 0


def read_path(events: Sequence[AnyEvent]) -> Path | None:
    """The path of a trace; None if none was asked for, or no probe left."""
    probes: dict[str, _Probed] = {}
    for number, event in _of_stage(events):
        if event.call == "setsockopt" and event.arguments[1:2] and event.arguments[1] in _LIMITS:
            limit = event.arguments[-1]
            if isinstance(limit, int) and 0 < limit <= MOST_HOPS:
                probes[event.socket] = _Probed(limit)
        elif event.socket in probes:
            _take(probes[event.socket], number, event)
    sent = {name: probe for name, probe in probes.items() if probe.target}
    if not sent:
        return None
    first, target = next((name, probe.target) for name, probe in sent.items())
    hops = tuple(_cut(_hops(sent.values()), _host(target)))
    reached = any(_host(target) in hop.addresses for hop in hops)
    return Path(target, first.partition(":")[0].upper(), hops, reached)


def _of_stage(events: Iterable[AnyEvent]) -> Iterable[tuple[int, Called]]:
    inside = False
    for number, event in enumerate(events, start=1):
        if isinstance(event, StageStarted | StageEnded) and event.stage == "path":
            inside = isinstance(event, StageStarted)
        elif inside and isinstance(event, Called):
            yield number, event


def _take(probe: _Probed, number: int, event: Called) -> None:
    if event.call == "connect":
        probe.target = str(event.arguments[0]) if event.arguments else ""
        probe.began_ns, probe.event = event.time_ns, number
        if event.errno in _REFUSED:
            _settle(probe, number, event.end_ns, _host(probe.target), "refused")
    elif event.call == "send" and not event.errno:
        probe.began_ns = event.time_ns
    elif event.call == "recvmsg" and (reported := read_reported(event.result)) is not None:
        _settle(probe, number, event.end_ns, reported.offender, _said(reported))
    elif event.call == "getsockopt" and event.arguments[1:2] == ("SO_ERROR",):
        answer = "refused" if event.errno in _REFUSED else event.errno or "connected"
        _settle(probe, number, event.end_ns, _host(probe.target), answer)
    elif event.call == "recv":
        answer = "refused" if event.errno in _REFUSED else "answered"
        _settle(probe, number, event.end_ns, _host(probe.target), answer)


def _settle(probe: _Probed, number: int, at_ns: int, address: str, answer: str) -> None:
    """The first answer counts."""
    if probe.found is None and address:
        probe.found = PathProbe(number, address, max(0, at_ns - probe.began_ns), answer)


def _said(reported: Reported) -> str:
    kind = reported.origin, reported.type
    if kind in _PASSING:
        return "time exceeded"
    if reported.errno in _REFUSED:
        return "refused"
    what = "unreachable" if kind in _UNREACHABLE else reported.errno
    return f"{what}: {reported.origin} {reported.type}/{reported.code}"


def _hops(probes: Iterable[_Probed]) -> list[PathHop]:
    """By number, from 1 to the highest that was probed."""
    by_number: dict[int, list[PathProbe]] = {}
    for probe in probes:
        found = probe.found or PathProbe(probe.event)
        by_number.setdefault(probe.hops, []).append(found)
    return [PathHop(number, tuple(by_number[number])) for number in sorted(by_number)]


def _cut(hops: Sequence[PathHop], host: str) -> Iterable[PathHop]:
    """Up to the first that ends the path; of a path without an end, up to the last answer."""
    last = max((at for at, hop in enumerate(hops) if hop.answer), default=-1)
    for at, hop in enumerate(hops):
        yield hop
        ends = host in hop.addresses or any(
            probe.answer and probe.answer != "time exceeded" for probe in hop.probes
        )
        if ends or at > last:
            return


def _host(endpoint: str) -> str:
    """The address of "192.0.2.1:443" or "[2001:db8::1]:443"."""
    return endpoint.rpartition(":")[0].strip("[]")
