"""The data of DNS records: those of RFC 1035, addresses of IPv6, and DNAME.

Types that came later are in `dns_security`, `dns_services` and `dns_location`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from netcore.dissect.dns_names import Names, read_domain_name
from netcore.field import Field
from netcore.reader import Reader

Rdata = tuple[str, Callable[[Reader, Names], None]]
"""Where the data of a type is described, and who reads it."""

IN_ANY_CLASS = (2, 5, 6, 12, 13, 15, 16, 39)
"""Types whose data has the same form in every class (RFC 3597 §5, RFC 1035 §3.3)."""


def read_address(r: Reader, octets: int, name: str = "address") -> None:
    """RFC 1035 §3.4.1 for 4 octets, RFC 3596 §2.2 for 16."""
    there = r.peek(octets)
    if len(there) == octets:
        value = str(ipaddress.ip_address(there))
        r.add(Field(name, r.offset * 8, octets * 8, value))


def read_a(r: Reader, _: Names) -> None:
    """RFC 1035 §3.4.1."""
    read_address(r, 4)


def read_aaaa(r: Reader, _: Names) -> None:
    """RFC 3596 §2.2."""
    read_address(r, 16)


def read_cname(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.1."""
    read_domain_name(r, "cname", names)


def read_ns(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.11."""
    read_domain_name(r, "nsdname", names)


def read_ptr(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.12."""
    read_domain_name(r, "ptrdname", names)


def read_mx(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.9."""
    r.uint("preference", 16)
    read_domain_name(r, "exchange", names)


def read_soa(r: Reader, names: Names) -> None:
    """RFC 1035 §3.3.13."""
    read_domain_name(r, "mname", names)
    read_domain_name(r, "rname", names)
    for name in ("serial", "refresh", "retry", "expire", "minimum"):
        r.uint(name, 32)


def read_txt(r: Reader, _: Names) -> None:
    """RFC 1035 §3.3.14."""
    while r.remaining:
        r.text("character_string", r.uint("character_string_length", 8))


def read_hinfo(r: Reader, _: Names) -> None:
    """RFC 1035 §3.3.2."""
    r.text("cpu", r.uint("character_string_length", 8))
    r.text("os", r.uint("character_string_length", 8))


def read_dname(r: Reader, names: Names) -> None:
    """RFC 6672 §2.1."""
    read_domain_name(r, "dname_target", names)


RDATA: dict[int, Rdata] = {
    1: ("RFC 1035 §3.4.1", read_a),
    2: ("RFC 1035 §3.3.11", read_ns),
    5: ("RFC 1035 §3.3.1", read_cname),
    6: ("RFC 1035 §3.3.13", read_soa),
    12: ("RFC 1035 §3.3.12", read_ptr),
    13: ("RFC 1035 §3.3.2", read_hinfo),
    15: ("RFC 1035 §3.3.9", read_mx),
    16: ("RFC 1035 §3.3.14", read_txt),
    28: ("RFC 3596 §2.2", read_aaaa),
    39: ("RFC 6672 §2.1", read_dname),
}
