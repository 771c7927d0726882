"""Who said what in which flight, under which keys, and how often the client waited."""

from __future__ import annotations

import ssl

import pytest

from lab import Lab
from netcore import Options, fetch
from netcore.decrypt.tls13 import CLIENT, EARLY, SERVER
from netcore.handshake.conversations import (
    CLIENT_HELLO,
    FINISHED,
    SERVER_HELLO,
    Conversation,
    conversations,
)
from netcore.pdus import explain
from netcore.titles import title_of
from netcore.trace import AnyEvent, Failed
from tests.netcore.handshake import rfc8448_resumed, rfc8448_retry, traces
from tests.netcore.tls_conversation import TLS12, TLS13, contexts, converse

Told = list[tuple[str, list[str]]]


def flights(conversation: Conversation) -> Told:
    """Each flight with what was said in it."""
    return [
        (flight.direction, [title_of(said.pdu) for said in flight.said])
        for flight in conversation.flights
    ]


def only(events: list[AnyEvent]) -> Conversation:
    return traces.told(events)[0]


def test_a_full_handshake_of_tls_1_3_takes_one_round_trip() -> None:
    conversation = only(traces.simple())
    assert flights(conversation) == [
        ("sent", ["ClientHello"]),
        (
            "received",
            [
                "ServerHello",
                "EncryptedExtensions",
                "Certificate",
                "CertificateVerify",
                "Finished",
            ],
        ),
        ("sent", ["Finished"]),
        ("received", ["NewSessionTicket"]),
        ("sent", ["alert close_notify"]),
        ("received", ["alert close_notify"]),
    ]
    assert conversation.round_trips == 1
    assert conversation.number == "1"
    assert conversation.hellos.cipher_suite == "TLS_AES_128_GCM_SHA256"


def test_each_message_says_which_record_it_began_in() -> None:
    conversation = only(traces.simple())
    used = [(title_of(said.pdu), said.protection) for said in conversation.said]
    assert [title for title, protection in used if protection is None] == [
        "ClientHello",
        "ServerHello",
    ]
    labels = {(p.secret, p.sequence_number) for _, p in used if p}
    assert labels == {
        (SERVER[0], 0),
        (CLIENT[0], 0),
        (SERVER[1], 0),
        (CLIENT[1], 1),  # record 0 held application data
        (SERVER[1], 2),
    }


def test_what_was_said_once_the_client_had_sent_data_is_told_apart() -> None:
    conversation = only(traces.simple())
    before = [title_of(said.pdu) for said in conversation.said[: conversation.began]]
    assert before[-2:] == ["Finished", "NewSessionTicket"]
    after = [title_of(said.pdu) for said in conversation.said[conversation.began :]]
    assert after == ["alert close_notify", "alert close_notify"]


def test_a_record_of_data_that_stayed_closed_is_data_all_the_same() -> None:
    conversation = only(traces.simple(CLIENT[1]))
    assert conversation.began < len(conversation.said)
    assert title_of(conversation.said[conversation.began - 1].pdu) == "NewSessionTicket"


def test_a_retry_costs_a_round_trip_more() -> None:
    conversation = only(rfc8448_retry.events())
    assert [names[0] for _, names in flights(conversation)][:4] == [
        "ClientHello",
        "HelloRetryRequest",
        "ClientHello",
        "ServerHello",
    ]
    assert conversation.round_trips == 2
    assert conversation.began == len(conversation.said)  # nothing but a handshake


def test_early_data_leaves_before_the_server_has_said_a_word() -> None:
    conversation = only(rfc8448_resumed.events())
    assert conversation.round_trips == 1
    assert conversation.began == 1
    titles = [title_of(said.pdu) for said in conversation.said]
    assert "Certificate" not in titles
    end = titles.index("EndOfEarlyData")
    protection = conversation.said[end].protection
    assert protection is not None
    assert protection.secret == EARLY


@pytest.mark.parametrize(("version", "trips"), [(TLS12, 1), (TLS13, 1)])
def test_a_resumed_connection_shows_no_certificate(version: ssl.TLSVersion, trips: int) -> None:
    conversation = only(traces.resumed(*contexts(version)).events)
    assert conversation.round_trips == trips
    assert list(conversation.messages(11)) == []
    assert len(list(conversation.messages(FINISHED))) == 2


def test_a_full_handshake_of_tls_1_2_takes_two_round_trips() -> None:
    recording = converse(*contexts(TLS12, "ECDHE-RSA-AES128-GCM-SHA256"))
    conversation = only(recording.events)
    assert flights(conversation)[:5] == [
        ("sent", ["ClientHello"]),
        ("received", ["ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone"]),
        ("sent", ["ClientKeyExchange", "ChangeCipherSpec", "Finished"]),
        ("received", ["NewSessionTicket", "ChangeCipherSpec", "Finished"]),
        ("received", ["alert close_notify"]),  # a flight of its own: data had crossed meanwhile
    ]
    assert conversation.round_trips == 2
    finished = next(conversation.messages(FINISHED, "received"))
    assert finished.protection is not None
    assert finished.protection.secret == "CLIENT_RANDOM"


def test_messages_are_found_by_type_and_direction() -> None:
    conversation = only(traces.simple())
    assert [said.direction for said in conversation.messages(FINISHED)] == ["received", "sent"]
    assert len(list(conversation.messages(FINISHED, "sent"))) == 1
    assert list(conversation.messages(SERVER_HELLO, "sent")) == []
    (alert, _) = (said for said in conversation.said if said.pdu.name == "tls_alert")
    assert alert.msg_type == -1


def test_a_refused_certificate_is_answered_in_the_clear() -> None:
    client, server = contexts(TLS13)
    client.verify_mode = ssl.CERT_REQUIRED
    conversation = only(converse(client, server).events)
    assert [title_of(said.pdu) for said in conversation.messages(11, "received")] == ["Certificate"]
    last = [said for said in conversation.said if said.direction == "sent"][-1]
    assert title_of(last.pdu) == "alert unknown_ca"
    assert last.protection is None
    assert conversation.began == len(conversation.said)


def test_a_server_that_speaks_no_tls_has_said_nothing() -> None:
    plain = b"HTTP/1.1 400 Bad Request\r\n\r\n".hex()
    conversation = only(traces.recorded([traces.SIMPLE_TURNS[0], ("recv", plain)], {}))
    assert flights(conversation) == [("sent", ["ClientHello"])]
    assert conversation.round_trips == 0
    assert conversation.hellos.version == 0


def test_each_connection_has_a_conversation_of_its_own() -> None:
    first = traces.simple()
    second = traces.recorded(rfc8448_retry.TURNS, rfc8448_retry.LOGGED, number="2")
    one, two = conversations(explain([*first, *second]))
    assert (one.number, two.number) == ("1", "2")
    assert flights(one) == flights(only(first))
    assert flights(two) == flights(only(rfc8448_retry.events()))


def test_an_explanation_without_tls_has_none() -> None:
    assert conversations(explain([])) == []


@pytest.mark.wire
@pytest.mark.parametrize(("name", "trips", "version"), [("tls13", 1, 0x0304), ("tls12", 2, 0x0303)])
def test_a_fetch_from_the_lab_is_told(lab: Lab, name: str, trips: int, version: int) -> None:
    target = next(each for each in lab.targets if each.name == name)
    trace = fetch(target.url, Options(lab=lab.options_lab(), cacert=str(lab.cacert)))
    (conversation,) = conversations(explain(trace.events))
    assert conversation.hellos.version == version
    assert conversation.round_trips == trips
    assert next(conversation.messages(CLIENT_HELLO, "sent")).protection is None
    assert conversation.began > 0


@pytest.mark.wire
def test_a_certificate_that_the_client_refused_in_a_fetch_is_told(lab: Lab) -> None:
    target = next(each for each in lab.targets if each.name == "self-signed")
    trace = fetch(target.url, Options(lab=lab.options_lab(), cacert=str(lab.cacert)))
    assert isinstance(trace.events[-1], Failed)
    (conversation, *_) = conversations(explain(trace.events))
    assert len(list(conversation.messages(11, "received"))) == 1
    assert list(conversation.messages(FINISHED, "sent")) == []
