"""Names of cipher suites."""

from __future__ import annotations

import pytest

from netcore.decrypt.suites import Suite, suite_of
from netcore.registries.tls import CIPHER_SUITES


@pytest.mark.parametrize(
    ("name", "suite"),
    [
        ("TLS_AES_128_GCM_SHA256", Suite("GCM", 16, "sha256", "")),
        ("TLS_AES_256_GCM_SHA384", Suite("GCM", 32, "sha384", "")),
        ("TLS_CHACHA20_POLY1305_SHA256", Suite("CHACHA20", 32, "sha256", "")),
        ("TLS_AES_128_CCM_8_SHA256", Suite("CCM_8", 16, "sha256", "")),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Suite("GCM", 16, "sha256", "")),
        ("TLS_RSA_WITH_AES_256_CCM", Suite("CCM", 32, "sha256", "")),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", Suite("CBC", 16, "sha256", "sha1")),
        ("TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", Suite("CBC", 32, "sha256", "sha256")),
        ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", Suite("CBC", 32, "sha384", "sha384")),
        ("TLS_RSA_WITH_RC4_128_SHA", None),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", None),
        ("TLS_RSA_WITH_NULL_SHA", None),
        ("GREASE", None),
        ("", None),
    ],
)
def test_a_name_says_how_records_are_protected(name: str, suite: Suite | None) -> None:
    assert suite_of(name) == suite


def test_every_registered_suite_with_aes_or_chacha20_is_read() -> None:
    names = [name for name in CIPHER_SUITES.values() if "_AES_" in name or "CHACHA20" in name]
    assert len(names) > 120
    assert [name for name in names if suite_of(name) is None] == []


@pytest.mark.parametrize("name", ["TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"])
def test_a_suite_makes_its_aead(name: str) -> None:
    suite = suite_of(name)
    assert suite is not None
    sealed = suite.aead(bytes(suite.key_octets)).encrypt(bytes(12), b"abc", b"")
    assert len(sealed) == 3 + suite.tag_octets
