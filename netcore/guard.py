"""Guard: which names, addresses and ports may be reached, and why not.

A socket is connected only to an `Admitted` endpoint, and only this module makes those. The order
is: the target's name and port, then every address that the name has. One address that may not be
reached refuses them all: whoever controls the name controls which of them is tried first.

Everything that is not public is refused by default. Two things widen that: the endpoints that the
lab has registered pass in every mode, and `Options.allow_private` lifts the rules on addresses,
ports and special-use names. Python's `is_global` is not used: on the Pythons that we support it
calls multicast, NAT64 and 6to4 of private addresses global.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, NoReturn

import msgspec

from netcore.errors import Refused
from netcore.name_servers import TRANSPORTS, parse_server
from netcore.options import Options
from netcore.own_addresses import own_addresses
from netcore.raw_target import SCHEMES as RAW_SCHEMES
from netcore.registries.special import NAMES_NOT_FETCHED, SPECIAL_PURPOSE_BLOCKS, SpecialBlock
from netcore.target import Target

Address = IPv4Address | IPv6Address

PORTS: Final = (80, 443, 8000, 8080, 8443)
DNS_PORT: Final = 53
LAB_DOMAIN: Final = "lab.test"

_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_BLOCKS: Final = (
    *SPECIAL_PURPOSE_BLOCKS,
    SpecialBlock(ip_network("224.0.0.0/4"), "Multicast", "RFC 5771"),
    SpecialBlock(ip_network("168.63.129.16/32"), "the host of a virtual machine in Azure", ""),
    SpecialBlock(ip_network("3ffe::/16"), "6bone, given back", "RFC 3701"),
    SpecialBlock(ip_network("fec0::/10"), "Site-local, deprecated", "RFC 3879"),
    SpecialBlock(ip_network("ff00::/8"), "Multicast", "RFC 4291 §2.7"),
)
_ISATAP_IDENTIFIERS: Final = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214 §6.1


class Admitted(msgspec.Struct, frozen=True):
    """An endpoint that may be connected to: an address in its canonical form and a port.

    `why` is the sentence for the trace.
    """

    address: str
    port: int
    why: str


class Guard:
    """The verdicts for one fetch. Every refusal is raised as Refused with a guard code."""

    def __init__(self, options: Options) -> None:
        self._private = options.allow_private
        self._any_port = options.any_port
        self._lab_dns = options.lab.dns_server
        self._lab = _endpoints(options.lab.endpoints)
        asked = (self._lab_dns, options.dns_server, *(each for _, each in options.lab.resolvers))
        given = (*options.lab.name_servers, *options.dns_roots)
        self._name_servers = frozenset(_endpoint(each) for each in given)
        self._asked_resolvers = [parse_server(each) for each in asked if each]
        own = [each.strip("[]").lower().removesuffix(".") for each in options.self_hosts]
        self._configured = frozenset(each for each in map(_address_or_none, own) if each)
        self._own_names = frozenset(own)

    def vet_target(self, target: Target) -> None:
        """Judge what the URL itself says: its name, its port, and its address if it has one.

        Raises: Refused guard.blocked_name, guard.blocked_port, guard.blocked_address.
        """
        if target.address:
            self._admit(target, target.address)
            return
        self.vet_name(target.host)
        if target.scheme in RAW_SCHEMES:
            is_of_lab = self._lab_dns and _is_under(target.host.removesuffix("."), LAB_DOMAIN)
            if not self._any_port and not is_of_lab:
                _refuse_raw(target)
        elif not self._private and target.port not in self._open_ports:
            _refuse_port(target.port)

    def vet_name(self, name: str) -> None:
        """Judge a name: a URL's host, or one that a CNAME record leads to.

        Raises: Refused guard.blocked_name.
        """
        bare = name.lower().removesuffix(".")
        if bare in self._own_names and "." in bare:
            _refuse_name(bare, "it is a name of this service itself")
        if self._private or (self._lab_dns and _is_under(bare, LAB_DOMAIN)):
            return
        for domain in _domains(bare):
            if domain in NAMES_NOT_FETCHED:
                _refuse_name(bare, NAMES_NOT_FETCHED[domain])
        if "." not in bare:
            _refuse_name(bare, "it has one part only, and such names belong to private networks")

    def vet_addresses(self, target: Target, addresses: Sequence[str]) -> tuple[Admitted, ...]:
        """Judge all addresses of the target's host. One that is refused refuses them all.

        Out: one endpoint for each address, in the order of `addresses`.
        Raises: Refused guard.blocked_address, guard.blocked_port.
        """
        return tuple(self._admit(target, address) for address in addresses)

    def vet_service(self, name: str, port: int, addresses: Sequence[str]) -> tuple[Admitted, ...]:
        """Judge what an HTTPS record leads to: all addresses of a name, and a port.

        Raises: Refused guard.blocked_address, guard.blocked_port.
        """
        return tuple(self._admitted(name, port, address) for address in addresses)

    def admit_resolver(self, address: str, port: int) -> Admitted:
        """Judge a DNS server. It may have a private address, on port 53; the one that was asked
        for by option and the lab's may have any port.

        Raises: Refused guard.blocked_address, guard.blocked_port.
        """
        parsed = _parsed(address)
        if parsed.is_multicast:
            _refuse_address(f"{parsed} is a multicast address; no resolver has one.")
        asked = [(_parsed(each.address), each.port) for each in self._asked_resolvers]
        if port != DNS_PORT and (parsed, port) not in asked:
            raise Refused(
                "guard.blocked_port",
                f"The resolver {parsed} has port {port}; a system's resolver is asked on port "
                f"{DNS_PORT} only.",
            )
        return Admitted(str(parsed), port, "A resolver, for DNS only.")

    def vet_typed_resolver(self, address: str, port: int) -> None:
        """Judge a DNS server that somebody named who does not run this machine: it has to be
        public, at a port of DNS, or the lab's.

        Raises: Refused guard.blocked_address, guard.blocked_port.
        """
        parsed = _parsed(address)
        if self._private and not parsed.is_multicast:
            return
        if (parsed, port) in self._lab or (
            self._lab_dns and _endpoint(self._lab_dns) == (parsed, port)
        ):
            return
        reason = self._objection(parsed)
        if reason:
            _refuse_address(f"The resolver {parsed} is {reason}; such an address is not asked.")
        if port not in TRANSPORTS.values():
            raise Refused(
                "guard.blocked_port",
                f"A resolver is asked on port 53, 853 or 443, not {port}.",
            )

    def admit_name_server(self, address: str, port: int) -> Admitted:
        """Judge a server that a referral names: whoever runs a zone says which addresses it has.

        Raises: Refused guard.blocked_address, guard.blocked_port.
        """
        parsed = _parsed(address)
        if (parsed, port) in self._name_servers:
            return Admitted(str(parsed), port, "A name server that was given.")
        reason = "" if self._private and not parsed.is_multicast else self._objection(parsed)
        if reason:
            _refuse_address(f"A name server has the address {parsed}, which is {reason}.")
        if port != DNS_PORT and not self._private:
            raise Refused(
                "guard.blocked_port", f"Name servers are asked on port {DNS_PORT}, not {port}."
            )
        return Admitted(str(parsed), port, "A public address, for DNS only.")

    def check_peer(self, admitted: Admitted, peer: str) -> None:
        """Compare the address at the other end of a connected socket with the one admitted.

        Raises: Refused guard.peer_mismatch.
        """
        if peer != admitted.address and _address_or_none(peer) != ip_address(admitted.address):
            raise Refused(
                "guard.peer_mismatch",
                f"The socket was to be connected to {admitted.address} and its peer is {peer}.",
            )

    @cached_property
    def _open_ports(self) -> frozenset[int]:
        return frozenset(PORTS) | {port for _, port in self._lab}

    @cached_property
    def _own_addresses(self) -> frozenset[Address]:
        return own_addresses() | self._configured

    def _admit(self, target: Target, text: str) -> Admitted:
        raw = target if target.scheme in RAW_SCHEMES else None
        name = "" if target.address else target.server_name
        return self._admitted(name, target.port, text, raw)

    def _admitted(self, name: str, port: int, text: str, raw: Target | None = None) -> Admitted:
        """In: `name`, whose address it is, "" for an address that a URL has itself; `raw`, the
        target if octets go there as they are.
        """
        address = _parsed(text)
        if (address, port) in self._lab:
            return Admitted(str(address), port, "An endpoint that the lab has registered.")
        if raw is not None and not self._any_port:
            _refuse_raw(raw)
        if self._private:
            return Admitted(str(address), port, "Private targets are allowed.")
        reason = self._objection(address)
        if reason:
            _refuse_address(
                f"{name} has the address {address}, which is {reason}; none of its addresses is "
                "used."
                if name
                else f"{address} is {reason}; such an address is not fetched."
            )
        if port not in PORTS and raw is None:
            _refuse_port(port)
        return Admitted(str(address), port, "A public address.")

    def _objection(self, address: Address) -> str:
        """Why the address may not be reached, "" where it may."""
        blocks = [each for each in _BLOCKS if address in each.block]
        if blocks:
            closest = max(blocks, key=lambda each: each.block.prefixlen)
            source = f", {closest.reference}" if closest.reference else ""
            return f"in {closest.block} ({closest.name}{source})"
        if address in self._own_addresses:
            return "an address of this machine itself"
        if isinstance(address, IPv4Address):
            return ""
        if address not in _GLOBAL_UNICAST:
            return f"outside {_GLOBAL_UNICAST}, the global unicast addresses (RFC 4291 §2.4)"
        if int(address) >> 32 & 0xFFFF_FFFF in _ISATAP_IDENTIFIERS:
            return f"an ISATAP address around {IPv4Address(int(address) & 0xFFFF_FFFF)} (RFC 5214)"
        return ""


def _refuse_raw(target: Target) -> NoReturn:
    raise Refused(
        "guard.blocked_scheme",
        f"{target.scheme}:// leads to the lab's own servers only, from here; on the command line "
        "it leads anywhere.",
    )


def _refuse_port(port: int) -> NoReturn:
    *others, last = map(str, PORTS)
    raise Refused(
        "guard.blocked_port", f"Port {port} is not fetched; {', '.join(others)} and {last} are."
    )


def _refuse_name(name: str, reason: str) -> NoReturn:
    raise Refused("guard.blocked_name", f"{name} is not fetched: {reason}.")


def _refuse_address(message: str) -> NoReturn:
    raise Refused("guard.blocked_address", message)


def _parsed(text: str) -> Address:
    address = _address_or_none(text)
    if address is None:
        _refuse_address(f"{text!r} is no address in its usual form, without a zone.")
    return address


@lru_cache(maxsize=256)
def _address_or_none(text: str) -> Address | None:
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=8)
def _endpoints(texts: tuple[str, ...]) -> frozenset[tuple[Address, int]]:
    """The lab's endpoints: the same for each fetch, and reading them took a third of its time."""
    return frozenset(map(_endpoint, texts))


def _endpoint(text: str) -> tuple[Address, int]:
    """ "192.0.2.1:443", "[2001:db8::1]:443" or, for a resolver, an address alone."""
    alone = _address_or_none(text.strip("[]"))
    if alone is not None:
        return alone, DNS_PORT
    host, _, port = text.rpartition(":")
    return ip_address(host.strip("[]")), int(port)


def _domains(name: str) -> list[str]:
    """The name and every name above it: a.b.c, b.c, c."""
    labels = name.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


def _is_under(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")
