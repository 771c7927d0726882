"""Algorithms, public keys and signatures in certificates (RFC 3279, RFC 4055, RFC 5480)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from netcore.dissect import der
from netcore.dissect.elliptic import read_dss_sig_value, read_ecdsa_sig_value, read_point
from netcore.reader import Read, Reader
from netcore.registries.oids import OIDS

_ECDSA = ("1.2.840.10045.4.1", *(f"1.2.840.10045.4.3.{n}" for n in range(1, 5)))
_DSA = ("1.2.840.10040.4.3", *(f"2.16.840.1.101.3.4.3.{n}" for n in range(1, 5)))
_PSS = "1.2.840.113549.1.1.10"


def read_algorithm_identifier(r: Reader, name: str, spec: str = "", explicit: int = -1) -> str:
    """RFC 5280 §4.1.1.2: an algorithm, perhaps in an explicit tag. Returns its identifier."""
    oid = ""
    with der.element(r, name, spec) as group:
        if explicit >= 0:
            der.read_explicit(r, explicit, der.SEQUENCE)
        else:
            der.read_header(r, der.SEQUENCE)
        oid = der.read_oid(r, "algorithm")
        group.label = OIDS.get(oid, oid)
        if r.remaining:
            _PARAMETERS.get(oid, read_parameters)(r)
    return oid


def read_parameters(r: Reader) -> None:
    """RFC 5280 §4.1.1.2: what an algorithm needs besides, in a form that is not known here."""
    if der.next_tag(r) == der.NULL:
        der.read_null(r, "parameters")
    else:
        der.read_any(r, "parameters")


def read_named_curve(r: Reader) -> None:
    """RFC 5480 §2.1.1."""
    if der.next_tag(r) == der.OBJECT_IDENTIFIER:
        der.read_oid(r, "named_curve", "RFC 5480 §2.1.1")
    else:
        read_parameters(r)


def read_dss_parms(r: Reader) -> None:
    """RFC 3279 §2.3.2."""
    with der.element(r, "dss_parms", "RFC 3279 §2.3.2"):
        der.read_header(r, der.SEQUENCE)
        for name in ("p", "q", "g"):
            der.read_integer(r, name)


def read_rsassa_pss_params(r: Reader) -> None:
    """RFC 4055 §3.1: what is left out has its default, SHA-1 and 20 octets of salt."""
    with der.element(r, "rsassa_pss_params", "RFC 4055 §3.1"):
        der.read_header(r, der.SEQUENCE)
        if der.next_tag(r) == der.context(0, constructed=True):
            read_algorithm_identifier(r, "hash_algorithm", explicit=0)
        if der.next_tag(r) == der.context(1, constructed=True):
            read_algorithm_identifier(r, "mask_gen_algorithm", explicit=1)
        if der.next_tag(r) == der.context(2, constructed=True):
            der.read_integer(r, "salt_length", explicit=2)
        if der.next_tag(r) == der.context(3, constructed=True):
            der.read_integer(r, "trailer_field", explicit=3)


def read_mask_gen_hash(r: Reader) -> None:
    """RFC 4055 §2.2: the hash that the mask is made with."""
    read_algorithm_identifier(r, "parameters", "RFC 4055 §2.2")


def read_subject_public_key_info(r: Reader) -> None:
    """RFC 5280 §4.1.2.7."""
    with der.element(r, "subject_public_key_info", "RFC 5280 §4.1.2.7") as group:
        der.read_header(r, der.SEQUENCE)
        oid = read_algorithm_identifier(r, "algorithm")
        group.label = OIDS.get(oid, oid)
        with der.element(r, "subject_public_key"):
            der.read_header(r, der.BIT_STRING)
            der.read_unused_bits(r)
            _KEYS.get(oid, _read_plain_key)(r)


def _read_plain_key(r: Reader) -> None:
    r.rest("bit_string")


def read_rsa_public_key(r: Reader) -> None:
    """RFC 3279 §2.3.1."""
    with der.element(r, "rsa_public_key", "RFC 3279 §2.3.1"):
        der.read_header(r, der.SEQUENCE)
        der.read_integer(r, "modulus")
        der.read_integer(r, "public_exponent")


def read_dsa_public_key(r: Reader) -> None:
    """RFC 3279 §2.3.2."""
    der.read_integer(r, "dsa_public_key", "RFC 3279 §2.3.2")


def read_signature_value(r: Reader, name: str, spec: str, algorithm: str) -> None:
    """RFC 5280 §4.1.1.3: a BIT STRING, and what is in it as its algorithm has it."""
    with der.element(r, name, spec):
        der.read_header(r, der.BIT_STRING)
        der.read_unused_bits(r)
        if algorithm in _ECDSA:
            read_ecdsa_sig_value(r)
        elif algorithm in _DSA:
            read_dss_sig_value(r)
        else:
            r.rest("bit_string")


_PARAMETERS: Final = MappingProxyType[str, Read](
    {
        "1.2.840.10045.2.1": read_named_curve,
        "1.2.840.10040.4.1": read_dss_parms,
        "1.2.840.113549.1.1.8": read_mask_gen_hash,
        _PSS: read_rsassa_pss_params,
    }
)
_KEYS: Final = MappingProxyType[str, Read](
    {
        "1.2.840.113549.1.1.1": read_rsa_public_key,
        _PSS: read_rsa_public_key,
        "1.2.840.10045.2.1": read_point,
        "1.2.840.10040.4.1": read_dsa_public_key,
    }
)
