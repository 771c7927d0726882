"""TLS numbers, against those that OpenSSL knows."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from netcore.registries.tls import (
    CIPHER_SUITES,
    EXTENSION_TYPES,
    GREASE,
    PSK_KEY_EXCHANGE_MODES,
    SIGNATURE_SCHEMES,
    SUPPORTED_GROUPS,
)


def test_every_greasy_number_of_rfc_8701_is_called_that() -> None:
    greasy = {0x1010 * n + 0x0A0A for n in range(16)}
    for registry in (CIPHER_SUITES, EXTENSION_TYPES, SUPPORTED_GROUPS, SIGNATURE_SCHEMES):
        assert {number for number, name in registry.items() if name == GREASE} == greasy
    modes = {number for number, name in PSK_KEY_EXCHANGE_MODES.items() if name == GREASE}
    assert modes == {0x0B, 0x2A, 0x49, 0x68, 0x87, 0xA6, 0xC5, 0xE4}


def test_a_pair_of_tls_1_2_is_named_after_its_two_algorithms() -> None:
    assert SIGNATURE_SCHEMES[0x0301] == "sha224 with rsa"
    assert SIGNATURE_SCHEMES[0x0401] == "rsa_pkcs1_sha256"


@pytest.mark.peer
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_cipher_suites_have_the_names_that_openssl_gives_them() -> None:
    command = ["openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL@SECLEVEL=0"]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
    rows = [line.split() for line in output.splitlines()]
    assert len(rows) > 50
    for number, _, name, *_ in rows:
        first, second = number.split(",")
        assert CIPHER_SUITES[int(first, 16) << 8 | int(second, 16)] == name
