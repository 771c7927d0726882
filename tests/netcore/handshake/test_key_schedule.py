"""The traces of RFC 8448, every printed value; and schedules with a part of the secrets or none."""

from __future__ import annotations

import ssl
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Lab
from netcore import Options, fetch
from netcore.handshake.conversations import conversations
from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.script import script
from netcore.handshake.steps import DERIVED, NOT_KNOWN, RECORDED, Known, Step
from netcore.pdus import explain
from netcore.trace import AnyEvent, SecretLogged
from tests.netcore.decrypt import rfc8448
from tests.netcore.handshake import rfc8448_resumed, rfc8448_retry
from tests.netcore.handshake.traces import simple, told
from tests.netcore.tls_conversation import TLS12, TLS13, Recording, contexts, converse

CLIENT_PRIVATE_KEY = bytes.fromhex(  # RFC 8448 §3
    "49af42ba7f7994852d713ef2784bcbcaa7911de26adc5642cb634540e7ea5005"
)
SERVER_PUBLIC_KEY = rfc8448.SERVER_HELLO[5 + 4 + 2 + 32 + 1 + 3 + 2 + 8 :][:32]
PRINTED = {  # RFC 8448 §3
    "early_secret": "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a",
    "derived_secret_for_handshake": (
        "6f2615a108c702c5678f54fc9dbab69716c076189c48250cebeac3576c3611ba"
    ),
    "shared_secret": "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d",
    "handshake_secret": "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac",
    "transcript_hash_server_hello": (
        "860c06edc07858ee8e78f0e7428c58edd6b43f2ca3e6e95f02ed063cf0e1cad8"
    ),
    "client_handshake_traffic_secret": rfc8448.SECRETS["CLIENT_HANDSHAKE_TRAFFIC_SECRET"],
    "server_handshake_traffic_secret": rfc8448.SECRETS["SERVER_HANDSHAKE_TRAFFIC_SECRET"],
    "server_handshake_write_key": rfc8448.KEYS["SERVER_HANDSHAKE_TRAFFIC_SECRET"][0],
    "server_handshake_write_iv": rfc8448.KEYS["SERVER_HANDSHAKE_TRAFFIC_SECRET"][1],
    "client_handshake_write_key": rfc8448.KEYS["CLIENT_HANDSHAKE_TRAFFIC_SECRET"][0],
    "client_handshake_write_iv": rfc8448.KEYS["CLIENT_HANDSHAKE_TRAFFIC_SECRET"][1],
    "server_finished_key": "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8",
    "server_verify_data": "9b9b141d906337fbd2cbdce71df4deda4ab42c309572cb7fffee5454b78f0718",
    "client_finished_key": "b80ad01015fb2f0bd65ff7d4da5d6bf83f84821d1f87fdc7d3c75b5a7b42d9c4",
    "client_verify_data": "a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce61",
    "derived_secret_for_master": (
        "43de77e0c77713859a944db9db2590b53190a65b3ee2e4f12dd7a0bb7ce254b4"
    ),
    "master_secret": "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919",
    "transcript_hash_server_finished": (
        "9608102a0f1ccc6db6250b7b7e417b1a000eaada3daae4777a7686c9ff83df13"
    ),
    "client_application_traffic_secret_0": rfc8448.SECRETS["CLIENT_TRAFFIC_SECRET_0"],
    "server_application_traffic_secret_0": rfc8448.SECRETS["SERVER_TRAFFIC_SECRET_0"],
    "exporter_master_secret": "fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50",
    "server_application_write_key": rfc8448.KEYS["SERVER_TRAFFIC_SECRET_0"][0],
    "client_application_write_key": rfc8448.KEYS["CLIENT_TRAFFIC_SECRET_0"][0],
    "resumption_master_secret": "7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c",
    "psk_1": rfc8448_resumed.PSK,
}


def x25519(private: bytes, public: bytes) -> bytes:
    key = X25519PrivateKey.from_private_bytes(private)
    return key.exchange(X25519PublicKey.from_public_bytes(public))


def p256() -> bytes:
    private = ec.derive_private_key(rfc8448_retry.CLIENT_PRIVATE_VALUE, ec.SECP256R1())
    public = rfc8448_retry.SERVER_PUBLIC_KEY
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    return private.exchange(ec.ECDH(), peer)


TRACES = {
    "simple": (simple(), PRINTED, Known(x25519(CLIENT_PRIVATE_KEY, SERVER_PUBLIC_KEY))),
    "resumed": (
        rfc8448_resumed.events(),
        rfc8448_resumed.PRINTED,
        Known(
            x25519(rfc8448_resumed.CLIENT_PRIVATE_KEY, rfc8448_resumed.SERVER_PUBLIC_KEY),
            bytes.fromhex(rfc8448_resumed.PSK),
        ),
    ),
    "retry": (rfc8448_retry.events(), rfc8448_retry.PRINTED, Known(p256())),
}


def steps_of(events: list[AnyEvent], known: Known | None = None) -> dict[str, Step]:
    return {step.name: step for step in key_schedule(*told(events), known).steps}


def outputs(steps: dict[str, Step]) -> dict[str, str]:
    return {name: step.output.hex() for name, step in steps.items() if step.output is not None}


@pytest.mark.parametrize("name", TRACES)
def test_with_the_private_key_every_value_that_rfc_8448_prints_is_computed(name: str) -> None:
    events, printed, known = TRACES[name]
    steps = steps_of(events, known)
    computed = outputs(steps)
    assert {step: computed.get(step) for step in printed} == printed
    assert len(computed) == len(steps)
    given = {"shared_secret", "psk"}
    assert {s.name for s in steps.values() if s.certainty != DERIVED} <= given
    compared = {s.name: s.equal for s in steps.values() if s.equal is not None}
    assert set(compared.values()) == {True}
    assert {"client_verify_data", "server_verify_data", "plaintext"} < set(compared)
    assert "server_handshake_traffic_secret" in compared


@pytest.mark.parametrize("name", TRACES)
def test_without_it_what_is_known_is_the_same_and_the_rest_says_why(name: str) -> None:
    events, _, known = TRACES[name]
    alone, whole = steps_of(events), steps_of(events, known)
    assert list(alone) == list(whole)
    assert outputs(alone).items() <= outputs(whole).items()
    unknown = {step.name for step in alone.values() if step.certainty == NOT_KNOWN}
    assert {"shared_secret", "handshake_secret", "master_secret"} <= unknown
    assert all(step.reason for step in alone.values() if step.name in unknown)
    recorded = {step.label for step in alone.values() if step.certainty == RECORDED}
    assert recorded >= set(rfc8448.SECRETS)


def test_the_binder_of_a_resumed_handshake_is_that_of_the_hello() -> None:
    events, _, known = TRACES["resumed"]
    assert steps_of(events, known)["binder"].equal is True
    wrong = Known(known.shared_secret, bytes(32))
    assert steps_of(events, wrong)["binder"].equal is False


def test_a_wrong_shared_secret_is_noticed_and_the_key_log_counts() -> None:
    steps = steps_of(simple(), Known(bytes(32)))
    secret = steps["server_handshake_traffic_secret"]
    assert secret.certainty == RECORDED
    assert secret.output is not None
    assert secret.output.hex() == rfc8448.SECRETS["SERVER_HANDSHAKE_TRAFFIC_SECRET"]
    assert steps["server_verify_data"].equal is True


def test_without_the_clients_handshake_secret_the_rest_is_told() -> None:
    steps = steps_of(simple("CLIENT_HANDSHAKE_TRAFFIC_SECRET"))
    secret = steps["client_handshake_traffic_secret"]
    assert secret.reason == (
        "no CLIENT_HANDSHAKE_TRAFFIC_SECRET was recorded for this connection, "
        "and handshake_secret is not known"
    )
    assert steps["client_handshake_write_key"].output is None
    assert steps["server_verify_data"].equal is True
    assert "client_verify_data" not in steps
    assert steps["plaintext"].equal is True


def test_without_any_secret_there_are_steps_and_no_record() -> None:
    steps = steps_of(simple(*rfc8448.SECRETS))
    assert "plaintext" not in steps
    assert "server_verify_data" not in steps
    assert steps["transcript_hash_server_hello"].certainty == DERIVED
    assert steps["transcript_hash_server_finished"].reason == (
        "not all messages up to server_finished could be read"
    )


def test_a_connection_without_a_server_hello_has_a_reason_instead_of_steps() -> None:
    events = [event for event in simple() if getattr(event, "call", "") != "recv"]
    schedule = key_schedule(*told(events))
    assert schedule.steps == ()
    assert schedule.reason == "no ServerHello was recorded that says how"


def test_a_hello_retry_request_alone_has_a_reason_instead_of_steps() -> None:
    schedule = key_schedule(*told(rfc8448_retry.events()[:3]))
    assert schedule.steps == ()
    assert schedule.reason == "after the HelloRetryRequest came no ServerHello"


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_server_whose_records_cannot_be_told_apart_has_a_reason(
    version: ssl.TLSVersion,
) -> None:
    """The version in the first record's header is damaged: nothing is read out of it."""
    recording = converse(*contexts(version))
    received = bytearray(recording.explained().channels["tcp:1.received"].octets)
    received[1] ^= 0x41
    kept = [event for event in recording.events if getattr(event, "call", "") != "recv"]
    again = Recording(kept)
    again.moved("recv", bytes(received))
    schedule = key_schedule(*told(again.events))
    assert schedule.steps == ()
    assert schedule.reason == "no ServerHello was recorded that says how"


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_the_octets_of_a_refused_certificate_are_told_as_far_as_they_go(
    version: ssl.TLSVersion,
) -> None:
    client, server = contexts(version)
    client.verify_mode = ssl.CERT_REQUIRED
    schedule = key_schedule(*told(converse(client, server).events))
    names = {step.name: step.certainty for step in schedule.steps}
    if version == TLS13:
        assert names["client_handshake_traffic_secret"] == NOT_KNOWN
        assert names["server_verify_data"] == DERIVED
        assert names["plaintext"] == DERIVED
    else:
        assert names["master_secret"] == NOT_KNOWN
        assert "plaintext" not in names


@cache
def recordings() -> list[Recording]:
    return [converse(*contexts(version, "ECDHE+AESGCM")) for version in (TLS12, TLS13)]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([0, 1]),
    st.floats(0, 1),
    st.lists(st.integers(0, 400), max_size=3),
    st.integers(0, 8),
)
def test_no_octets_raise(which: int, part: float, flips: list[int], lose: int) -> None:
    """Changed octets and lost secrets give other steps, each of which only uses those before."""
    recording = recordings()[which]
    received = recording.explained().channels["tcp:1.received"].octets
    changed = bytearray(received[: int(part * len(received))])
    for at in flips:
        changed[at : at + 1] = bytes(each ^ 0x41 for each in changed[at : at + 1])
    again = Recording([e for e in recording.events if getattr(e, "call", "") != "recv"])
    again.moved("recv", bytes(changed))
    lost = f"{['', *sorted(recording.labels())][lose % (len(recording.labels()) + 1)]} "
    kept = [
        e for e in again.events if not (isinstance(e, SecretLogged) and e.line.startswith(lost))
    ]
    explanation = explain(kept)
    for conversation in conversations(explanation):
        before: set[str] = set()
        schedule = key_schedule(conversation, explanation)
        if schedule.steps:
            compile(script(schedule), "keys.py", "exec")
        for step in schedule.steps:
            assert {each.step for each in step.inputs if each.step} <= before
            assert bool(step.reason) == (step.output is None)
            before.add(step.name)


@pytest.mark.wire
@pytest.mark.parametrize("name", ["resumption", "resumption-tls12"])
def test_a_session_that_a_fetch_took_up_again_is_told(lab: Lab, name: str) -> None:
    target = next(each for each in lab.targets if each.name == name)
    where = lab.options_lab()
    options = Options(lab=where, cacert=str(lab.cacert), resume_session=True)
    explanation = explain(fetch(target.url, options).events)
    first, second = (
        {step.name: step for step in key_schedule(each, explanation).steps}
        for each in conversations(explanation)
    )
    assert first["server_verify_data"].equal is True
    assert second["server_verify_data"].equal is True
    assert second["client_verify_data"].equal is True
    assert second["plaintext"].equal is True
    if name == "resumption":
        assert "psk" not in first
        assert second["psk"].reason.startswith("it comes from the connection that gave the ticket")
        assert second["early_secret"].reason == "psk is not known"
        assert second["binder"].expected is not None
    else:
        assert second["master_secret"].kind == "old_secret"
        assert second["master_secret"].output == first["master_secret"].output
        assert second["key_block"].output != first["key_block"].output
