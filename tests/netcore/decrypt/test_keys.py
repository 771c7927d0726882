"""Key derivation against published vectors."""

from __future__ import annotations

import pytest

from netcore.decrypt.keys import PRF_TLS10, hkdf_expand, hkdf_expand_label, key_block, prf
from tests.netcore.decrypt.rfc8448 import KEYS, SECRETS


def test_hkdf_expand_is_that_of_rfc_5869() -> None:
    # Appendix A.1
    secret = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    expected = (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    info = bytes.fromhex("f0f1f2f3f4f5f6f7f8f9")
    assert hkdf_expand(bytes.fromhex(secret), info, 42, "sha256").hex() == expected


@pytest.mark.parametrize("label", list(SECRETS))
def test_traffic_keys_are_those_of_rfc_8448(label: str) -> None:
    secret = bytes.fromhex(SECRETS[label])
    key, iv = KEYS[label]
    assert hkdf_expand_label(secret, "key", 16, "sha256").hex() == key
    assert hkdf_expand_label(secret, "iv", 12, "sha256").hex() == iv


def test_a_context_is_part_of_what_is_expanded() -> None:
    # RFC 8448 §3, "derived" of the early secret, with the hash of nothing as its context.
    early = bytes.fromhex("33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a")
    nothing = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    derived = hkdf_expand_label(early, "derived", 32, "sha256", nothing)
    assert derived.hex() == "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"


@pytest.mark.parametrize(
    ("digest", "secret", "seed", "beginning"),
    [  # posted to the list of the TLS working group when TLS 1.2 was new
        (
            "sha256",
            "9bbe436ba940f017b17652849a71db35",
            "a0ba9f936cda311827a6f796ffd5198c",
            "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a",
        ),
        (
            "sha384",
            "b80b733d6ceefcdc71566ea48e5567df",
            "cd665cf6a8447dd6ff8b27555edb7465",
            "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd",
        ),
    ],
)
def test_the_prf_of_tls_1_2(digest: str, secret: str, seed: str, beginning: str) -> None:
    output = prf(bytes.fromhex(secret), "test label", bytes.fromhex(seed), 148, digest)
    assert output[:32].hex() == beginning
    assert len(output) == 148


def test_the_prf_of_tls_1_0() -> None:
    # posted to the list of the TLS working group when TLS 1.0 was new
    output = prf(b"\xab" * 48, "PRF Testvector", b"\xcd" * 64, 104, PRF_TLS10)
    assert output.hex() == (
        "d3d4d1e349b5d515044666d51de32bab258cb521b6b053463e354832fd976754"
        "443bcf9a296519bc289abcbc1187e4ebd31e602353776c408aafb74cbc85eff6"
        "9255f9788faa184cbb957a9819d84a5d7eb006eb459d3ae8de9810454b8b2d8f"
        "1afbc655a8c9a013"
    )


def test_an_odd_secret_shares_its_middle_octet() -> None:
    assert prf(b"abc", "x", b"y", 20, PRF_TLS10) != prf(b"abbc", "x", b"y", 19, PRF_TLS10)
    assert prf(b"abc", "x", b"y", 20, PRF_TLS10) == prf(b"abbc", "x", b"y", 20, PRF_TLS10)


def test_a_key_block_is_cut_in_the_order_of_rfc_5246() -> None:
    client, server = key_block(b"m" * 48, b"r" * 64, (3, 2, 1), "sha256")
    block = prf(b"m" * 48, "key expansion", b"r" * 64, 12, "sha256")
    assert client.mac_key + server.mac_key == block[:6]
    assert client.key + server.key == block[6:10]
    assert client.iv + server.iv == block[10:]
