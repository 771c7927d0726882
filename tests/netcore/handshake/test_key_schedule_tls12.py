"""TLS 1.2, 1.1 and 1.0: the key block cut up, both Finished, and a record of each construction."""

from __future__ import annotations

import ssl

import pytest

from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.steps import DERIVED, NOT_KNOWN, RECORDED, Step
from tests.netcore.handshake import traces
from tests.netcore.tls_conversation import (
    NO_ENCRYPT_THEN_MAC,
    RESPONSE,
    TLS10,
    TLS11,
    TLS12,
    Recording,
    contexts,
    converse,
)

SUITES = [
    (TLS12, "ECDHE-RSA-AES128-GCM-SHA256", 0),
    (TLS12, "AES256-GCM-SHA384", 0),
    (TLS12, "ECDHE-RSA-CHACHA20-POLY1305", 0),
    (TLS12, "AES128-CCM", 0),
    (TLS12, "AES256-CCM8", 0),
    *(
        (version, "AES128-SHA", options)
        for version in (TLS12, TLS11, TLS10)
        for options in (0, NO_ENCRYPT_THEN_MAC)
    ),
    (TLS12, "ECDHE-RSA-AES256-SHA384", NO_ENCRYPT_THEN_MAC),
]


def steps_of(recording: Recording) -> dict[str, Step]:
    return {step.name: step for step in key_schedule(*traces.told(recording.events)).steps}


@pytest.mark.parametrize(("version", "ciphers", "options"), SUITES)
def test_from_the_master_secret_everything_is_computed_and_verified(
    version: ssl.TLSVersion, ciphers: str, options: int
) -> None:
    steps = steps_of(converse(*contexts(version, ciphers, options)))
    assert steps["master_secret"].certainty == RECORDED
    assert {s.name for s in steps.values() if s.certainty == NOT_KNOWN} == {"pre_master_secret"}
    compared = {step.name: step.equal for step in steps.values() if step.equal is not None}
    assert set(compared.values()) == {True}
    assert {"client_verify_data", "server_verify_data", "plaintext"} <= set(compared)
    is_block = ciphers.endswith(("SHA", "SHA384")) and "GCM" not in ciphers
    assert ("mac" in compared) == is_block
    content = steps.get("content", steps["plaintext"]).output
    assert content is not None
    assert content.startswith(RESPONSE[:100])
    assert {len(each.opens) > 1 for each in steps.values() if each.kind == "write_key"} == {True}


@pytest.mark.parametrize(
    ("version", "ciphers", "cut"),
    [
        (TLS12, "AES128-GCM-SHA256", [("write_key", 16), ("write_iv", 4)]),
        (TLS12, "AES128-SHA", [("write_mac_key", 20), ("write_key", 16)]),
        (TLS10, "AES128-SHA", [("write_mac_key", 20), ("write_key", 16), ("write_iv", 16)]),
        (TLS12, "ECDHE-RSA-CHACHA20-POLY1305", [("write_key", 32), ("write_iv", 12)]),
    ],
)
def test_the_key_block_is_cut_without_a_rest(
    version: ssl.TLSVersion, ciphers: str, cut: list[tuple[str, int]]
) -> None:
    steps = steps_of(converse(*contexts(version, ciphers)))
    pieces = [step.output for step in steps.values() if step.function == "slice"]
    pieces = [piece for piece in pieces if piece and len(piece) < 1_000]
    block = steps["key_block"].output
    assert block == b"".join(piece for piece in pieces if piece)
    names = [f"{side}_{kind}" for kind, _ in cut for side in ("client", "server")]
    assert [steps[name].kind for name in names] == [kind for kind, _ in cut for _ in range(2)]
    lengths = dict(cut)
    assert [len(steps[name].output or b"") for name in names] == [
        lengths[steps[name].kind] for name in names
    ]


def test_the_extended_master_secret_takes_a_hash_of_the_handshake() -> None:
    steps = steps_of(converse(*contexts(TLS12)))
    master = steps["master_secret"]
    assert [each.value for each in master.inputs[1:2]] == ["extended master secret"]
    assert master.inputs[2].step == "session_hash"
    assert [each.name for each in steps["session_hash"].inputs][-1] == "client_key_exchange"
    assert master.spec == "RFC 7627 §4"


def test_the_certificates_key_encrypts_a_secret_in_rsa_key_exchange_alone() -> None:
    rsa = steps_of(converse(*contexts(TLS12, "AES128-SHA")))
    assert rsa["pre_master_secret"].kind == "encrypted_secret"
    assert "signed_params" not in rsa
    ecdhe = steps_of(converse(*contexts(TLS12, "ECDHE-RSA-AES128-SHA")))
    assert ecdhe["pre_master_secret"].kind == "pre_master_secret"
    assert "signed_params" not in {each.step for s in ecdhe.values() for each in s.inputs}


def test_without_the_master_secret_the_steps_say_what_is_missing() -> None:
    steps = steps_of(converse(*contexts(TLS12, "AES128-SHA")).without("CLIENT_RANDOM"))
    assert steps["master_secret"].reason == (
        "no CLIENT_RANDOM was recorded for this connection, and pre_master_secret is not known"
    )
    assert steps["server_write_key"].reason == "key_block is not known"
    assert steps["session_hash"].certainty == DERIVED
    assert "plaintext" not in steps


def test_a_wrong_master_secret_is_not_taken_for_a_right_one() -> None:
    recording = converse(*contexts(TLS12, "AES128-SHA"))
    wrong = recording.without("CLIENT_RANDOM")
    hello = recording.explained().tls["1"].hellos.client_random.hex()
    wrong.secrets([f"CLIENT_RANDOM {hello} {'00' * 48}"])
    steps = steps_of(wrong)
    assert steps["master_secret"].certainty == RECORDED
    assert "client_verify_data" not in steps  # the Finished stayed closed
    assert "plaintext" not in steps


def test_a_resumed_session_begins_with_an_old_secret() -> None:
    client, server = contexts(TLS12, "ECDHE-RSA-AES128-GCM-SHA256")
    steps = steps_of(traces.resumed(client, server))
    assert steps["master_secret"].kind == "old_secret"
    assert steps["master_secret"].certainty == RECORDED
    assert "pre_master_secret" not in steps
    names = [each.name for each in steps["server_verify_data"].inputs]
    assert names == ["secret", "label", "seed", "length"]
    assert steps["server_verify_data"].equal is True
    assert steps["client_verify_data"].equal is True
    assert list(steps).index("server_verify_data") < list(steps).index("client_verify_data")


def test_a_handshake_that_ended_early_is_not_taken_for_a_resumed_one() -> None:
    client, server = contexts(TLS12, "ECDHE-RSA-AES128-GCM-SHA256")
    client.verify_mode = ssl.CERT_REQUIRED
    steps = steps_of(converse(client, server))
    assert "signed_params" in steps
    assert steps["pre_master_secret"].reason == (
        "the handshake ended before the client had sent its part"
    )
    assert steps["master_secret"].kind == "master_secret"
    assert steps["master_secret"].certainty == NOT_KNOWN
