"""Whole conversations of each version and kind of cipher, decrypted from their recording."""

from __future__ import annotations

import ssl
from itertools import pairwise

import pytest

from netcore.field import NOT_EXPLAINED
from netcore.pdus import Explanation, explain
from netcore.titles import title_of
from netcore.trace import SecretLogged
from tests.netcore.test_pdus import assert_grounded, assert_partition
from tests.netcore.tls_conversation import (
    NO_ENCRYPT_THEN_MAC,
    REQUEST,
    RESPONSE,
    TLS10,
    TLS11,
    TLS12,
    TLS13,
    Recording,
    contexts,
    converse,
    plaintext,
    records,
    rsa_identity,
    titles,
)

SUITES = [
    (TLS13, "ALL", 0),
    *(
        (TLS12, ciphers, 0)
        for ciphers in (
            "ECDHE-RSA-AES128-GCM-SHA256",
            "AES256-GCM-SHA384",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "AES128-CCM",
            "AES256-CCM8",
        )
    ),
    *(
        (TLS12, ciphers, options)
        for ciphers in ("AES128-SHA", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384")
        for options in (0, NO_ENCRYPT_THEN_MAC)
    ),
    *(
        (version, ciphers, options)
        for version in (TLS10, TLS11)
        for ciphers in ("AES256-SHA", "ECDHE-RSA-AES128-SHA")
        for options in (0, NO_ENCRYPT_THEN_MAC)
    ),
]


@pytest.fixture(scope="module")
def tls13() -> Recording:
    return converse(*contexts(TLS13))


@pytest.fixture(scope="module")
def tls12() -> Recording:
    return converse(*contexts(TLS12, "ECDHE-RSA-AES128-GCM-SHA256"))


def assert_sound(explanation: Explanation) -> None:
    assert_partition(explanation)
    assert_grounded(explanation)
    for pdu in explanation.pdus:
        tree = explanation.tree(pdu)
        assert sum(leaf.length for leaf in tree.leaves()) == len(pdu.octets) * 8
        assert NOT_EXPLAINED not in {field.name for field in tree.walk()}
        assert title_of(pdu)


@pytest.mark.parametrize(("version", "ciphers", "options"), SUITES)
def test_every_record_opens_and_holds_what_was_said(
    version: ssl.TLSVersion, ciphers: str, options: int
) -> None:
    recording = converse(*contexts(version, ciphers, options))
    explanation = recording.explained()
    assert recording.read == RESPONSE
    assert plaintext(explanation, "received") == RESPONSE
    assert plaintext(explanation, "sent") == REQUEST
    assert [record.error for record in records(explanation)] == [""] * len(records(explanation))
    assert titles(explanation, "http1_request_head") == ["GET /a"]
    assert titles(explanation, "http1_response_head") == ["200 OK"]
    assert titles(explanation, "message_body") == ["body, 20,000 bytes"]
    assert titles(explanation, "tls_alert")[:1] == ["alert close_notify"]
    assert titles(explanation, "tls_handshake").count("Finished") == 2
    assert_sound(explanation)


def test_a_body_leads_to_the_records_that_carried_it(tls13: Recording) -> None:
    explanation = tls13.explained()
    (body,) = [pdu for pdu in explanation.pdus if pdu.protocol == "message_body"]
    below = explanation.ground(body.origin[0])
    assert len(below) == 2
    assert {span.channel for span in below} == {"tcp:1.received"}
    opened = {record.origin[0]: record for record in records(explanation)}
    assert all(opened[span].is_opened for span in below)
    assert explanation.ground(body.origin[0]._replace(end=body.origin[0].start + 1)) == below[:1]


def test_messages_stand_in_the_record_that_carried_them(tls13: Recording) -> None:
    explanation = tls13.explained()
    opened = [pdu for pdu in explanation.pdus if pdu.step == "decrypted" and pdu.inside]
    assert title_of(opened[0]) == "EncryptedExtensions"
    names = [field.name for field in explanation.tree(opened[0]).walk()]
    assert names[:3] == ["tls_inner_plaintext", "content", "tls_handshake"]
    assert names[-1] == "type"


def test_without_secrets_every_record_says_which_one_it_needs(tls13: Recording) -> None:
    events = [event for event in tls13.events if not isinstance(event, SecretLogged)]
    errors = {record.error for record in records(explain(events))}
    assert errors == {
        "not decrypted: no SERVER_HANDSHAKE_TRAFFIC_SECRET was recorded for this connection",
        "not decrypted: no CLIENT_HANDSHAKE_TRAFFIC_SECRET was recorded for this connection",
    }
    (record, *_) = records(explain(events))
    assert [leaf.error for leaf in record.fields().leaves()][-1] == record.error


@pytest.mark.parametrize(
    ("label", "sent", "received"),
    [
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", REQUEST, RESPONSE),
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", REQUEST, RESPONSE),
        ("CLIENT_TRAFFIC_SECRET_0", b"", RESPONSE),
        ("SERVER_TRAFFIC_SECRET_0", REQUEST, b""),
        ("EXPORTER_SECRET", REQUEST, RESPONSE),
    ],
)
def test_what_one_missing_secret_hides_is_hidden_and_no_more(
    tls13: Recording, label: str, sent: bytes, received: bytes
) -> None:
    explanation = tls13.without(label).explained()
    assert plaintext(explanation, "sent") == sent
    assert plaintext(explanation, "received") == received
    hidden = [record.error for record in records(explanation) if record.error]
    assert all(f"no {label} was" in error for error in hidden)
    assert bool(hidden) == (label != "EXPORTER_SECRET")
    assert_sound(explanation)


def test_without_the_master_secret_tls_1_2_stays_closed(tls12: Recording) -> None:
    explanation = tls12.without("CLIENT_RANDOM").explained()
    errors = {record.error for record in records(explanation)}
    assert errors == {"not decrypted: no CLIENT_RANDOM was recorded for this connection"}
    assert titles(explanation, "tls_handshake").count("Finished") == 0
    assert_sound(explanation)


@pytest.mark.parametrize("name", ["tls12", "tls13"])
def test_wrong_secrets_open_nothing(name: str, request: pytest.FixtureRequest) -> None:
    recording: Recording = request.getfixturevalue(name)
    events = [
        SecretLogged(event.time_ns, event.line[:-4] + "beef")
        if isinstance(event, SecretLogged)
        else event
        for event in recording.events
    ]
    explanation = explain(events)
    assert all("does not verify with" in record.error for record in records(explanation))
    assert plaintext(explanation, "received") == b""
    assert_sound(explanation)


def test_a_refused_certificate_is_readable_and_the_alert_in_the_clear() -> None:
    client, server = contexts(TLS13)
    client.verify_mode = ssl.CERT_REQUIRED
    recording = converse(client, server)
    assert "SERVER_HANDSHAKE_TRAFFIC_SECRET" in recording.labels()
    assert "CLIENT_HANDSHAKE_TRAFFIC_SECRET" not in recording.labels()
    explanation = recording.explained()
    assert "Certificate" in titles(explanation, "tls_handshake")
    alert = next(pdu for pdu in explanation.pdus if pdu.protocol == "tls_alert")
    assert alert.origin[0].channel == "tcp:1.sent"
    assert_sound(explanation)


def test_a_hello_retry_request_changes_no_secret() -> None:
    client, server = contexts(TLS13)
    server.set_ecdh_curve("secp384r1")
    explanation = converse(client, server).explained()
    assert titles(explanation, "tls_handshake")[:3] == [
        "ClientHello",
        "HelloRetryRequest",
        "ClientHello",
    ]
    assert plaintext(explanation, "received") == RESPONSE
    assert_sound(explanation)


@pytest.mark.parametrize("name", ["tls12", "tls13"])
def test_a_certificate_of_the_client_is_read_too(
    name: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    client, server = contexts(TLS13 if name == "tls13" else TLS12)
    path = tmp_path_factory.mktemp("identity") / "identity.pem"
    path.write_bytes(rsa_identity())
    client.load_cert_chain(path)
    server.load_verify_locations(path)
    server.verify_mode = ssl.CERT_REQUIRED
    explanation = converse(client, server).explained()
    messages = titles(explanation, "tls_handshake")
    assert messages.count("Certificate") == 2
    assert messages.count("CertificateRequest") == 1
    assert plaintext(explanation, "received") == RESPONSE
    assert_sound(explanation)


def test_a_second_connection_has_secrets_of_its_own(tls13: Recording, tls12: Recording) -> None:
    other = [
        event
        if isinstance(event, SecretLogged) or not hasattr(event, "socket")
        else type(event)(
            event.time_ns,
            "tcp:2",
            event.call,
            channel=event.channel.replace("tcp:1", "tcp:2"),
            offset=event.offset,
            length=event.length,
            data=event.data,
        )
        for event in tls12.events
    ]
    explanation = explain([*tls13.events, *other])
    assert explanation.channels["tls:1.received"].octets == RESPONSE
    assert explanation.channels["tls:2.received"].octets == RESPONSE


@pytest.mark.parametrize("name", ["tls12", "tls13"])
def test_while_a_trace_grows_its_units_keep_their_keys(
    name: str, request: pytest.FixtureRequest
) -> None:
    recording: Recording = request.getfixturevalue(name)
    secrets = [event for event in recording.events if isinstance(event, SecretLogged)]
    calls = [event for event in recording.events if not isinstance(event, SecretLogged)]
    events = [*secrets, *calls]
    before: dict[str, int] = {}
    for end in range(len(events) + 1):
        keys = {pdu.key: len(pdu.octets) for pdu in explain(events[:end]).pdus}
        assert len(keys) == len(explain(events[:end]).pdus)
        gone = [key for key in before if key not in keys]
        assert gone == []
        before = keys


@pytest.mark.parametrize("name", ["tls12", "tls13"])
def test_a_changed_octet_closes_its_record_and_never_raises(
    name: str, request: pytest.FixtureRequest
) -> None:
    recording: Recording = request.getfixturevalue(name)
    whole = recording.explained()
    received = whole.channels["tcp:1.received"].octets
    spans = [record.origin[0] for record in records(whole)]
    for span in (span for span in spans if span.channel == "tcp:1.received"):
        changed = bytearray(received)
        changed[span.end - 1] ^= 1
        explanation = explain(received_as(recording, bytes(changed)))
        (closed,) = [record for record in records(explanation) if record.error]
        assert closed.origin[0] == span
        assert "does not verify" in closed.error
        assert RESPONSE.startswith(plaintext(explanation, "received"))
        assert_sound(explanation)


@pytest.mark.parametrize("options", [0, NO_ENCRYPT_THEN_MAC])
@pytest.mark.parametrize("version", [TLS10, TLS11, TLS12])
def test_a_changed_block_closes_its_record(version: ssl.TLSVersion, options: int) -> None:
    recording = converse(*contexts(version, "AES128-SHA", options))
    whole = recording.explained()
    received = whole.channels["tcp:1.received"].octets
    data = [
        span
        for span in (record.origin[0] for record in records(whole))
        if received[span.start] == 23
    ]
    span = next(span for span in data if span.channel == "tcp:1.received")
    for at in (span.start + 2, span.start + 5, span.start + 24, span.end - 1):
        changed = bytearray(received)
        changed[at] ^= 1
        explanation = explain(received_as(recording, bytes(changed)))
        closed = [record for record in records(explanation) if record.error]
        assert closed[0].origin[0].start == span.start
        assert RESPONSE.startswith(plaintext(explanation, "received"))
        assert_partition(explanation)


def test_cut_anywhere_the_plaintext_is_a_beginning(tls13: Recording, tls12: Recording) -> None:
    for recording in (tls13, tls12):
        received = recording.explained().channels["tcp:1.received"].octets
        for end in range(0, len(received), 331):
            explanation = explain(received_as(recording, received[:end]))
            assert RESPONSE.startswith(plaintext(explanation, "received"))
            assert_partition(explanation)
            assert_grounded(explanation)


def received_as(recording: Recording, octets: bytes) -> list[object]:
    """The events as if these octets had been received, in one call."""
    changed = Recording([event for event in recording.events if not _received(event)])
    if octets:
        changed.moved("recv", octets)
    return changed.events  # type: ignore[return-value]


def _received(event: object) -> bool:
    return getattr(event, "channel", "") == "tcp:1.received"


def test_records_follow_each_other_without_gaps(tls13: Recording) -> None:
    channel = tls13.explained().channels["tls:1.received"]
    assert all(a.end == b.start for a, b in pairwise(channel.pieces))
    assert all(piece.whole for piece in channel.pieces)
