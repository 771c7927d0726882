"""What the lab's name server knows: its hosts, and names that show one thing of DNS each.

RFC 1034 and 1035; RFC 2308 on negative answers, RFC 8914 on errors that say more, RFC 9460 on
HTTPS records.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

ZONE: Final = dns.name.from_text("lab.test.")
TTL_S: Final = 60
NEGATIVE_TTL_S: Final = 30
EDNS_OCTETS: Final = 1232  # what fits a packet everywhere: DNS Flag Day 2020
PLAIN_OCTETS: Final = 512  # of a datagram without EDNS (RFC 1035, 4.2.1)
MESSAGE_OCTETS: Final = 65_535
_SOA: Final = f"ns.lab.test. lab.lab.test. 1 3600 600 86400 {NEGATIVE_TTL_S}"
_DIGEST: Final = "49fd46e6c4b45c55d4ac49fd46e6c4b45c55d4ac49fd46e6c4b45c55d4ac0011"
_UNKNOWN: Final = re.compile(r"\\# \d+ ([0-9a-f]+)")
"""Data in hexadecimal, as RFC 3597 writes it: here also of a type that has a form of its own."""
_LONG: Final = "so long that no datagram holds it all, " * 6

OF_EVERY_TYPE: Final = (
    f'TXT "v=spf1 -all" "a second string" "{_LONG}" "{_LONG}"',
    "MX 10 mail.lab.test.",
    "SRV 0 5 443 plain.lab.test.",
    'CAA 0 issue "ca.lab.test"',
    f"TLSA 3 1 1 {_DIGEST}",
    "NS ns.lab.test.",
    f"SOA {_SOA}",
    f"DS 60485 13 2 {_DIGEST}",
    "DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0d xCjjnopKl+GqJxpVXckHAeF+KkxLbxIL",
    "RRSIG A 13 3 60 20370101000000 20250101000000 60485 lab.test. mdsswUyr3DPW132mOi8V9xESWE8=",
    "NSEC plain.lab.test. A TXT MX RRSIG NSEC",
    "NSEC3PARAM 1 0 0 aabbccdd",
    "NSEC3 1 1 0 aabbccdd 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
    'NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:info@lab.test!" .',
    'URI 10 1 "https://plain.lab.test/"',
    "LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
    "SSHFP 4 2 " + _DIGEST,
    'HINFO "LAB" "TEST"',
    "SVCB 1 plain.lab.test. alpn=h2 port=8443",
    "HTTPS 1 . alpn=h3,h2 ipv4hint=127.0.0.1 ipv6hint=::1 key65333=x",
    "PTR plain.lab.test.",
)
"""One record of each type that is often met, as text."""


class Zone:
    """Answers queries. `hosts` are full names that have `address` as their A record."""

    def __init__(
        self,
        hosts: Collection[str],
        address: str = "127.0.0.1",
        records: Mapping[str, Sequence[str]] | None = None,
        failing: Mapping[str, str] | None = None,
        delegated: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """Put the zone together.

        Args:
            hosts: Names with an address.
            address: Of all of them.
            records: Further records by name, each as "TYPE data". A CNAME leads on in the same
                answer; the types that are not asked for stand in the additional section.
            failing: Names that are answered with SERVFAIL, and what an extended error says of it.
            delegated: Zones below this one, each with the name and the address of its server.
        """
        self._hosts = {dns.name.from_text(host) for host in hosts}
        self._address = address
        named = (records or {}).items()
        self._records = {dns.name.from_text(name): list(lines) for name, lines in named}
        self._failing = {dns.name.from_text(n): text for n, text in (failing or {}).items()}
        cuts = (delegated or {}).items()
        self._delegated = {dns.name.from_text(zone): server for zone, server in cuts}

    def answer(self, untrusted: bytes, *, in_datagram: bool = True) -> bytes:
        """The response to one query; b"" where it deserves none, not being a query.

        In a datagram it is cut to what the query says that it takes, and says so (TC=1).
        """
        try:
            query = dns.message.from_wire(untrusted)
            if query.flags & dns.flags.QR or len(query.question) != 1:
                return b""
            response = dns.message.make_response(query, our_payload=EDNS_OCTETS)
        except dns.exception.DNSException:
            return b""
        if query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        else:
            self._fill(response, query.question[0].name, query.question[0].rdtype)
        room = min(query.payload or PLAIN_OCTETS, EDNS_OCTETS) if in_datagram else MESSAGE_OCTETS
        try:
            return response.to_wire(max_size=room)
        except dns.exception.TooBig:
            return self._cut(response)

    def _cut(self, response: dns.message.Message) -> bytes:
        response.flags |= dns.flags.TC
        response.answer.clear()
        response.additional.clear()
        return response.to_wire()

    def _fill(
        self, response: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> None:
        if not name.is_subdomain(ZONE):
            response.set_rcode(dns.rcode.REFUSED)
            return
        below = next((each for each in self._delegated if name.is_subdomain(each)), None)
        if below is not None:
            self._refer(response, below)
            return
        response.flags |= dns.flags.AA
        if name in self._failing:
            self._fail(response, self._failing[name])
            return
        for _ in range(len(self._records) + 1):
            aliases = self._of(name, "CNAME")
            if not aliases or kind == dns.rdatatype.CNAME:
                break
            self._add(response.answer, name, aliases[:1])
            name = dns.name.from_text(aliases[0].partition(" ")[2])
        self._end(response, name, kind)

    def _refer(self, response: dns.message.Message, zone: dns.name.Name) -> None:
        """Name the server of a zone below, and its address with it (glue)."""
        server, address = self._delegated[zone]
        self._add(response.authority, zone, [f"NS {server}"])
        self._add(response.additional, dns.name.from_text(server), [f"A {address}"])

    def _end(
        self, response: dns.message.Message, name: dns.name.Name, kind: dns.rdatatype.RdataType
    ) -> None:
        """What is known of the last name, or that nothing is."""
        found = self._of(name, dns.rdatatype.to_text(kind))
        if name in self._hosts and kind == dns.rdatatype.A:
            found = [f"A {self._address}", *found]
        self._add(response.answer, name, found)
        if found and kind == dns.rdatatype.A:
            others = [each for each in self._records.get(name, ()) if each not in found]
            self._add(response.additional, name, others)
        if found:
            return
        known = name in self._hosts or name in self._records or name == ZONE
        below = any(each.is_subdomain(name) for each in (*self._hosts, *self._records))
        if not (known or below):  # RFC 8020: a name with others below it exists
            response.set_rcode(dns.rcode.NXDOMAIN)
        soa = dns.rrset.from_text(ZONE, NEGATIVE_TTL_S, "IN", "SOA", _SOA)
        response.authority.append(soa)

    def _of(self, name: dns.name.Name, kind: str) -> list[str]:
        """The records of a name and type."""
        lines = self._records.get(name, ())
        return [each for each in lines if each.partition(" ")[0] == kind]

    def _add(
        self, section: list[dns.rrset.RRset], name: dns.name.Name, lines: Sequence[str]
    ) -> None:
        by_type: dict[str, list[str]] = {}
        for line in lines:
            kind, _, data = line.partition(" ")
            by_type.setdefault(kind, []).append(data)
        for kind, listed in by_type.items():
            spoilt = [_UNKNOWN.fullmatch(each) for each in listed]
            if any(spoilt):
                section.append(_of_octets(name, kind, [each[1] for each in spoilt if each]))
                continue
            section.append(dns.rrset.from_text_list(name, TTL_S, "IN", kind, listed))

    def _fail(self, response: dns.message.Message, text: str) -> None:
        """SERVFAIL, with a sentence about it where the query has EDNS (RFC 8914)."""
        response.set_rcode(dns.rcode.SERVFAIL)
        if response.edns >= 0:
            error = dns.edns.EDEOption(dns.edns.EDECode.NO_REACHABLE_AUTHORITY, text)
            response.use_edns(0, payload=EDNS_OCTETS, options=[error])


def _of_octets(name: dns.name.Name, kind: str, listed: Sequence[str]) -> dns.rrset.RRset:
    """Records whose data the library would not write: they need not fit their type."""
    rdtype = dns.rdatatype.from_text(kind)
    rrset = dns.rrset.RRset(name, dns.rdataclass.IN, rdtype)
    for each in listed:
        octets = bytes.fromhex(each)
        rrset.add(dns.rdata.GenericRdata(dns.rdataclass.IN, rdtype, octets), TTL_S)
    return rrset
