"""Points on elliptic curves, and the pair of numbers that a signature made with one is."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from netcore.dissect import der
from netcore.reader import Reader

POINT_FORMS: Final = MappingProxyType(
    {
        2: "compressed, y is even",
        3: "compressed, y is odd",
        4: "uncompressed",
        6: "hybrid, y is even",
        7: "hybrid, y is odd",
    }
)
"""SEC 1 §2.3.3; the hybrid forms are of ANSI X9.62, and RFC 5480 §2.2 forbids them."""


def read_point(r: Reader) -> None:
    """RFC 8446 §4.2.8.2, RFC 5480 §2.2: the rest of the block as a point."""
    form = r.uint("form", 8, POINT_FORMS)
    if form not in POINT_FORMS:
        r.malformed("no point begins so")
    if form < 4:
        r.rest("x")
        return
    if r.remaining % 2:
        r.malformed(f"{r.remaining:,} octets are not two coordinates of the same length")
    half = r.remaining // 2
    r.octets("x", half)
    r.octets("y", half)


def read_ecdsa_sig_value(r: Reader, label: str = "") -> None:
    """RFC 3279 §2.2.3, RFC 8422 §5.4."""
    _read_pair(r, "ecdsa_sig_value", "RFC 3279 §2.2.3", label)


def read_dss_sig_value(r: Reader, label: str = "") -> None:
    """RFC 3279 §2.2.2, RFC 5246 §4.7."""
    _read_pair(r, "dss_sig_value", "RFC 3279 §2.2.2", label)


def _read_pair(r: Reader, name: str, spec: str, label: str) -> None:
    with der.element(r, name, spec, label):
        der.read_header(r, der.SEQUENCE)
        der.read_integer(r, "r")
        der.read_integer(r, "s")


def is_pair(octets: bytes) -> bool:
    """Whether these octets are a SEQUENCE of two short INTEGERs and nothing else.

    Of other signatures one in 2^40 looks so: five octets would have to be tags and lengths that
    fit.
    """
    if octets[:1] != b"\x30" or not der.is_element(octets):
        return False
    at = 2 if octets[1] < 0x80 else 2 + (octets[1] & 0x7F)
    for _ in range(2):
        tag, length = (*octets[at : at + 2], -1, -1)[:2]
        if tag != der.INTEGER or not 0 < length < 0x80:
            return False
        at += 2 + length
    return at == len(octets)
