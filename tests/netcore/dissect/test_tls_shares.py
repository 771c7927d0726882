"""Halves of key exchanges, with keys and ciphertexts that the library makes."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mlkem, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from netcore.dissect.tls_shares import read_client_share, read_public_point, read_server_share
from netcore.field import Field
from netcore.reader import Reader
from tests.netcore.dissect.elements import errors, read

KEM = mlkem.MLKEM768PrivateKey.generate().public_key()
KEM_1024 = mlkem.MLKEM1024PrivateKey.generate().public_key()
X25519 = x25519.X25519PrivateKey.generate().public_key().public_bytes_raw()


def point(curve: ec.EllipticCurve) -> bytes:
    key = ec.generate_private_key(curve).public_key()
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


P256, P384 = point(ec.SECP256R1()), point(ec.SECP384R1())
CIPHERTEXT, CIPHERTEXT_1024 = (max(key.encapsulate(), key=len) for key in (KEM, KEM_1024))


def share(group: int, octets: bytes, *, of_client: bool) -> Field:
    reader = read_client_share if of_client else read_server_share

    def function(r: Reader) -> None:
        reader(r, "key_exchange", 16, group)

    return read(function, len(octets).to_bytes(2, "big") + octets)


def parts(tree: Field) -> list[tuple[str, int]]:
    return [(leaf.name, leaf.length // 8) for leaf in tree.leaves()][1:]


CLIENT = {
    4588: (KEM.public_bytes_raw() + X25519, [("t", 1152), ("rho", 32), ("x25519", 32)]),
    4587: (
        P256 + KEM.public_bytes_raw(),
        [("form", 1), ("x", 32), ("y", 32), ("t", 1152), ("rho", 32)],
    ),
    4589: (
        P384 + KEM_1024.public_bytes_raw(),
        [("form", 1), ("x", 48), ("y", 48), ("t", 1536), ("rho", 32)],
    ),
    513: (KEM.public_bytes_raw(), [("t", 1152), ("rho", 32)]),
    514: (KEM_1024.public_bytes_raw(), [("t", 1536), ("rho", 32)]),
    23: (P256, [("form", 1), ("x", 32), ("y", 32)]),
    24: (P384, [("form", 1), ("x", 48), ("y", 48)]),
    29: (X25519, [("key_exchange", 32)]),
    256: (bytes(256), [("key_exchange", 256)]),
    0x0A0A: (b"\0", [("key_exchange", 1)]),
}
SERVER = {
    4588: (CIPHERTEXT + X25519, [("c1", 960), ("c2", 128), ("x25519", 32)]),
    4587: (P256 + CIPHERTEXT, [("form", 1), ("x", 32), ("y", 32), ("c1", 960), ("c2", 128)]),
    4589: (
        P384 + CIPHERTEXT_1024,
        [("form", 1), ("x", 48), ("y", 48), ("c1", 1408), ("c2", 160)],
    ),
    513: (CIPHERTEXT, [("c1", 960), ("c2", 128)]),
    23: (P256, [("form", 1), ("x", 32), ("y", 32)]),
    29: (X25519, [("key_exchange", 32)]),
}


@pytest.mark.parametrize("group", CLIENT)
def test_a_share_of_the_client_is_split_as_its_group_says(group: int) -> None:
    octets, expected = CLIENT[group]
    tree = share(group, octets, of_client=True)
    assert parts(tree) == expected
    assert errors(tree) == []


@pytest.mark.parametrize("group", SERVER)
def test_a_share_of_the_server_is_split_as_its_group_says(group: int) -> None:
    octets, expected = SERVER[group]
    tree = share(group, octets, of_client=False)
    assert parts(tree) == expected
    assert errors(tree) == []


@pytest.mark.parametrize("group", [4588, 4587, 513, 23])
def test_a_share_of_another_size_than_its_group_has_stays_whole(group: int) -> None:
    tree = share(group, bytes(100), of_client=True)
    assert parts(tree) == [("key_exchange", 100)]


def test_a_point_of_a_group_that_another_message_names_is_told_by_its_form() -> None:
    def function(r: Reader) -> None:
        read_public_point(r, "ecdh_yc", 8)

    assert parts(read(function, b"\x41" + P256)) == [("form", 1), ("x", 32), ("y", 32)]
    assert parts(read(function, b"\x20\x04" + bytes(31))) == [("ecdh_yc", 32)]
