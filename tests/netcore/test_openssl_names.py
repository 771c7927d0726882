"""What OpenSSL is told to offer."""

from __future__ import annotations

import ssl

import pytest

from netcore.openssl_names import GROUPS, cipher_list, group_name


@pytest.mark.parametrize("asked", ["", "ALL", "ECDHE+AESGCM"])
@pytest.mark.parametrize("any_level", [False, True])
def test_no_list_offers_a_suite_without_certificate_or_encryption(
    asked: str, any_level: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers(cipher_list(asked, any_level=any_level))
    offered = context.get_ciphers()
    assert offered
    assert not any(
        word in each["description"]
        for each in offered
        for word in ("Au=None", "Enc=None", "PSK", "SRP")
    )


def test_a_group_has_one_name_for_all_that_it_is_called() -> None:
    assert {group_name(each) for each in ("P-256", "prime256v1", "secp256r1")} == {"secp256r1"}
    assert group_name("X25519") in GROUPS
    assert group_name("mine") == "mine"
