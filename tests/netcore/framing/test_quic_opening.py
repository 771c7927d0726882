"""Keys that follow from what came before, and sentences where there are none."""

from __future__ import annotations

import pytest

from netcore.dissect.quic_packet import HANDSHAKE, INITIAL, ONE_RTT, ZERO_RTT
from netcore.framing.quic_opening import Opening, Sealed
from tools.vectors import VECTORS, read_octets

DCID = bytes.fromhex("8394c8f03e515708")
V1 = 1


def client_initial(octets: bytes | None = None, version: int = V1) -> Sealed:
    packet = octets or read_octets(VECTORS / "quic_packet" / "rfc9001_a_2.hex")
    return Sealed("sent", INITIAL, version, DCID, packet, 18)


def test_an_answer_is_opened_with_the_id_that_the_client_wrote_to() -> None:
    answer = read_octets(VECTORS / "quic_packet" / "rfc9001_a_3.hex")
    sealed = Sealed("received", INITIAL, V1, b"", answer, 18)
    opening = Opening({})
    assert opening.open(sealed) == (
        "not decrypted: no Initial packet of the client was recorded that its keys follow from"
    )
    opened = opening.open(client_initial())
    assert not isinstance(opened, str)
    assert opened.packet_number == 2
    answered = opening.open(sealed)
    assert not isinstance(answered, str)
    assert answered.packet_number == 1


@pytest.mark.parametrize(
    ("sealed", "why"),
    [
        (client_initial(version=0x0A0A0A0A), "version 0x0a0a0a0a (GREASE) is not read here"),
        (client_initial(bytes(30)), "it is too short to hold a sample and a tag"),
        (client_initial(bytes(60)), "its tag does not verify with keys of the connection id 8394"),
        (
            Sealed("received", ZERO_RTT, V1, b"", bytes(60), 18),
            "a server sends no 0-RTT packets",
        ),
        (
            Sealed("sent", HANDSHAKE, V1, b"", bytes(60), 18),
            "no ClientHello was recorded that would name its secrets",
        ),
    ],
)
def test_what_stays_closed_says_why(sealed: Sealed, why: str) -> None:
    reason = Opening({}).open(sealed)
    assert isinstance(reason, str)
    assert reason.startswith(f"not decrypted: {why}")


def test_a_suite_that_quic_does_not_have_is_named() -> None:
    opening = Opening({})
    opening.meet(b"r" * 32)
    opening.cipher_suite = "TLS_AES_128_CCM_8_SHA256"
    reason = opening.open(Sealed("sent", ONE_RTT, V1, b"", bytes(60), 1))
    assert reason == "not decrypted: TLS_AES_128_CCM_8_SHA256 is not one that is decrypted here"


def test_a_secret_of_the_first_hello_serves_where_the_second_has_none() -> None:
    label = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
    opening = Opening({b"1" * 32: {label: bytes(32)}})
    opening.meet(b"1" * 32)
    opening.meet(b"2" * 32)
    opening.meet(b"1" * 32)
    assert opening.randoms == [b"2" * 32, b"1" * 32]
    reason = opening.open(Sealed("sent", HANDSHAKE, V1, b"", bytes(60), 18))
    assert reason == f"not decrypted: its tag does not verify with {label}"
