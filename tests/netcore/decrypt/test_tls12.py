"""Records of TLS 1.2 and older that no real server sends; the real ones are in test_exchanges."""

from __future__ import annotations

import hmac

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.decrypt.keys import WriteKeys
from netcore.decrypt.suites import Suite
from netcore.decrypt.tls12 import TLS10, AeadOpener, BlockOpener, key_lengths

KEYS = WriteKeys(b"m" * 20, b"k" * 16, b"i" * 16)
CBC = Suite("CBC", 16, "sha256", "sha1")
GCM = Suite("GCM", 16, "sha256", "")
CHACHA20 = Suite("CHACHA20", 32, "sha256", "")
HEADER = b"\x17\x03\x03"
VERSION = 0x0303


def block_record(
    content: bytes, padding: bytes | None = None, mac: bytes = b"", number: int = 0
) -> bytes:
    """MAC, then padding, then encryption; with other padding or another MAC where wanted."""
    covered = number.to_bytes(8, "big") + HEADER + len(content).to_bytes(2, "big") + content
    plain = content + (mac or hmac.digest(KEYS.mac_key, covered, "sha1"))
    count = -(len(plain) + 1) % 16
    plain += bytes([count]) * (count + 1) if padding is None else padding
    encryptor = Cipher(algorithms.AES(KEYS.key), modes.CBC(b"v" * 16)).encryptor()
    sealed = b"v" * 16 + encryptor.update(plain) + encryptor.finalize()
    return HEADER + len(sealed).to_bytes(2, "big") + sealed


def aead_record(content: bytes, content_type: int = 23, number: int = 0) -> bytes:
    head = bytes([content_type, 3, 3])
    additional_data = number.to_bytes(8, "big") + head + len(content).to_bytes(2, "big")
    sealed = GCM.aead(KEYS.key).encrypt(b"iiii" + bytes(8), content, additional_data)
    return head + (8 + len(sealed)).to_bytes(2, "big") + bytes(8) + sealed


def block_opener(version: int = VERSION, *, encrypt_then_mac: bool = False) -> BlockOpener:
    return BlockOpener(CBC, KEYS, version, encrypt_then_mac=encrypt_then_mac)


def aead_opener() -> AeadOpener:
    return AeadOpener(GCM, WriteKeys(b"", KEYS.key, b"iiii"))


def test_the_records_made_here_open() -> None:
    reader = block_opener()
    assert [reader.open(block_record(b"abc", number=n)).content for n in range(3)] == [3, 3, 3]
    aead = aead_opener()
    assert [aead.open(aead_record(b"abc", number=n)).content for n in range(3)] == [3, 3, 3]


def test_a_record_out_of_its_turn_does_not_open() -> None:
    assert block_opener().open(block_record(b"abc", number=1)).error
    assert aead_opener().open(aead_record(b"abc", number=1)).error


@pytest.mark.parametrize(
    "record",
    [
        block_record(b"abc", padding=b"\0" * 8 + b"\x08"),
        block_record(b"abc", padding=b"\7\7\7\7\7\7\7\7\x07"),
        block_record(b"abc", mac=b"w" * 20),
        block_record(b"", padding=b"\xff" * 12),
    ],
    ids=["padding of zeros", "one octet of padding more than it says", "mac", "padding alone"],
)
def test_what_is_wrong_inside_stays_closed(record: bytes) -> None:
    opened = block_opener().open(record)
    assert (opened.octets, opened.content) == (b"", 0)
    assert "MAC does not verify" in opened.error


def test_much_padding_is_right_where_all_of_it_says_so() -> None:
    assert block_opener().open(block_record(b"abc", padding=bytes([8 + 16]) * 25)).content == 3


def test_behind_the_messages_of_a_second_handshake_nothing_opens() -> None:
    reader = aead_opener()
    assert not reader.open(aead_record(b"\1", 20)).error
    assert "renegotiated" in reader.open(aead_record(b"abc", number=1)).error


@pytest.mark.parametrize(
    ("suite", "version", "lengths"),
    [
        (CBC, VERSION, (20, 16, 0)),
        (CBC, TLS10, (20, 16, 16)),
        (GCM, VERSION, (0, 16, 4)),
        (CHACHA20, VERSION, (0, 32, 12)),
    ],
)
def test_a_key_block_has_what_the_suite_needs(
    suite: Suite, version: int, lengths: tuple[int, int, int]
) -> None:
    assert key_lengths(suite, version) == lengths


@settings(deadline=None)
@given(st.lists(st.binary(max_size=90), max_size=6), st.booleans(), st.sampled_from([TLS10, 771]))
def test_no_octets_raise_or_open(records: list[bytes], etm: bool, version: int) -> None:
    for reader in (block_opener(version, encrypt_then_mac=etm), aead_opener()):
        for octets in records:
            opened = reader.open(octets)
            assert opened.error
            assert opened.octets == b""


@settings(deadline=None)
@given(st.binary(max_size=64).map(lambda octets: octets + bytes(-(len(octets)) % 16)))
def test_any_blocks_in_cbc_stay_closed_without_an_exception(plain: bytes) -> None:
    encryptor = Cipher(algorithms.AES(KEYS.key), modes.CBC(b"v" * 16)).encryptor()
    sealed = b"v" * 16 + encryptor.update(plain) + encryptor.finalize()
    record = HEADER + len(sealed).to_bytes(2, "big") + sealed
    assert block_opener().open(record).error
