"""Walk: the name is asked for from the root down, of each zone's own servers (RFC 1034 §5.3.3).

Theory of operation. A resolver does this for its clients and remembers what it learns; here it is
done once, in the open. The question goes out without recursion (RD=0), first to a server of the
root. As long as the answer is a referral to a zone that is nearer to the name, a server of that
zone is asked next. What leads elsewhere by an alias is walked to in its turn, from the nearest zone
that is known by then.

Every server passes the guard before it is asked: whoever runs a zone says which addresses its
servers have. Questions are counted, those on the way to the address of a server included.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from netcore.deadline import Deadlines
from netcore.dns_sockets import OverTcp, OverUdp, shown
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.options import Limits
from netcore.protocols.dns import AAAA, A, Answer, ask, judge
from netcore.protocols.dns_referral import Referral, is_authoritative, read_referral
from netcore.wire import CallFailed, Wire

WalkServers = Sequence[tuple[str, tuple[str, ...]]]
"""Names of servers, each with the addresses that are known of it."""

_TRIED: Final = 3  # servers of one zone, until it is given up
_DEPTH: Final = 3  # walks inside walks, for servers of which no address is known
_IGNORED: Final = 8
_shuffled: Final = random.SystemRandom()


class Walk:
    """The walks of one name and of what it leads to. `queries` counts their questions.

    In: `roots`, the servers of the root zone, and the port at which all servers are asked.
    """

    def __init__(
        self,
        wire: Wire,
        guard: Guard,
        deadlines: Deadlines,
        limits: Limits,
        roots: WalkServers,
        port: int = 53,
    ) -> None:
        self.queries = 0
        self._wire = wire
        self._guard = guard
        self._deadlines = deadlines
        self._limits = limits
        self._port = port
        self._zones: dict[str, WalkServers] = {"": roots}  # that are known by now
        self._depth = 0

    def look_up(self, name: str) -> list[Answer]:
        """The answers of the zone's own servers about the addresses of a name, to AAAA first.

        Raises: FetchError with a code of dns, Refused.
        """
        answer = self._down(name, A)
        if answer.rcode != "NOERROR" or (answer.aliases and not answer.addresses):
            return [answer]
        return [self._down(name, AAAA), answer]

    def _down(self, name: str, rdtype: str) -> Answer:
        """From the nearest zone that is known, by referrals, to an answer."""
        while True:
            zone = max((each for each in self._zones if _is_in(name, each)), key=len)
            answer, referral = self._ask_zone(zone, name, rdtype)
            if referral is None:
                return answer
            listed = ", ".join(each for each, _ in referral.servers[:3])
            more = f" and {len(referral.servers) - 3} more" if len(referral.servers) > 3 else ""
            why = (
                f"The servers of {_title(zone)} do not have it; they name those of {referral.zone}"
            )
            self._wire.recorder.chose("referral", referral.zone, f"{why}: {listed}{more}.")
            self._zones[referral.zone] = referral.servers

    def _ask_zone(self, zone: str, name: str, rdtype: str) -> tuple[Answer, Referral | None]:
        """What the servers of a zone say: the first that says anything of use."""
        why: FetchError | None = None
        for server, address in self._candidates(zone)[:_TRIED]:
            try:
                return self._ask_server(zone, server, address, name, rdtype)
            except FetchError as error:
                if not error.code.startswith(("dns.", "guard.")) or self._is_over:
                    raise
                self._wire.recorder.chose("dns answer", "none", error.message)
                if why is None or not isinstance(error, Refused):
                    why = error
        raise why or FetchError(
            "dns.lame", f"No address of a server of {_title(zone)} is known, so the walk ends."
        )

    @property
    def _is_over(self) -> bool:
        return self.queries > self._limits.dns_queries

    def _candidates(self, zone: str) -> list[tuple[str, str]]:
        """Servers of a zone and an address of each. Without any, their names are walked to."""
        servers = list(self._zones[zone])
        if len(servers) > 1:
            _shuffled.shuffle(servers)
        known = [(server, each) for server, addresses in servers for each in addresses[:1]]
        known += [(server, each) for server, addresses in servers for each in addresses[1:]]
        if known or self._depth >= _DEPTH:
            return known
        self._depth += 1
        try:
            for server, _ in servers[:_TRIED]:
                addresses = self._addresses_of(server)
                if addresses:
                    self._zones[zone] = [(server, tuple(addresses))]
                    return [(server, each) for each in addresses]
        finally:
            self._depth -= 1
        return []

    def _addresses_of(self, server: str) -> list[str]:
        why = "Its zone is served from another one, and no address came along: that is asked first."
        self._wire.recorder.chose("name server", server, why)
        try:
            return list(self._down(server, A).addresses)
        except FetchError as error:
            if self._is_over or not error.code.startswith("dns."):
                raise
            return []

    def _ask_server(
        self, zone: str, server: str, address: str, name: str, rdtype: str
    ) -> tuple[Answer, Referral | None]:
        admitted = self._guard.admit_name_server(address, self._port)
        why = f"It serves {_title(zone)} and is asked about {name} {rdtype}, without recursion."
        self._wire.recorder.chose("name server", f"{server} at {shown(admitted)}", why)
        answer, message = self._exchange(OverUdp, admitted, name, rdtype)
        if answer.truncated:
            self._wire.recorder.chose(
                "dns answer", "truncated", f"All of it is asked for over TCP: {server}."
            )
            answer, message = self._exchange(OverTcp, admitted, name, rdtype)
        if answer.truncated:
            raise FetchError("dns.truncated", f"{server} cut its answer over TCP as well (TC=1).")
        referral = None
        if answer.rcode == "NOERROR" and not (answer.addresses or answer.aliases):
            referral = read_referral(message, name, zone)
        if answer.rcode not in ("NOERROR", "NXDOMAIN"):
            raise FetchError(
                "dns.lame", f"{server} is named for {_title(zone)}, and answered {answer.rcode}."
            )
        if referral is None and not is_authoritative(message):
            raise FetchError(
                "dns.lame",
                f"{server} is named for {_title(zone)}, and neither has {name} nor names who does.",
            )
        return answer, referral

    def _exchange(
        self, how: type[OverUdp] | type[OverTcp], server: Admitted, name: str, rdtype: str
    ) -> tuple[Answer, bytes]:
        """One question and its answer, with its octets. Raises: FetchError, Refused."""
        self.queries += 1
        if self._is_over:
            raise FetchError(
                "dns.timeout",
                f"{self._limits.dns_queries} questions were asked on the way, and {name} is not "
                "resolved.",
            )
        question = ask(name, rdtype, recursion=False)
        way: OverUdp | OverTcp
        try:
            if how is OverTcp:
                way = OverTcp(self._wire, self._guard, server, question)
            else:
                way = OverUdp(self._wire, server, question)
        except CallFailed as failed:
            raise _unreached(server, failed) from failed
        try:
            way.start()
            return self._awaited(way)
        except CallFailed as failed:
            raise _unreached(server, failed) from failed
        finally:
            way.socket.close()

    def _awaited(self, way: OverUdp | OverTcp) -> tuple[Answer, bytes]:
        until_s = self._wire.recorder.now_s() + self._limits.dns_try_s
        ignored = 0
        while ignored < _IGNORED:
            left_s = until_s - self._wire.recorder.now_s()
            stage_s = self._deadlines.remaining_s()
            if left_s <= 0:
                break
            left_s = left_s if stage_s is None else min(left_s, stage_s)
            if not self._wire.wait([(way.socket, way.wants)], left_s):
                continue
            for message in way.receive():
                verdict = judge(way.question, message)
                if isinstance(verdict, Answer):
                    return verdict, message
                ignored += 1
                self._wire.recorder.chose("dns answer", "ignored", verdict.why)
        raise FetchError(
            "dns.timeout",
            f"{shown(way.server)} gave no usable answer about {way.question.name} within "
            f"{self._limits.dns_try_s:g} s.",
        )


def _unreached(server: Admitted, failed: CallFailed) -> FetchError:
    return FetchError("dns.unreachable", f"{shown(server)} could not be asked: {failed.errno}.")


def _is_in(name: str, zone: str) -> bool:
    return not zone or name == zone or name.endswith(f".{zone}")


def _title(zone: str) -> str:
    return zone or "the root"
