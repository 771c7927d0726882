"""What the name of a cipher suite says of how its records are protected (RFC 5246 appendix C)."""

from __future__ import annotations

import re
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

Aead = AESGCM | AESCCM | ChaCha20Poly1305
TAG = 16

_NAME = re.compile(
    r"TLS_(?:[A-Za-z0-9_]+_WITH_)?"
    r"(?:AES_(?P<bits>128|256)_(?P<mode>GCM|CCM_8|CCM|CBC)|CHACHA20_POLY1305)"
    r"(?:_(?P<hash>SHA384|SHA256|SHA))?"
)
_DIGESTS = {"SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}


class Suite(NamedTuple):
    """How records are protected."""

    mode: str  # "GCM", "CCM", "CCM_8", "CHACHA20" or "CBC"
    key_octets: int
    digest: str  # of the PRF of TLS 1.2 and of HKDF
    mac: str  # digest of the MAC, for CBC; else ""

    @property
    def tag_octets(self) -> int:
        """How much the AEAD adds."""
        return 8 if self.mode == "CCM_8" else TAG

    def aead(self, key: bytes) -> Aead:
        """The AEAD with this key. For CBC there is none."""
        if self.mode == "CHACHA20":
            return ChaCha20Poly1305(key)
        if self.mode == "GCM":
            return AESGCM(key)
        return AESCCM(key, self.tag_octets)


def suite_of(name: str) -> Suite | None:
    """The suite of that registered name; None for one that is not decrypted here."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    named = _DIGESTS[match["hash"] or "SHA256"]  # the suites with CCM name none
    if match["mode"] is None:
        return Suite("CHACHA20", 32, named, "")
    is_cbc = match["mode"] == "CBC"
    # RFC 5246 §5: suites that are older than TLS 1.2 use SHA-256 in its PRF.
    digest = "sha256" if named == "sha1" else named
    return Suite(match["mode"], int(match["bits"]) // 8, digest, named if is_cbc else "")
