"""Answers of the Online Certificate Status Protocol (RFC 6960 §4.2)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from netcore.dissect import der
from netcore.dissect.der import context
from netcore.dissect.x509 import VERSIONS, common_name, read_certificate, read_serial_number
from netcore.dissect.x509_extensions import read_extensions
from netcore.dissect.x509_keys import read_algorithm_identifier, read_signature_value
from netcore.dissect.x509_names import read_name
from netcore.reader import Reader

RESPONSE_STATUS: Final = MappingProxyType(
    {
        0: "successful",
        1: "malformedRequest",
        2: "internalError",
        3: "tryLater",
        5: "sigRequired",
        6: "unauthorized",
    }
)
CRL_REASONS: Final = MappingProxyType(  # RFC 5280 §5.3.1
    {
        0: "unspecified",
        1: "keyCompromise",
        2: "cACompromise",
        3: "affiliationChanged",
        4: "superseded",
        5: "cessationOfOperation",
        6: "certificateHold",
        8: "removeFromCRL",
        9: "privilegeWithdrawn",
        10: "aACompromise",
    }
)
_BASIC = "1.3.6.1.5.5.7.48.1.1"
_GOOD, _REVOKED, _UNKNOWN = context(0), context(1, constructed=True), context(2)


def read_ocsp_response(r: Reader) -> None:
    """RFC 6960 §4.2.1: the answer that fills the block."""
    der.read_whole_header(r, der.SEQUENCE)
    spec = "RFC 6960 §4.2.1"
    der.read_integer(r, "response_status", spec, RESPONSE_STATUS, der.ENUMERATED)
    if not r.remaining:
        return
    with der.element(r, "response_bytes", spec):
        der.read_explicit(r, 0, der.SEQUENCE)
        kind = der.read_oid(r, "response_type")
        if kind != _BASIC:
            der.read_octet_string(r, "response", label="of a kind that is not read here")
            return
        with der.element(r, "response"):
            der.read_header(r, der.OCTET_STRING)
            read_basic_ocsp_response(r)


def read_basic_ocsp_response(r: Reader) -> None:
    """RFC 6960 §4.2.1."""
    with der.element(r, "basic_ocsp_response"):
        der.read_header(r, der.SEQUENCE)
        read_response_data(r)
        algorithm = read_algorithm_identifier(r, "signature_algorithm")
        read_signature_value(r, "signature", "RFC 6960 §4.2.1", algorithm)
        if r.remaining:
            with der.element(r, "certs"):
                der.read_explicit(r, 0, der.SEQUENCE)
                while r.remaining:
                    with der.element(r, "certificate", "RFC 5280 §4.1") as group:
                        group.label = common_name(r.peek(r.remaining))
                        read_certificate(r)


def read_response_data(r: Reader) -> None:
    """RFC 6960 §4.2.1."""
    with der.element(r, "tbs_response_data"):
        der.read_header(r, der.SEQUENCE)
        if der.next_tag(r) == context(0, constructed=True):
            der.read_integer(r, "version", registry=VERSIONS, explicit=0)
        read_responder_id(r)
        der.read_time(r, "produced_at")
        with der.element(r, "responses"):
            der.read_header(r, der.SEQUENCE)
            while r.remaining:
                read_single_response(r)
        if r.remaining:
            read_extensions(r, "response_extensions", "RFC 6960 §4.4", 1)


def read_responder_id(r: Reader) -> None:
    """RFC 6960 §4.2.1: a name, or the SHA-1 of a key."""
    if der.next_tag(r) == context(1, constructed=True):
        read_name(r, "by_name", "RFC 6960 §4.2.1", explicit=1)
        return
    with der.element(r, "by_key", "RFC 6960 §4.2.1"):
        der.read_explicit(r, 2, der.OCTET_STRING)
        r.rest("octet_string")


def read_single_response(r: Reader) -> None:
    """RFC 6960 §4.2.1."""
    with der.element(r, "single_response") as group:
        der.read_header(r, der.SEQUENCE)
        read_cert_id(r)
        group.label = read_cert_status(r)
        der.read_time(r, "this_update")
        if der.next_tag(r) == context(0, constructed=True):
            der.read_time(r, "next_update", explicit=0)
        if r.remaining:
            read_extensions(r, "single_extensions", "RFC 6960 §4.4", 1)


def read_cert_id(r: Reader) -> None:
    """RFC 6960 §4.1.1."""
    with der.element(r, "cert_id", "RFC 6960 §4.1.1"):
        der.read_header(r, der.SEQUENCE)
        read_algorithm_identifier(r, "hash_algorithm")
        der.read_octet_string(r, "issuer_name_hash")
        der.read_octet_string(r, "issuer_key_hash")
        read_serial_number(r, "RFC 6960 §4.1.1")


def read_cert_status(r: Reader) -> str:
    """RFC 6960 §4.2.1: good, revoked or unknown, which the tag alone tells. Returns which."""
    tag = der.next_tag(r)
    if tag == _REVOKED:
        with der.element(r, "revoked"):
            der.read_header(r, _REVOKED)
            der.read_time(r, "revocation_time")
            if r.remaining:
                registry = CRL_REASONS
                der.read_integer(r, "revocation_reason", "", registry, der.ENUMERATED, explicit=0)
        return "revoked"
    name = "unknown" if tag == _UNKNOWN else "good"
    with der.element(r, name):
        der.read_header(r, _GOOD, _UNKNOWN)
    return name
