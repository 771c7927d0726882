"""The extension mechanism of DNS, EDNS (RFC 6891): the OPT record and its options."""

from __future__ import annotations

from collections.abc import Mapping

from netcore.dissect.dns_names import Names, read_domain_name
from netcore.reader import Read, Reader
from netcore.registries.dns import (
    ADDRESS_FAMILIES,
    DNSSEC_ALGORITHMS,
    DS_DIGEST_TYPES,
    EDNS_OPTIONS,
    EXTENDED_DNS_ERRORS,
    NSEC3_HASH_ALGORITHMS,
)

TEXT_OCTETS = 1024
"""So much of a text from outside is read out; the rest of it stays octets."""


def read_opt(r: Reader) -> None:
    """RFC 6891 §6.1.2. What CLASS and TTL mean in an OPT record, and its options."""
    spec = "RFC 6891 §6.1.3"
    r.uint("udp_payload_size", 16, spec="RFC 6891 §6.1.2")
    r.uint("extended_rcode", 8, spec=spec)
    r.uint("version", 8, spec=spec)
    r.flag("do", spec)
    r.uint("z", 15, spec=spec)
    with r.block("rdata", r.uint("rdlength", 16), "RFC 6891 §6.1.2"):
        while r.remaining:
            read_option(r)


def read_option(r: Reader) -> None:
    """RFC 6891 §6.1.2."""
    with r.group("option") as group:
        code = r.uint("option_code", 16, EDNS_OPTIONS)
        group.label = EDNS_OPTIONS.get(code, "unassigned")
        length = r.uint("option_length", 16)
        known = _OPTIONS.get(code)
        if known is None:
            r.octets("option_data", length)
            return
        spec, read = known
        with r.block("option_data", length, spec, group.label):
            read(r)


def read_nsid(r: Reader) -> None:
    """RFC 5001 §2.3."""
    r.rest("nsid")


def read_client_subnet(r: Reader) -> None:
    """RFC 7871 §6."""
    r.uint("family", 16, ADDRESS_FAMILIES)
    r.uint("source_prefix_length", 8)
    r.uint("scope_prefix_length", 8)
    r.rest("subnet_address")


def read_cookie(r: Reader) -> None:
    """RFC 7873 §4."""
    r.octets("client_cookie", 8)
    r.rest("server_cookie")


def read_padding(r: Reader) -> None:
    """RFC 7830 §3."""
    r.rest("padding")


def read_extended_dns_error(r: Reader) -> None:
    """RFC 8914 §2."""
    r.uint("info_code", 16, EXTENDED_DNS_ERRORS)
    if r.remaining:
        r.text("extra_text", min(r.remaining, TEXT_OCTETS))
    r.rest("extra_text_rest")


def read_tcp_keepalive(r: Reader) -> None:
    """RFC 7828 §3.1."""
    if r.remaining:
        r.uint("timeout", 16)


def understood(registry: Mapping[int, str]) -> Read:
    """RFC 6975 §3: the algorithms of one kind that a validator knows."""

    def read(r: Reader) -> None:
        while r.remaining:
            r.uint("understood_algorithm", 8, registry)

    return read


def read_expire(r: Reader) -> None:
    """RFC 7314 §2."""
    if r.remaining:
        r.uint("zone_expire", 32)


def read_agent_domain(r: Reader) -> None:
    """RFC 9567 §5: where faults are reported, a name that is never compressed."""
    read_domain_name(r, "agent_domain", Names())


_OPTIONS: dict[int, tuple[str, Read]] = {
    3: ("RFC 5001 §2.3", read_nsid),
    5: ("RFC 6975 §3", understood(DNSSEC_ALGORITHMS)),
    6: ("RFC 6975 §3", understood(DS_DIGEST_TYPES)),
    7: ("RFC 6975 §3", understood(NSEC3_HASH_ALGORITHMS)),
    8: ("RFC 7871 §6", read_client_subnet),
    9: ("RFC 7314 §2", read_expire),
    10: ("RFC 7873 §4", read_cookie),
    11: ("RFC 7828 §3.1", read_tcp_keepalive),
    12: ("RFC 7830 §3", read_padding),
    15: ("RFC 8914 §2", read_extended_dns_error),
    18: ("RFC 9567 §5", read_agent_domain),
}
