"""How a server secures a connection: what its context is made of."""

import base64
import ssl

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from lab import Authority
from lab.certificates import with_rsa_key, with_weak_key
from lab.tls import ANY_KEY, Tls, ffdhe2048, oakley1024
from tests.lab.in_memory import shaken

HOST = "server.lab.test"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_version_lowers_the_security_level_without_a_warning(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    context = Tls(minimum=version, maximum=version).context(authority, "old.lab.test")
    assert context.maximum_version == version
    assert context.security_level == 0
    assert Tls().context(authority, "new.lab.test").security_level > 0


def test_a_weak_key_needs_a_list_that_allows_it(authority: Authority) -> None:
    with pytest.raises(ssl.SSLError, match="too small"):
        Tls(certify=with_weak_key).context(authority, HOST)
    assert Tls(certify=with_weak_key, ciphers=ANY_KEY).context(authority, HOST)


def test_the_cipher_suite_is_the_one_that_was_asked_for(authority: Authority) -> None:
    name = "ECDHE-RSA-AES128-SHA256"
    tls = Tls(maximum=ssl.TLSVersion.TLSv1_2, certify=with_rsa_key, ciphers=name)
    client, _ = shaken(authority, tls.context(authority, HOST), HOST)
    assert (client.cipher() or ("",))[0] == name


def test_one_key_for_rsa_serves_all_servers(authority: Authority) -> None:
    keys = [with_rsa_key(authority, host).identity.key for host in ("a.test", "b.test")]
    assert isinstance(keys[0], rsa.RSAPrivateKey)
    assert keys[0] is keys[1]
    assert isinstance(authority.identity("c.test").key, ec.EllipticCurvePrivateKey)


def test_the_group_without_a_curve_begins_and_ends_as_in_the_rfc() -> None:
    der = base64.b64decode(b"".join(ffdhe2048().splitlines()[1:-1]))
    prime = der[9:265].hex(" ", 4).upper()
    # RFC 7919, A.1
    assert prime.startswith("FFFFFFFF FFFFFFFF ADF85458 A2BB4A9A AFDC5620 273D3CF1")
    assert prime.endswith("C58EF183 7D1683B2 C6F34A26 C1B2EFFA 886B4238 61285C97 FFFFFFFF FFFFFFFF")
    assert der[265:] == b"\x02\x01\x02"


def test_the_small_group_begins_and_ends_as_in_the_rfc() -> None:
    der = base64.b64decode(b"".join(oakley1024().splitlines()[1:-1]))
    prime = der[9:137].hex(" ", 4).upper()
    # RFC 2409, 6.2
    assert prime.startswith("FFFFFFFF FFFFFFFF C90FDAA2 2168C234 C4C6628B 80DC1CD1")
    assert prime.endswith("49286651 ECE65381 FFFFFFFF FFFFFFFF")
    assert der[137:] == b"\x02\x01\x02"
