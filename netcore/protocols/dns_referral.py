"""Referrals: "not here, but those servers know" (RFC 1034 §4.2.1, §4.3.2), without I/O.

A server that is asked without recursion and does not have the name itself names the servers of a
zone below its own that is nearer to it, and gives their addresses where these could not be found
otherwise: glue. Both are believed of nobody but a server of a zone above.
"""

from __future__ import annotations

import dns.exception
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import msgspec

SERVERS = 13  # of a zone that are looked at; a hostile one may list any number

_AA = 0x04  # in octet 2 of a message


class Referral(msgspec.Struct, frozen=True):
    """The zone that is nearer to the name, and its servers with the glue for them."""

    zone: str  # without a trailing dot
    servers: tuple[tuple[str, tuple[str, ...]], ...]


def is_authoritative(message: bytes) -> bool:
    """Whether the answer comes from a server of the zone itself (AA)."""
    return bool(message[2] & _AA)


def read_referral(message: bytes, name: str, zone: str) -> Referral | None:
    """The referral in an answer that can be read, None if there is none.

    In: `name` that was asked about; `zone` of the server, "" for the root. A zone that is not below
    that one, or that the name is not in, leads nowhere.
    """
    read = dns.message.from_wire(message)
    below, above = _name(name), _name(zone)
    for rrset in read.authority:
        if (rrset.rdtype, rrset.rdclass) != (dns.rdatatype.NS, dns.rdataclass.IN):
            continue
        if not (rrset.name.is_subdomain(above) and rrset.name != above):
            continue
        if below.is_subdomain(rrset.name):
            servers = sorted({each.target.canonicalize() for each in rrset})[:SERVERS]
            glue = tuple((_text(each), _glue(read, each, above)) for each in servers)
            return Referral(_text(rrset.name), glue)
    return None


def _glue(
    read: dns.message.Message, server: dns.name.Name, above: dns.name.Name
) -> tuple[str, ...]:
    """The addresses of a server, IPv4 first. Of a name outside its zone a server knows nothing."""
    if not server.is_subdomain(above):
        return ()
    found = []
    for rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA):
        for rrset in read.additional:
            if (rrset.name, rrset.rdtype) == (server, rdtype):
                found += [each.address for each in rrset]
    return tuple(found[:4])


def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text or ".")


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
