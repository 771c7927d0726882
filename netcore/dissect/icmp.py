"""ICMP messages (RFC 792; RFC 4443 for IPv6): above all errors, which quote what they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from netcore.dissect.checksums import Pseudo, read_checksum, verdict
from netcore.reader import Reader
from netcore.registries.ip import ICMP_CODES, ICMP_TYPES, ICMPV6_CODES, ICMPV6_TYPES

_UNREACHABLE: Final = 3
_FRAGMENTATION_NEEDED: Final = 4
_V6_TOO_BIG: Final = 2
_ERRORS: Final = frozenset({3, 4, 5, 11, 12})
_ECHOES: Final = frozenset({0, 8, 128, 129})

Quoted = Callable[[Reader], None]
"""Reads the packet that an error quotes."""


def read_icmp_message(r: Reader, quoted: Quoted) -> None:
    """RFC 792 §Message Formats."""
    kind, code = _read_beginning(r, None, ICMP_TYPES, ICMP_CODES, "RFC 792")
    if kind == _UNREACHABLE and code == _FRAGMENTATION_NEEDED:
        r.uint("unused", 16, spec="RFC 1191 §4")
        r.uint("next_hop_mtu", 16, spec="RFC 1191 §4")
    elif kind in _ECHOES:
        _read_echo(r)
    else:
        r.octets("rest_of_header", 4)
    if kind in _ERRORS:
        _read_quote(r, quoted)
    r.rest("data")


def read_icmpv6_message(r: Reader, pseudo: Pseudo | None, quoted: Quoted) -> None:
    """RFC 4443 §2.1."""
    kind, _ = _read_beginning(r, pseudo, ICMPV6_TYPES, ICMPV6_CODES, "RFC 4443 §2.1")
    if kind == _V6_TOO_BIG:
        r.uint("mtu", 32, spec="RFC 4443 §3.2")
    elif kind in _ECHOES:
        _read_echo(r)
    else:
        r.octets("rest_of_header", 4)
    if kind < 128:
        _read_quote(r, quoted)
    r.rest("data")


def _read_beginning(
    r: Reader,
    pseudo: Pseudo | None,
    types: Mapping[int, str],
    codes: Mapping[int, Mapping[int, str]],
    spec: str,
) -> tuple[int, int]:
    found = verdict(r.peek(r.remaining), 2, pseudo)
    kind = r.uint("type", 8, types, spec)
    code = r.uint("code", 8, codes.get(kind), spec)
    read_checksum(r, found, spec)
    return kind, code


def _read_echo(r: Reader) -> None:
    r.uint("identifier", 16)
    r.uint("sequence_number", 16)


def _read_quote(r: Reader, quoted: Quoted) -> None:
    if r.remaining:
        with r.block("ip_datagram", r.remaining, label="quoted"):
            quoted(r)
