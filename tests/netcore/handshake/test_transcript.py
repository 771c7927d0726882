"""Messages in the order of the protocol, as far as they could be read."""

from __future__ import annotations

import pytest

from netcore.handshake.transcript import transcript
from netcore.trace import AnyEvent
from tests.netcore.decrypt import rfc8448
from tests.netcore.handshake import rfc8448_resumed, rfc8448_retry, traces
from tests.netcore.tls_conversation import TLS12, contexts, converse

FULL = [
    "client_hello",
    "server_hello",
    "encrypted_extensions",
    "server_certificate",
    "server_certificate_verify",
    "server_finished",
    "client_finished",
]


def names(events: list[AnyEvent]) -> list[str]:
    return [message.name for message in transcript(*traces.told(events)).messages]


def test_a_full_handshake_of_tls_1_3_without_what_follows_it() -> None:
    assert names(traces.simple()) == FULL


def test_the_order_is_that_of_the_protocol_whatever_the_clock_says() -> None:
    assert names(rfc8448.events()) == FULL  # all that was sent comes first there


def test_hellos_take_turns_around_a_retry() -> None:
    order = ["client_hello", "hello_retry_request", "client_hello_2", *FULL[1:]]
    assert names(rfc8448_retry.events()) == order


def test_the_end_of_early_data_counts() -> None:
    assert names(rfc8448_resumed.events())[-3:] == [
        "server_finished",
        "end_of_early_data",
        "client_finished",
    ]


@pytest.mark.parametrize(
    ("label", "read"),
    [
        ("SERVER_HANDSHAKE_TRAFFIC_SECRET", ["client_hello", "server_hello", "client_finished"]),
        ("CLIENT_HANDSHAKE_TRAFFIC_SECRET", FULL[:-1]),
    ],
)
def test_behind_a_gap_of_one_side_its_messages_are_left_out(label: str, read: list[str]) -> None:
    assert names(traces.simple(label)) == read


def test_in_tls_1_2_the_client_finishes_first() -> None:
    assert names(converse(*contexts(TLS12, "ECDHE-RSA-AES128-GCM-SHA256")).events) == [
        "client_hello",
        "server_hello",
        "server_certificate",
        "server_key_exchange",
        "server_hello_done",
        "client_key_exchange",
        "client_finished",
        "new_session_ticket",
        "server_finished",
    ]


def test_in_a_resumed_session_of_tls_1_2_the_server_finishes_first() -> None:
    found = names(traces.resumed(*contexts(TLS12)).events)
    assert found[:2] == ["client_hello", "server_hello"]
    assert found[-2:] == ["server_finished", "client_finished"]


def test_messages_are_found_by_name_with_those_before_them() -> None:
    found = transcript(*traces.told(traces.simple()))
    finished = found.message("server_finished")
    assert finished is not None
    assert finished.octets[:1] == b"\x14"
    before = found.before(finished)
    assert before is not None
    assert before.name == "server_certificate_verify"
    assert found.before(found.messages[0]) is None
    assert [each.name for each in found.up_to("server_hello")] == FULL[:2]
    assert found.up_to("no_such_message") == ()


def test_a_message_that_did_not_come_whole_is_left_out() -> None:
    turns = [("send", traces.SIMPLE_TURNS[0][1]), ("recv", traces.SIMPLE_TURNS[1][1][:-20])]
    assert names(traces.recorded(turns, {})) == ["client_hello"]
