"""Probing: which routers lie between here and an endpoint that a fetch had to do with.

Theory of operation. A packet that may pass only so many routers is thrown away by the next one,
which says so by ICMP (RFC 792). Linux keeps that answer in the error queue of the socket, for any
user, and drops one whose quote does not fit the connection. So each probe is a socket of its own
that begins to connect, to the real port, with a small time to live; what comes back is the address
of a router, or of the endpoint itself. Probes go out for a few hops at a time, one a hop first and
the others once it is known how far the path goes. Nothing is sent on a probe that connects.

Over UDP nothing connects, so a probe carries what every server of QUIC answers without keeping
anything: a packet of a version that nobody speaks, which asks which ones it does (RFC 9000 §6).

Only an admitted endpoint is probed. What bounds it: 30 hops, 3 probes each, half a second for the
answers of a round, ten hops in a row without any, and five seconds in all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from netcore.error_queue import MESSAGE_OCTETS, Reported, read_ancillary
from netcore.guard import Admitted
from netcore.kernel_clock import ERROR_OCTETS
from netcore.wire import READ, WRITE, CallFailed, Socket, Wire

HOPS: Final = 30
PROBES: Final = 3  # a hop
AT_A_TIME: Final = 5  # hops
ANSWER_S: Final = 0.5
TOTAL_S: Final = 5.0
SILENT: Final = 10  # hops

_TIME_EXCEEDED: Final = {("ICMP", 11), ("ICMPv6", 3)}
_RESERVED: Final = 0x1A2A_3A4A  # a version that exists to be refused (RFC 9000 §15)
_OCTETS: Final = 1_200  # a server need not answer a shorter packet (RFC 9000 §14.1)
_IDS: Final = b"\x08wiretale\x08the path"
_REFUSED: Final = ("ECONNREFUSED", "ECONNRESET")


class _Probe:
    """One socket under way."""

    def __init__(self, socket: Socket, hops: int) -> None:
        self.socket = socket
        self.hops = hops


class Probing:
    """The probes of one path."""

    def __init__(
        self, wire: Wire, endpoint: Admitted, protocol: str = "tcp", left_s: float | None = None
    ) -> None:
        """In: `protocol`, "tcp" or "udp"; `left_s`, where the fetch has a bound of its own."""
        self._wire = wire
        self._endpoint = endpoint
        self._protocol = protocol
        given_s = TOTAL_S if left_s is None else min(TOTAL_S, left_s)
        self._end_s = wire.recorder.now_s() + given_s
        self._answered: set[int] = set()  # hops that said anything
        self._last = HOPS  # the hop at which the path ends, as far as is known

    def run(self) -> None:
        """Probe until the endpoint answers, or a bound is met. All of it is recorded as calls."""
        chose = self._wire.recorder.chose
        if not sys.platform.startswith("linux"):
            chose("path", "not probed", "Only Linux tells who sent an ICMP error.")
            return
        try:
            why = self._probe()
        except CallFailed as failed:
            why = f"The kernel did not let a probe out: {failed.errno}."
        chose("path", "ended", why)

    def _probe(self) -> str:
        """Out: why it ended. Raises: CallFailed."""
        for first in range(1, HOPS + 1, AT_A_TIME):
            hops = range(first, min(first + AT_A_TIME, HOPS + 1))
            self._round(hops)
            known = [each for each in hops if each <= self._last]
            self._round(known * (PROBES - 1))
            if self._last < HOPS:
                return f"Hop {self._last} is the last one."
            if self._left_s() <= 0:
                return "The time for it was over."
            if first + AT_A_TIME - 1 - max(self._answered, default=0) >= SILENT:
                return f"{SILENT} hops in a row did not answer."
        return f"{HOPS} hops are as many as are probed."

    def _left_s(self) -> float:
        return self._end_s - self._wire.recorder.now_s()

    def _round(self, hops: Iterable[int]) -> None:
        """Send a probe for each of these hops, and wait for the answers."""
        under_way: list[_Probe] = []
        try:
            for each in hops:
                if self._left_s() > 0 and each <= self._last:
                    self._begin(under_way, each)
                    # What has come by now is not to wait, in its time, for the next probes.
                    self._collect(under_way, 0)
            end_s = self._wire.recorder.now_s() + min(ANSWER_S, max(0.0, self._left_s()))
            while under_way and (left_s := end_s - self._wire.recorder.now_s()) > 0:
                self._collect(under_way, left_s)
        finally:
            for probe in under_way:
                probe.socket.close()

    def _collect(self, under_way: list[_Probe], patience_s: float) -> None:
        """Take the answers that are there, or the first ones to come."""
        if not under_way:
            return
        wanted = READ if self._protocol == "udp" else WRITE
        ready = self._wire.wait([(each.socket, wanted) for each in under_way], patience_s)
        for probe in [each for each in under_way if each.socket in ready]:
            if self._take(probe):
                under_way.remove(probe)
                probe.socket.close()

    def _begin(self, under_way: list[_Probe], hops: int) -> None:
        """Raises: CallFailed."""
        socket = self._wire.probe(self._endpoint, self._protocol)
        probe = _Probe(socket, hops)
        under_way.append(probe)
        _limit_hops(socket, hops)
        _report_errors(socket)
        try:
            socket.connect()
            socket.local()
            if self._protocol == "udp":
                socket.send(asks_for_versions())
        except CallFailed as failed:
            if failed.errno not in _REFUSED:
                raise
            # Refused at once, as on the loopback device; its error may be in the queue too.
            self._settle(probe, self._reported(socket))
            under_way.remove(probe)
            socket.close()

    def _take(self, probe: _Probe) -> bool:
        """A socket is ready. Out: whether that was the answer to its probe."""
        reported = self._reported(probe.socket)
        if reported is None and self._protocol == "udp":
            with suppress(CallFailed):
                if probe.socket.recv(65_535) is None:
                    return False
        elif reported is None:
            probe.socket.connect_error()
        self._settle(probe, reported)
        return True

    def _reported(self, socket: Socket) -> Reported | None:
        """Take the next error that was kept, None if there is none.

        Of TCP the segment that it quotes is recorded. A socket of UDP sent one datagram alone.
        """
        recorder = self._wire.recorder
        start_ns = recorder.now_ns()
        octets = 0 if self._protocol == "udp" else MESSAGE_OCTETS
        message = socket.error_message(octets)
        if message is None:
            return None
        reported = read_ancillary(message[1])
        arguments = (octets, ERROR_OCTETS, "MSG_ERRQUEUE")
        recorder.quoted(socket.name, arguments, start_ns, str(reported), message[0])
        return reported

    def _settle(self, probe: _Probe, reported: Reported | None) -> None:
        """Note an answer; any but that the time to live ran out ends the path at its hop."""
        self._answered.add(probe.hops)
        passing = reported is not None and (reported.origin, reported.type) in _TIME_EXCEEDED
        if not passing:
            self._last = min(self._last, probe.hops)


def asks_for_versions() -> bytes:
    """A datagram that a server of QUIC answers with the versions that it speaks.

    It looks like an Initial packet of version 1, for servers that read on before they look at it.
    """
    head = b"\xc0" + _RESERVED.to_bytes(4, "big") + _IDS + b"\0"  # without a token
    left = _OCTETS - len(head) - 2
    return head + (0x4000 | left).to_bytes(2, "big") + bytes(left)


def _limit_hops(socket: Socket, count: int) -> None:
    """Let what is sent pass so many routers at most, less one. Raises: CallFailed."""
    names = ("IPPROTO_IPV6", "IPV6_UNICAST_HOPS") if socket.is_ipv6 else ("IPPROTO_IP", "IP_TTL")
    socket.set_option(*names, count, count)


def _report_errors(socket: Socket) -> None:
    """Keep ICMP errors about a socket, with who sent them (ip(7)). Raises: CallFailed."""
    names = ("IPPROTO_IPV6", "IPV6_RECVERR") if socket.is_ipv6 else ("IPPROTO_IP", "IP_RECVERR")
    socket.set_option(*names, 1, 1)
