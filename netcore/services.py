"""Services: what HTTPS records change about whom a fetch connects to (RFC 9460).

Theory of operation. The records of a name are taken in the order of their priorities. An alias
leads to another name, which is asked about in its turn. Of the others each one that is understood
and that the guard lets through becomes a `Service`: a name, a port, the protocols that it speaks
(ALPN) and endpoints. The endpoints of those that speak HTTP over TCP stand before those of the
name itself, which stay behind them as the way that always was (§3). A record that asks for what
may not be reached is left out and told; it never widens what the guard allows.

Hints (§7.3) stand in for addresses that are not known, and only for these: a name's own answers
are newer. They are judged all the same, each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.host import read_host, shown
from netcore.protocols.dns import Answer
from netcore.protocols.dns_services import ServiceRecord
from netcore.recorder import Recorder
from netcore.target import Target

ALIASES: Final = 4  # AliasMode records that are followed one after the other
RECORDS: Final = 8  # of one name that are looked at

AddressesOf = Callable[[str], Sequence[str]]
"""The addresses of a name, none if it has none. Raises: Refused where an alias is refused."""


class Service(msgspec.Struct, frozen=True):
    """One way to reach what the URL names, let through by the guard.

    `alpn` lists the protocols that its server speaks by their names in ALPN ("h2", "h3"). The
    endpoints hold for TCP and for UDP.
    """

    priority: int
    name: str
    port: int
    alpn: tuple[str, ...]
    endpoints: tuple[Admitted, ...]


class Resolved(msgspec.Struct, frozen=True):
    """What a target's name came to: whom to connect to by TCP, in order, and its services."""

    endpoints: tuple[Admitted, ...]
    services: tuple[Service, ...] = ()


class Services:
    """Judges the HTTPS records of one target."""

    def __init__(self, recorder: Recorder, guard: Guard, addresses_of: AddressesOf) -> None:
        self._recorder = recorder
        self._guard = guard
        self._addresses_of = addresses_of
        self._known: dict[str, Sequence[str]] = {}

    def know(self, name: str, addresses: Sequence[str]) -> None:
        """Take what is known of a name already, so that it is not asked about again."""
        self._known[name] = addresses

    def alias(self, records: Iterable[ServiceRecord]) -> str:
        """The name that an AliasMode record leads to, "" if none does. Others are ignored (§2.4.1).

        Raises: Refused guard.bad_host, guard.blocked_name.
        """
        aliases = [each for each in records if each.is_alias]
        if not aliases:
            return ""
        first = aliases[0]
        if not first.target:
            self._tell("0 .", f"{first.owner} says that the service does not exist (§2.5.1).")
            return ""
        leads = f"The HTTPS record of {shown(first.owner)} is an alias of {shown(first.target)}"
        try:
            if read_host(first.target)[1]:
                raise Refused("guard.bad_host", "an address stands where a name has to stand")
            self._guard.vet_name(first.target)
        except Refused as refused:
            raise Refused(refused.code, f"{leads}: {refused.message}") from None
        self._tell(_titled(first), f"{leads}, which is asked about next.")
        return first.target

    def of(self, target: Target, answer: Answer) -> tuple[Service, ...]:
        """The services that the records stand for, as far as the guard lets them through."""
        records = [each for each in answer.services if not each.is_alias]
        found = []
        for record in records[:RECORDS]:
            service, why = self._judged(target, record)
            self._tell(_titled(record), why)
            if service is not None:
                found.append(service)
        return tuple(found)

    def _judged(self, target: Target, record: ServiceRecord) -> tuple[Service | None, str]:
        if record.missing:
            keys = ", ".join(record.missing)
            return None, f"Left out: it makes {shown(keys)} mandatory, which is not spoken here."
        try:
            return self._admitted(target, record)
        except FetchError as refused:
            return None, f"Left out: {refused.message}"

    def _admitted(self, target: Target, record: ServiceRecord) -> tuple[Service | None, str]:
        """Raises: FetchError where it leads to what may not be reached."""
        name, port = record.name, record.port or target.port
        if record.target:
            if read_host(name)[1]:
                raise Refused("guard.bad_host", f"{shown(name)} is an address, not a name.")
            self._guard.vet_name(name)
        addresses, source = self._addresses(name), "addresses"
        hints, refused = self._hints(name, port, record.hints)
        if not addresses:
            endpoints, source = hints, "hinted addresses"
        else:
            endpoints = self._guard.vet_service(name, port, addresses)
        if not endpoints:
            return None, f"Left out: no address is known for {shown(name)}.{refused}"
        service = Service(record.priority, name, port, record.alpn, endpoints)
        return service, f"{_offers(record, service, source)}{refused}"

    def _addresses(self, name: str) -> Sequence[str]:
        if name not in self._known:
            self._known[name] = self._addresses_of(name)
        return self._known[name]

    def _hints(
        self, name: str, port: int, hints: Sequence[str]
    ) -> tuple[tuple[Admitted, ...], str]:
        """The hints, if all of them may be reached; else none, and why."""
        try:
            return self._guard.vet_service(name, port, hints), ""
        except Refused as refused:
            return (), f" Its hints are left out: {refused.message}"

    def _tell(self, value: str, why: str) -> None:
        self._recorder.chose("https record", value, why)


def over_tcp(services: Iterable[Service], spoken: Sequence[str]) -> list[Admitted]:
    """The endpoints of those that speak one of these protocols, in their order, each once."""
    usable = [each for each in services if set(each.alpn) & set(spoken)]
    return list(dict.fromkeys(endpoint for each in usable for endpoint in each.endpoints))


def _titled(record: ServiceRecord) -> str:
    port = f" port {record.port}" if record.port is not None else ""
    return f"{record.priority} {shown(record.target) or '.'}{port}"


def _offers(record: ServiceRecord, service: Service, source: str) -> str:
    listed = ", ".join(each.address for each in service.endpoints[:4])
    alpn = ", ".join(shown(each) for each in record.alpn[:4]) or "nothing that is named"
    told = f"It speaks {alpn} at port {service.port} of {shown(service.name)}; {source}: {listed}."
    if record.hints and source == "addresses":
        told += " Its hints are not needed: the name's own answer is newer."
    if record.ech:
        told += " It has keys for Encrypted ClientHello, which is not spoken here."
    return told
