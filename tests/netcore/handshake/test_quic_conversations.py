"""The handshake of TLS inside a QUIC connection is a conversation like any other."""

from __future__ import annotations

import pytest

from netcore.field import find
from netcore.handshake.certificates import read_certificate
from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.possession import proof_of_possession
from netcore.handshake.quic_conversations import quic_conversations
from netcore.pdu import octets_of
from netcore.titles import title_of
from tests.netcore.quic_conversation import STORIES, Conversation, simple


@pytest.mark.parametrize("name", sorted(STORIES))
def test_the_messages_are_in_order_and_each_crossed_once(name: str) -> None:
    (talk,) = quic_conversations(STORIES[name]().explained())
    said = [(each.direction, title_of(each.pdu)) for each in talk.said]
    assert said[:3] == [
        ("sent", "ClientHello"),
        ("received", "ServerHello"),
        ("received", "EncryptedExtensions"),
    ]
    assert said.count(("sent", "ClientHello")) == 1
    assert ("sent", "Finished") in said
    assert talk.round_trips == 1
    assert (talk.number, talk.socket, talk.is_quic) == ("quic-1", "udp:1", True)


def test_what_protected_a_message_is_its_packet() -> None:
    (talk,) = quic_conversations(simple().explained())
    labels = [each.protection.secret if each.protection else "" for each in talk.said]
    assert labels[:2] == ["", ""]
    assert labels[2] == "SERVER_HANDSHAKE_TRAFFIC_SECRET"
    finished = next(each for each in talk.messages(20, "sent"))
    assert finished.protection is not None
    assert finished.protection.secret == "CLIENT_HANDSHAKE_TRAFFIC_SECRET"


def test_what_comes_when_the_keys_are_in_use_delays_nobody() -> None:
    (talk,) = quic_conversations(simple().explained())
    later = [title_of(each.pdu) for flight in talk.flights if flight.later for each in flight.said]
    assert later == ["NewSessionTicket"]


@pytest.mark.parametrize("name", ["simple", "retry", "version_negotiation"])
def test_the_signature_of_the_server_covers_the_hello_that_counted(name: str) -> None:
    (talk,) = quic_conversations(STORIES[name]().explained())
    message = next(talk.messages(11, "received")).pdu
    sent = find(message.fields(), "cert_data")
    assert sent is not None
    proof = proof_of_possession(talk, read_certificate(octets_of(message, sent)))
    assert proof is not None
    assert proof.outcome == "holds"


def test_the_hellos_say_version_and_suite() -> None:
    explanation = simple().explained()
    (talk,) = quic_conversations(explanation)
    assert talk.hellos.version == 0x0304
    assert talk.hellos.cipher_suite == explanation.quic["1"].cipher_suite
    assert talk.hellos.client_random in explanation.quic["1"].randoms


def test_the_keys_are_said_to_be_those_of_packets() -> None:
    explanation = simple().explained()
    (talk,) = quic_conversations(explanation)
    assert "packets of QUIC" in key_schedule(talk, explanation).reason


def test_a_connection_that_nobody_answered_has_its_hello() -> None:
    talk = Conversation()
    talk.lose = lambda direction, number: direction == "received"
    talk.connect()
    talk.carry("sent")
    (found,) = quic_conversations(talk.explained())
    assert [each.msg_type for each in found.said] == [1]
    assert found.hellos.version == 0
