"""Certificates (RFC 5280 §4.1)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from netcore.dissect import der
from netcore.dissect.x509_extensions import read_extensions
from netcore.dissect.x509_keys import (
    read_algorithm_identifier,
    read_signature_value,
    read_subject_public_key_info,
)
from netcore.dissect.x509_names import VALUE_CHARACTERS, read_name
from netcore.reader import Reader

SERIAL_OCTETS: Final = 20  # RFC 5280 §4.1.2.2
VERSIONS: Final = MappingProxyType({0: "v1", 1: "v2", 2: "v3"})

_EXTENSIONS = 3


def common_name(untrusted: bytes) -> str:
    """The subject's common name, "" if there is none or the octets are not a certificate."""
    try:
        subject = x509.load_der_x509_certificate(untrusted).subject
        names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except Exception:
        return ""  # a hostile certificate may fail in more ways than the library lists
    return str(names[0].value)[:VALUE_CHARACTERS] if names else ""


def read_certificate(r: Reader) -> None:
    """RFC 5280 §4.1: the certificate that fills the block."""
    der.read_whole_header(r, der.SEQUENCE)
    read_tbs_certificate(r)
    algorithm = read_algorithm_identifier(r, "signature_algorithm", "RFC 5280 §4.1.1.2")
    read_signature_value(r, "signature_value", "RFC 5280 §4.1.1.3", algorithm)


def read_tbs_certificate(r: Reader) -> None:
    """RFC 5280 §4.1.2."""
    with der.element(r, "tbs_certificate", "RFC 5280 §4.1.2"):
        der.read_header(r, der.SEQUENCE)
        if der.next_tag(r) == der.context(0, constructed=True):
            der.read_integer(r, "version", "RFC 5280 §4.1.2.1", VERSIONS, explicit=0)
        read_serial_number(r)
        read_algorithm_identifier(r, "signature", "RFC 5280 §4.1.2.3")
        read_name(r, "issuer", "RFC 5280 §4.1.2.4")
        with der.element(r, "validity", "RFC 5280 §4.1.2.5"):
            der.read_header(r, der.SEQUENCE)
            der.read_time(r, "not_before")
            der.read_time(r, "not_after")
        read_name(r, "subject", "RFC 5280 §4.1.2.6")
        read_subject_public_key_info(r)
        for number, name in ((1, "issuer_unique_id"), (2, "subject_unique_id")):
            if der.next_tag(r) == der.context(number):
                der.read_bit_string(r, name, "RFC 5280 §4.1.2.8", der.context(number))
        if der.next_tag(r) == der.context(_EXTENSIONS, constructed=True):
            read_extensions(r, "extensions", "RFC 5280 §4.1.2.9", _EXTENSIONS)


def read_serial_number(r: Reader, spec: str = "RFC 5280 §4.1.2.2") -> None:
    """RFC 5280 §4.1.2.2: the label is the number in hexadecimal, as programs show it."""
    with der.element(r, "serial_number", spec) as group:
        der.read_header(r, der.INTEGER)
        octets = r.peek(SERIAL_OCTETS + 1)
        if r.remaining <= SERIAL_OCTETS:
            group.label = octets.lstrip(b"\0").hex() or "00"
        der.integer_contents(r, group)
