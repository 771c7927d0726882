"""A small DNS of its own: a root, `test` below it, and `lab.test` below that (RFC 1034, 4.2).

Each zone has a server at an address of its own, 127.0.0.1, .2 and .3, all at one port: a referral
names a server and its address, and has no place for a port.
"""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import Final, Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rrset

from lab.dns import Answers, DnsServer
from lab.log import Log

TTL_S: Final = 3600
ADDRESSES: Final = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
_TRIES: Final = 20


class Delegation:
    """A zone that has nothing but one zone below it, and knows that one's server."""

    def __init__(self, zone: str, below: str, server: str, address: str) -> None:
        """In: full names, and the server's address, which is handed out as glue."""
        self._zone = dns.name.from_text(zone)
        self._below = dns.name.from_text(below)
        self._server = dns.name.from_text(server)
        self._address = address

    def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
        """The response to one query; b"" where it deserves none, not being a query."""
        try:
            query = dns.message.from_wire(untrusted)
            if query.flags & dns.flags.QR or len(query.question) != 1:
                return b""
            response = dns.message.make_response(query)
        except dns.exception.DNSException:
            return b""
        if query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        else:
            self._fill(response, query.question[0].name)
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: dns.name.Name) -> None:
        if not name.is_subdomain(self._zone):
            response.set_rcode(dns.rcode.REFUSED)
            return
        if name.is_subdomain(self._below):
            server = self._server.to_text()
            ns = dns.rrset.from_text(self._below, TTL_S, "IN", "NS", server)
            response.authority.append(ns)
            glue = dns.rrset.from_text(self._server, TTL_S, "IN", "A", self._address)
            response.additional.append(glue)
            return
        response.flags |= dns.flags.AA
        if name != self._zone:
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = f"{self._server.to_text()} lab.lab.test. 1 3600 600 86400 60"
        response.authority.append(dns.rrset.from_text(self._zone, TTL_S, "IN", "SOA", soa))


class Hierarchy:
    """The three servers. A context manager; `endpoints` has the root's first.

    Where the system has no other loopback address than 127.0.0.1, there is none: `endpoints` is
    empty.
    """

    def __init__(self, zone: Answers, log: Log | None = None) -> None:
        """Bind the ports. In: what the server of `lab.test` knows, and where calls are noted."""
        self._exit = contextlib.ExitStack()
        self._servers = _bound(
            (
                Delegation(".", "test.", "ns.test.", ADDRESSES[1]),
                Delegation("test.", "lab.test.", "ns.lab.test.", ADDRESSES[2]),
                zone,
            ),
            log or Log(),
        )
        self.endpoints = tuple(each.address for each in self._servers)

    def __enter__(self) -> Self:
        with self._exit:
            for server in self._servers:
                self._exit.enter_context(server)
            self._exit = self._exit.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exit.close()


def _bound(zones: tuple[Answers, ...], log: Log) -> list[DnsServer]:
    """A server for each zone, all at the port that the system picks for the first."""
    for _ in range(_TRIES):
        servers: list[DnsServer] = []
        port = 0
        try:
            for zone, address in zip(zones, ADDRESSES, strict=True):
                servers.append(DnsServer(zone=zone, listens=(address, port), log=log))
                port = servers[0].port
            return servers
        except OSError:  # the port is another's at that address, or there is no such address
            for server in servers:
                server.release()
    return []
