"""Signatures in TLS: the algorithm says what their octets are (RFC 5246 §4.7, RFC 8446 §4.4.3)."""

from __future__ import annotations

from typing import Final

from netcore.dissect.elliptic import is_pair, read_dss_sig_value, read_ecdsa_sig_value
from netcore.reader import Reader
from netcore.registries import tls

ECDSA: Final = frozenset({*range(0x0003, 0x0700, 0x100), 0x081A, 0x081B, 0x081C})
DSA: Final = frozenset(range(0x0002, 0x0700, 0x100))

BY_SHAPE: Final = "told by its shape"


def read_digitally_signed(r: Reader, spec: str = "") -> None:
    """RFC 5246 §4.7: the algorithm and the signature."""
    scheme = r.uint("algorithm", 16, tls.SIGNATURE_SCHEMES, spec)
    length = r.uint("signature_length", 16, spec=spec)
    if scheme not in ECDSA and scheme not in DSA:
        r.octets("signature", length, spec=spec)
        return
    with r.block("signature", length, spec):
        (read_ecdsa_sig_value if scheme in ECDSA else read_dss_sig_value)(r)


def read_digitally_signed_tls11(r: Reader) -> None:
    """RFC 4346 §4.7: the key tells the algorithm, and the key is in another message.

    A pair of numbers is known by its shape. That of DSA is the same as that of ECDSA, but its
    numbers have 20 octets, as it signs with SHA-1 here.
    """
    spec = "RFC 4346 §4.7"
    length = r.uint("signature_length", 16, spec=spec)
    octets = r.peek(length)
    if len(octets) != length or not is_pair(octets):
        r.octets("signature", length, spec=spec)
        return
    with r.block("signature", length, spec):
        (read_dss_sig_value if length <= DSS_OCTETS else read_ecdsa_sig_value)(r, BY_SHAPE)


DSS_OCTETS: Final = 48  # the longest pair of numbers of 160 bits, with its tags and lengths
