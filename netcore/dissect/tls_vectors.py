"""A vector of numbers, the shape that most lists of TLS have (RFC 8446 §3.4)."""

from __future__ import annotations

from collections.abc import Mapping

from netcore.reader import Reader


def read_list(
    r: Reader,
    name: str,
    length_bits: int,
    element: str,
    bits: int,
    registry: Mapping[int, str],
    spec: str = "",
) -> None:
    """RFC 8446 §3.4: a length in octets, then as many `element`s of `bits` bits as it says."""
    with r.vector(name, length_bits, spec):
        while r.remaining:
            r.uint(element, bits, registry)
