"""Signed certificate timestamps, in TLS and in certificates (RFC 6962 §3.2, §3.3)."""

from __future__ import annotations

from netcore.dissect.tls_signatures import read_digitally_signed
from netcore.reader import Reader


def read_sct_list(r: Reader) -> None:
    """RFC 6962 §3.3."""
    with r.vector("sct_list", 16):
        while r.remaining:
            with r.vector("serialized_sct", 16):
                read_sct(r)


def read_sct(r: Reader) -> None:
    """RFC 6962 §3.2."""
    r.uint("sct_version", 8, {0: "v1"})
    r.octets("log_id", 32)
    r.uint("timestamp", 64)
    r.opaque("ct_extensions", 16)
    read_digitally_signed(r)
