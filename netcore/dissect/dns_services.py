"""DNS records that say where and how a service is reached: SRV, URI, NAPTR, SVCB and HTTPS."""

from __future__ import annotations

from netcore.dissect.dns_names import Names, read_domain_name
from netcore.dissect.dns_records import Rdata, read_address
from netcore.reader import Read, Reader
from netcore.registries.dns import SVC_PARAM_KEYS
from netcore.registries.tls import SUPPORTED_GROUPS


def read_srv(r: Reader, names: Names) -> None:
    """RFC 2782 §"The format of the SRV RR"."""
    for name in ("priority", "weight", "port"):
        r.uint(name, 16)
    read_domain_name(r, "srv_target", names)


def read_uri(r: Reader, _: Names) -> None:
    """RFC 7553 §4.5. The URI has no length: it ends with the record."""
    r.uint("priority", 16)
    r.uint("weight", 16)
    if not r.remaining:
        r.malformed("dns.malformed: a URI record has to hold a URI (RFC 7553 §4.4)")
    r.text("uri_target", r.remaining)


def read_naptr(r: Reader, names: Names) -> None:
    """RFC 3403 §4.1."""
    r.uint("order", 16)
    r.uint("preference", 16)
    for name in ("flags", "services", "regexp"):
        r.text(name, r.uint("character_string_length", 8))
    read_domain_name(r, "replacement", names)


def read_svcb(r: Reader, names: Names) -> None:
    """RFC 9460 §2.2."""
    r.uint("svc_priority", 16)
    read_domain_name(r, "target_name", names)
    while r.remaining:
        read_svc_param(r)


def read_svc_param(r: Reader) -> None:
    """RFC 9460 §2.2."""
    with r.group("svc_param") as group:
        key = r.uint("svc_param_key", 16, SVC_PARAM_KEYS)
        group.label = SVC_PARAM_KEYS.get(key, f"key{key}")
        length = r.uint("svc_param_length", 16)
        known = _SVC_PARAMS.get(key)
        if known is None:
            r.octets("svc_param_value", length)
            return
        spec, read = known
        with r.block("svc_param_value", length, spec):
            read(r)


def read_mandatory(r: Reader) -> None:
    """RFC 9460 §8."""
    while r.remaining:
        r.uint("mandatory_key", 16, SVC_PARAM_KEYS)


def read_alpn(r: Reader) -> None:
    """RFC 9460 §7.1.1."""
    while r.remaining:
        r.text("alpn_id", r.uint("alpn_id_length", 8))


def read_port(r: Reader) -> None:
    """RFC 9460 §7.2."""
    r.uint("port", 16)


def read_ipv4_hint(r: Reader) -> None:
    """RFC 9460 §7.3."""
    _read_hints(r, 4, "ipv4_address")


def read_ipv6_hint(r: Reader) -> None:
    """RFC 9460 §7.3."""
    _read_hints(r, 16, "ipv6_address")


def _read_hints(r: Reader, octets: int, name: str) -> None:
    while len(r.peek(octets)) == octets:
        read_address(r, octets, name)
    if r.remaining:
        r.malformed(f"dns.malformed: an address needs {octets} octets, {r.remaining} are left")


def read_ech(r: Reader) -> None:
    """RFC 9848 §3; the list itself: RFC 9849 §4."""
    with r.vector("ech_config_list", 16, "RFC 9849 §4"):
        while r.remaining:
            with r.group("ech_config"):
                r.uint("ech_version", 16)
                r.opaque("contents", 16)


def read_dohpath(r: Reader) -> None:
    """RFC 9461 §5."""
    if r.remaining:
        r.text("dohpath", r.remaining)


def read_supported_groups(r: Reader) -> None:
    """draft-ietf-tls-key-share-prediction: groups of TLS that the server takes."""
    while r.remaining:
        r.uint("named_group", 16, SUPPORTED_GROUPS)


def read_docpath(r: Reader) -> None:
    """RFC 9953 §3: the path of a resolver over CoAP, segment by segment."""
    while r.remaining:
        r.text("path_segment", r.uint("path_segment_length", 8))


_SVC_PARAMS: dict[int, tuple[str, Read]] = {
    0: ("RFC 9460 §8", read_mandatory),
    1: ("RFC 9460 §7.1.1", read_alpn),
    3: ("RFC 9460 §7.2", read_port),
    4: ("RFC 9460 §7.3", read_ipv4_hint),
    5: ("RFC 9848 §3", read_ech),
    6: ("RFC 9460 §7.3", read_ipv6_hint),
    7: ("RFC 9461 §5", read_dohpath),
    9: ("draft-ietf-tls-key-share-prediction", read_supported_groups),
    10: ("RFC 9953 §3", read_docpath),
}

RDATA: dict[int, Rdata] = {
    33: ("RFC 2782", read_srv),
    35: ("RFC 3403 §4.1", read_naptr),
    64: ("RFC 9460 §2.2", read_svcb),
    65: ("RFC 9460 §2.2", read_svcb),
    256: ("RFC 7553 §4.5", read_uri),
}
