"""DNS records about keys: DNSSEC (RFC 4034, RFC 5155), TLSA, SSHFP, OPENPGPKEY and CAA."""

from __future__ import annotations

from netcore.dissect.dns_names import Names, read_domain_name
from netcore.dissect.dns_records import Rdata
from netcore.reader import Reader
from netcore.registries.dns import (
    DNSSEC_ALGORITHMS,
    DS_DIGEST_TYPES,
    NSEC3_HASH_ALGORITHMS,
    RESOURCE_RECORD_TYPES,
    SSHFP_ALGORITHMS,
    SSHFP_FINGERPRINT_TYPES,
    TLSA_CERTIFICATE_USAGES,
    TLSA_MATCHING_TYPES,
    TLSA_SELECTORS,
)

_BITMAP_OCTETS = 32  # RFC 4034 §4.1.2
_TYPES_NAMED = 40  # of a bitmap; real names have about ten types


def read_ds(r: Reader, _: Names) -> None:
    """RFC 4034 §5.1."""
    r.uint("key_tag", 16)
    r.uint("algorithm", 8, DNSSEC_ALGORITHMS)
    r.uint("digest_type", 8, DS_DIGEST_TYPES)
    r.rest("digest")


def read_dnskey(r: Reader, _: Names) -> None:
    """RFC 4034 §2.1. The bit "revoke": RFC 5011 §7."""
    r.uint("reserved", 7)
    r.flag("zone_key")
    r.flag("revoke", "RFC 5011 §7")
    r.uint("reserved", 6)
    r.flag("secure_entry_point")
    r.uint("protocol", 8)
    r.uint("algorithm", 8, DNSSEC_ALGORITHMS)
    r.rest("public_key")


def read_rrsig(r: Reader, names: Names) -> None:
    """RFC 4034 §3.1."""
    r.uint("type_covered", 16, RESOURCE_RECORD_TYPES)
    r.uint("algorithm", 8, DNSSEC_ALGORITHMS)
    r.uint("labels", 8)
    r.uint("original_ttl", 32)
    r.uint("signature_expiration", 32)
    r.uint("signature_inception", 32)
    r.uint("key_tag", 16)
    read_domain_name(r, "signers_name", names)
    r.rest("signature")


def read_nsec(r: Reader, names: Names) -> None:
    """RFC 4034 §4.1."""
    read_domain_name(r, "next_domain_name", names)
    _read_type_bit_maps(r)


def read_nsec3(r: Reader, names: Names) -> None:
    """RFC 5155 §3.2."""
    read_nsec3param(r, names)
    r.octets("next_hashed_owner_name", r.uint("hash_length", 8))
    _read_type_bit_maps(r)


def read_nsec3param(r: Reader, _: Names) -> None:
    """RFC 5155 §4.2."""
    r.uint("hash_algorithm", 8, NSEC3_HASH_ALGORITHMS)
    r.uint("reserved", 7)
    r.flag("opt_out", "RFC 5155 §3.1.2.1")
    r.uint("iterations", 16)
    r.octets("salt", r.uint("salt_length", 8))


def _read_type_bit_maps(r: Reader) -> None:
    """RFC 4034 §4.1.2."""
    while r.remaining:
        with r.group("type_bit_map", "RFC 4034 §4.1.2") as group:
            window = r.uint("window_block", 8)
            count = r.uint("bitmap_length", 8)
            if not 1 <= count <= _BITMAP_OCTETS:
                r.malformed(f"dns.malformed: a bitmap has 1 to {_BITMAP_OCTETS} octets")
            group.label = _types(window, r.octets("bitmap", count))


def _types(window: int, bitmap: bytes) -> str:
    """The types whose bits are set, most significant bit first; no more than a reader wants."""
    set_bits = (bit for bit in range(len(bitmap) * 8) if bitmap[bit // 8] & (0x80 >> bit % 8))
    numbers = [window * 256 + bit for bit in set_bits]
    named = [RESOURCE_RECORD_TYPES.get(each, f"TYPE{each}") for each in numbers[:_TYPES_NAMED]]
    rest = len(numbers) - len(named)
    return " ".join(named) + (f" and {rest} more" if rest else "")


def read_tlsa(r: Reader, _: Names) -> None:
    """RFC 6698 §2.1."""
    r.uint("certificate_usage", 8, TLSA_CERTIFICATE_USAGES)
    r.uint("selector", 8, TLSA_SELECTORS)
    r.uint("matching_type", 8, TLSA_MATCHING_TYPES)
    r.rest("certificate_association_data")


def read_sshfp(r: Reader, _: Names) -> None:
    """RFC 4255 §3.1."""
    r.uint("sshfp_algorithm", 8, SSHFP_ALGORITHMS)
    r.uint("fingerprint_type", 8, SSHFP_FINGERPRINT_TYPES)
    r.rest("fingerprint")


def read_openpgpkey(r: Reader, _: Names) -> None:
    """RFC 7929 §2.3: an OpenPGP Transferable Public Key and nothing else."""
    r.rest("openpgp_public_key")


def read_caa(r: Reader, _: Names) -> None:
    """RFC 8659 §4.1."""
    r.flag("issuer_critical")
    r.uint("reserved", 7)
    r.text("tag", r.uint("tag_length", 8))
    if r.remaining:
        r.text("caa_value", r.remaining)


RDATA: dict[int, Rdata] = {
    43: ("RFC 4034 §5.1", read_ds),
    44: ("RFC 4255 §3.1", read_sshfp),
    46: ("RFC 4034 §3.1", read_rrsig),
    47: ("RFC 4034 §4.1", read_nsec),
    48: ("RFC 4034 §2.1", read_dnskey),
    50: ("RFC 5155 §3.2", read_nsec3),
    51: ("RFC 5155 §4.2", read_nsec3param),
    52: ("RFC 6698 §2.1", read_tlsa),
    59: ("RFC 7344 §3.1", read_ds),
    60: ("RFC 7344 §3.2", read_dnskey),
    61: ("RFC 7929 §2.3", read_openpgpkey),
    257: ("RFC 8659 §4.1", read_caa),
}
