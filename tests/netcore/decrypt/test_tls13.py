"""Records of TLS 1.3: RFC 8448, and what no real server sends."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.decrypt.keys import hkdf_expand_label
from netcore.decrypt.suites import suite_of
from netcore.decrypt.tls13 import CLIENT, EARLY, SERVER, Tls13Opener
from netcore.pdus import explain
from netcore.titles import title_of
from tests.netcore.decrypt import rfc8448
from tests.netcore.test_pdus import assert_grounded, assert_partition

SUITE = suite_of("TLS_AES_128_GCM_SHA256")
assert SUITE is not None
SECRETS = {label: bytes.fromhex(secret) for label, secret in rfc8448.SECRETS.items()}
HANDSHAKE, DATA = 22, 23
FINISHED = b"\x14\0\0\x20" + bytes(32)
KEY_UPDATE = b"\x18\0\0\1\0"


class Sealer:
    """Protects records as RFC 8446 §5.2 has it."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        self.number = 0

    def seal(self, content: bytes, content_type: int = DATA, zeros: int = 0) -> bytes:
        assert SUITE is not None
        aead = SUITE.aead(hkdf_expand_label(self.secret, "key", 16, "sha256"))
        iv = int.from_bytes(hkdf_expand_label(self.secret, "iv", 12, "sha256"), "big")
        plain = content + bytes([content_type]) * bool(content_type) + bytes(zeros)
        header = b"\x17\x03\x03" + (len(plain) + 16).to_bytes(2, "big")
        sealed = aead.encrypt((iv ^ self.number).to_bytes(12, "big"), plain, header)
        self.number += 1
        return header + sealed

    def update(self) -> None:
        self.secret = hkdf_expand_label(self.secret, "traffic upd", 32, "sha256")
        self.number = 0


def opener(*labels: str) -> Tls13Opener:
    assert SUITE is not None
    return Tls13Opener(SUITE, SECRETS, labels or SERVER)


def handshake() -> Sealer:
    return Sealer(SECRETS[SERVER[0]])


def application() -> Sealer:
    return Sealer(SECRETS[SERVER[1]])


def test_the_trace_of_rfc_8448_is_what_it_says() -> None:
    explanation = explain(rfc8448.events())
    assert explanation.channels["tls:1.sent"].octets == rfc8448.CONTENT
    assert explanation.channels["tls:1.received"].octets == rfc8448.CONTENT
    assert [title_of(pdu) for pdu in explanation.pdus if pdu.name == "tls_handshake"] == [
        "ClientHello",
        "Finished",
        "ServerHello",
        "EncryptedExtensions",
        "Certificate",
        "CertificateVerify",
        "Finished",
        "NewSessionTicket",
    ]
    assert [title_of(pdu) for pdu in explanation.pdus if pdu.name == "tls_alert"] == [
        "alert close_notify"
    ] * 2
    assert {pdu.error for pdu in explanation.pdus} == {""}
    assert_partition(explanation)
    assert_grounded(explanation)


def test_padding_is_no_content() -> None:
    opened = opener().open(handshake().seal(b"abc", HANDSHAKE, zeros=100))
    assert (opened.content_type, opened.content, len(opened.octets)) == (HANDSHAKE, 3, 104)


def test_a_record_of_padding_alone_has_no_type() -> None:
    opened = opener().open(handshake().seal(b"", 0, zeros=5))
    assert (opened.content_type, opened.content, opened.error) == (0, 0, "")


def test_finished_over_two_records_ends_the_handshake_keys() -> None:
    records, reader = handshake(), opener()
    assert not reader.open(records.seal(FINISHED[:2], HANDSHAKE)).error
    assert not reader.open(records.seal(FINISHED[2:], HANDSHAKE)).error
    assert reader.open(application().seal(b"data")).content == 4


def test_key_updates_change_the_keys_each_time() -> None:
    reader, records = opener(), application()
    reader.open(handshake().seal(FINISHED, HANDSHAKE))
    for number in range(3):
        assert reader.open(records.seal(b"x" * number)).content == number
        assert not reader.open(records.seal(KEY_UPDATE, HANDSHAKE)).error
        records.update()
    assert reader.open(records.seal(b"last")).content == 4


def test_a_key_update_during_the_handshake_changes_nothing() -> None:
    reader, records = opener(), handshake()
    reader.open(records.seal(KEY_UPDATE, HANDSHAKE))
    assert not reader.open(records.seal(FINISHED, HANDSHAKE)).error


def test_behind_a_lost_finished_the_next_keys_are_tried() -> None:
    reader = opener()
    lost = bytearray(handshake().seal(FINISHED, HANDSHAKE))
    lost[-1] ^= 1
    assert "does not verify with SERVER_HANDSHAKE" in reader.open(bytes(lost)).error
    assert reader.open(application().seal(b"data")).content == 4


def test_behind_a_record_that_does_not_verify_the_count_goes_on() -> None:
    reader, records = opener(SERVER[1]), application()
    lost = bytearray(records.seal(b"first"))
    lost[7] ^= 1
    opened = reader.open(bytes(lost))
    assert (opened.content_type, opened.octets) == (DATA, b"")
    assert reader.open(records.seal(b"second")).content == 6


def test_early_data_ends_with_its_message() -> None:
    secrets = {**SECRETS, EARLY: b"e" * 32}
    assert SUITE is not None
    reader = Tls13Opener(SUITE, secrets, (EARLY, *CLIENT))
    early = Sealer(secrets[EARLY])
    assert reader.open(early.seal(b"early")).content == 5
    assert not reader.open(early.seal(b"\5\0\0\0", HANDSHAKE)).error
    assert not reader.open(Sealer(SECRETS[CLIENT[0]]).seal(FINISHED, HANDSHAKE)).error
    assert reader.open(Sealer(SECRETS[CLIENT[1]]).seal(b"late")).content == 4


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=8))
def test_no_octets_raise_or_open(records: list[bytes]) -> None:
    reader = opener()
    for octets in records:
        opened = reader.open(octets)
        assert opened.error
        assert opened.octets == b""


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, 255), st.integers(0, 20))
def test_any_content_that_verifies_is_taken_apart(
    content: bytes, content_type: int, zeros: int
) -> None:
    reader, records = opener(), handshake()
    for _ in range(2):
        opened = reader.open(records.seal(content, content_type, zeros))
        assert opened.content <= len(opened.octets)
