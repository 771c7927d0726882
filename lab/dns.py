"""A DNS server for one zone on loopback, over UDP.

It is authoritative for `lab.test`: it knows the lab's hosts, denies every other name below that,
and refuses to speak of the rest of the world. RFC 1034 and 1035; RFC 2308 on negative answers.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Collection
from types import TracebackType
from typing import Final, Self

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset

from lab.stop import Stop

ZONE: Final = dns.name.from_text("lab.test.")
TTL_S: Final = 60
NEGATIVE_TTL_S: Final = 30
_SOA: Final = f"ns.lab.test. lab.lab.test. 1 3600 600 86400 {NEGATIVE_TTL_S}"
_EDNS_OCTETS: Final = 1232  # what fits a packet everywhere: DNS Flag Day 2020
_DATAGRAM_OCTETS: Final = 65_535


class DnsServer:
    """Answers for `lab.test` on a port of 127.0.0.1 that the system picks.

    A context manager. `address` is "127.0.0.1:PORT", as `--dns-server` takes it.
    """

    def __init__(self, hosts: Collection[str], address: str = "127.0.0.1") -> None:
        """`hosts` are full names, "plain.lab.test", that have `address` as their A record."""
        self._hosts = {dns.name.from_text(host) for host in hosts}
        self._address = address
        self._stop = Stop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._run, name="lab dns", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()
        self._stop.close()

    def _run(self) -> None:
        while self._stop.wait_readable(self._socket):
            with contextlib.suppress(OSError):  # the asker may be gone: its next question is not
                question, asker = self._socket.recvfrom(_DATAGRAM_OCTETS)
                response = self.answer(question)
                if response:
                    self._socket.sendto(response, asker)

    def answer(self, untrusted: bytes) -> bytes:
        """The response to one datagram; b"" where it deserves none, not being a query."""
        try:
            query = dns.message.from_wire(untrusted)
            if query.flags & dns.flags.QR or len(query.question) != 1:
                return b""
            response = dns.message.make_response(query, our_payload=_EDNS_OCTETS)
        except dns.exception.DNSException:
            return b""
        if query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        else:
            self._fill(response, query.question[0].name, query.question[0].rdtype)
        return response.to_wire()

    def _fill(
        self, response: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> None:
        if not name.is_subdomain(ZONE):
            response.set_rcode(dns.rcode.REFUSED)
            return
        response.flags |= dns.flags.AA
        if name in self._hosts and kind == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(name, TTL_S, "IN", "A", self._address))
            return
        if name not in self._hosts and name != ZONE:
            response.set_rcode(dns.rcode.NXDOMAIN)
        response.authority.append(dns.rrset.from_text(ZONE, NEGATIVE_TTL_S, "IN", "SOA", _SOA))
