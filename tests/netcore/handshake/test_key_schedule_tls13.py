"""TLS 1.3: what opens what, generations of keys, tickets, and where the certificate leads."""

from __future__ import annotations

import pytest

from netcore.decrypt.tls13 import SERVER
from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.key_schedule_tls13 import MOST_GENERATIONS
from netcore.handshake.steps import KeySchedule, Step
from netcore.titles import title_of
from netcore.trace import AnyEvent
from tests.netcore.decrypt import rfc8448
from tests.netcore.decrypt.test_tls13 import HANDSHAKE, KEY_UPDATE, Sealer
from tests.netcore.handshake import rfc8448_resumed, rfc8448_retry, traces
from tests.netcore.tls_conversation import TLS13, contexts, converse

SERVER_SECRET = bytes.fromhex(rfc8448.SECRETS[SERVER[1]])


def schedule_of(events: list[AnyEvent]) -> KeySchedule:
    return key_schedule(*traces.told(events))


def by_name(events: list[AnyEvent]) -> dict[str, Step]:
    return {step.name: step for step in schedule_of(events).steps}


def updated(times: int) -> list[AnyEvent]:
    """RFC 8448 §3, after whose ticket the server replaces its keys so often, and then says hi."""
    sealer = Sealer(SERVER_SECRET)
    sealer.number = 1  # the ticket was the first
    turns = list(traces.SIMPLE_TURNS[:5])
    for _ in range(times):
        turns.append(("recv", sealer.seal(KEY_UPDATE, HANDSHAKE).hex()))
        sealer.update()
    turns.append(("recv", sealer.seal(b"hi").hex()))
    return traces.recorded(turns, rfc8448.SECRETS)


def test_each_key_says_which_records_it_opened() -> None:
    steps = by_name(traces.simple())
    opened = {
        name: [each.protection.sequence_number for each in step.opens if each.protection]
        for name, step in steps.items()
        if step.kind == "write_key"
    }
    assert opened == {
        "server_handshake_write_key": [0],
        "client_handshake_write_key": [0],
        "client_application_write_key": [0, 1],
        "server_application_write_key": [0, 1, 2],
    }


def test_the_schedule_ends_in_the_first_record_with_application_data() -> None:
    *_, nonce, plaintext = schedule_of(traces.simple()).steps
    assert nonce.inputs[1].value == 1  # the ticket was record 0
    assert plaintext.output == rfc8448.CONTENT + b"\x17"
    assert plaintext.equal is True
    assert plaintext.inputs[3].value == rfc8448.SERVER_DATA[:5]


def test_nothing_follows_from_the_certificate() -> None:
    steps = schedule_of(traces.simple()).steps
    assert "signed_content" in {step.name for step in steps}
    used = {each.step for step in steps for each in step.inputs}
    assert "signed_content" not in used
    of_certificate = {
        step.function
        for step in steps
        for each in step.inputs
        if each.pdu and title_of(each.pdu) == "Certificate"
    }
    assert of_certificate == {"Transcript-Hash"}


def test_after_a_hello_retry_request_the_first_hello_counts_as_its_hash() -> None:
    steps = by_name(rfc8448_retry.events())
    (hello,) = steps["hash_of_client_hello"].inputs
    message_hash = steps["message_hash"].output
    assert hello.name == "client_hello"
    assert message_hash is not None
    assert message_hash[:4] == bytes([254, 0, 0, 32])
    names = [each.step or each.name for each in steps["transcript_hash_server_hello"].inputs]
    assert names == ["message_hash", "hello_retry_request", "client_hello_2", "server_hello"]


def test_early_data_has_keys_of_its_own() -> None:
    steps = by_name(rfc8448_resumed.events())
    first, second = steps["client_early_write_key"].opens
    assert first.octets == rfc8448_resumed.EARLY_DATA + b"\x17"
    assert second.octets[:1] == b"\x05"  # EndOfEarlyData is sealed with them too
    assert "client_early_write_key" not in by_name(traces.simple())


def test_a_key_update_makes_the_next_secret_of_the_last() -> None:
    steps = by_name(updated(2))
    first, second = (steps[f"server_application_traffic_secret_{number}"] for number in (1, 2))
    assert first.inputs[0].step == "server_application_traffic_secret_0"
    assert second.inputs[0].step == "server_application_traffic_secret_1"
    (record,) = steps["server_application_write_key_2"].opens
    assert record.octets == b"hi\x17"
    assert steps["plaintext"].output == b"hi\x17"
    assert steps["nonce"].inputs[0].step == "server_application_write_iv_2"


def test_of_many_key_updates_a_few_are_told_and_the_rest_counted() -> None:
    schedule = schedule_of(updated(50))
    generations = [step for step in schedule.steps if step.kind == "updated_secret"]
    assert len(generations) == MOST_GENERATIONS - 1
    assert schedule.left_out == 50 - len(generations)
    # What they opened would be of keys that are not told: a record of other keys is shown.
    assert schedule.steps[-1].equal is True


def test_each_ticket_is_worth_a_key_of_its_own_that_nobody_logs() -> None:
    schedule = schedule_of(converse(*contexts(TLS13)).events)
    tickets = [step for step in schedule.steps if step.kind == "ticket_psk"]
    assert [step.name for step in tickets] == ["psk_1", "psk_2"]
    assert {step.reason for step in tickets} == {"resumption_master_secret is not known"}
    assert len({step.inputs[2].value for step in tickets}) == 2
    assert schedule.left_out == 0


@pytest.mark.parametrize("ciphers", ["ALL"])
def test_a_real_connection_verifies_both_finished(ciphers: str) -> None:
    recording = converse(*contexts(TLS13, ciphers))
    steps = {s.name: s for s in key_schedule(*traces.told(recording.events)).steps}
    assert steps["server_verify_data"].equal is True
    assert steps["client_verify_data"].equal is True
    assert steps["exporter_master_secret"].certainty == "recorded"
    plaintext = steps["plaintext"].output
    assert plaintext is not None
    assert plaintext.startswith(b"HTTP/1.1 200 OK")
