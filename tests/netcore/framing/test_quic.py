"""QUIC conversations of aioquic, taken apart: every packet opened, every bit in one leaf."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.quic_packet import HANDSHAKE, INITIAL, ONE_RTT, ZERO_RTT
from netcore.field import NOT_EXPLAINED, find
from netcore.framing import quic
from netcore.framing.quic import MOST_PACKETS, begins_quic
from netcore.pdus import Explanation, explain
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, SecretLogged, StageStarted
from tests.netcore.quic_conversation import (
    STORIES,
    Conversation,
    upgraded,
    with_loss,
    with_reset,
    with_retry,
    with_version_negotiation,
)
from tests.netcore.test_pdus import assert_partition, shapes

ALL = {**STORIES, "reset": with_reset}


@cache
def talk_of(name: str) -> Conversation:
    return ALL[name]()


def datagrams(sent: Sequence[bytes], received: Sequence[bytes] = ()) -> list[AnyEvent]:
    """Datagrams of one socket, each a call: first all that were sent."""
    events: list[AnyEvent] = [StageStarted(0, "connect")]
    for direction, pieces in (("sent", sent), ("received", received)):
        at = 0
        for data in pieces:
            call = "send" if direction == "sent" else "recv"
            size = len(data)
            where = {"channel": f"udp:1.{direction}", "offset": at}
            events.append(Called(len(events), "udp:1", call, length=size, data=data, **where))
            at += size
    return events


def assert_whole(explanation: Explanation) -> None:
    """Every unit's tree covers it, and every unit of the socket leads to its calls."""
    for pdu in explanation.pdus:
        tree = explanation.tree(pdu)
        assert sum(leaf.length for leaf in tree.leaves()) == pdu.size * 8
        assert title_of(pdu)
        assert pdu.events or not pdu.size


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_packet_is_opened_and_every_octet_has_a_name(name: str) -> None:
    explanation = talk_of(name).explained()
    connection = explanation.quic["1"]
    closed = {packet.name for packet in connection.packets if packet.error}
    assert closed == set()
    assert_partition(explanation)
    assert_whole(explanation)
    for pdu in explanation.pdus:
        assert NOT_EXPLAINED not in {field.name for field in pdu.fields().walk()}
        errors = {field.error for field in pdu.fields().walk() if field.error}
        assert errors <= {
            "quic.version: sealed with keys of QUIC version 1, not of its own version"
        }


@pytest.mark.parametrize("name", sorted(ALL))
def test_an_octet_of_a_stream_leads_down_to_the_datagram_that_it_came_in(name: str) -> None:
    explanation = talk_of(name).explained()
    wire = {p.pdu.origin[0] for p in explanation.quic["1"].packets if p.opened}
    for pdu in explanation.pdus:
        channel = pdu.origin[0].channel
        if channel.startswith(("quic:", "h3:")):
            grounds = [each for span in pdu.origin for each in explanation.ground(span)]
            assert grounds
            assert set(grounds) <= wire


def test_what_was_opened_is_what_sealing_it_again_gives() -> None:
    for packet in talk_of("simple").explained().quic["1"].packets:
        assert packet.opened is not None
        head = packet.opened.unmasked
        octets, plain = packet.pdu.octets, packet.opened.octets
        first = plain[0] ^ (head.mask[0] & (0x0F if plain[0] & 0x80 else 0x1F))
        at = len(head.header) - head.octets
        number = bytes(
            a ^ b for a, b in zip(plain[at : at + head.octets], head.mask[1:], strict=False)
        )
        assert octets[: at + head.octets] == bytes([first]) + plain[1:at] + number
        assert len(octets) == len(plain) + 16
        sample = packet.sample
        assert sample is not None
        assert octets[head.sample_at : head.sample_at + 16]
        assert sample.start - packet.pdu.origin[0].start == head.sample_at


def test_frames_stand_in_their_packet_and_tls_messages_beside_it() -> None:
    explanation = talk_of("simple").explained()
    first = explanation.quic["1"].packets[0]
    assert first.plain is not None
    assert [inner.protocol for inner in first.plain.inside] == ["quic_frame_crypto"]
    assert find(explanation.tree(first.plain), "crypto_data") is not None
    messages = [title_of(p) for p in explanation.pdus if p.name == "tls_handshake"]
    assert messages[:3] == ["ClientHello", "ServerHello", "EncryptedExtensions"]
    assert {"Certificate", "CertificateVerify", "Finished", "NewSessionTicket"} < set(messages)


def test_the_units_follow_each_other_as_the_calls_did_and_what_carries_comes_first() -> None:
    explanation = talk_of("simple").explained()
    assert [title_of(pdu) for pdu in explanation.pdus[:4]] == [
        *("Initial packet, protected", "Initial: CRYPTO, 475 bytes"),
        *("CRYPTO, 475 bytes", "ClientHello"),
    ]


def test_a_retry_makes_a_second_hello_and_its_tag_is_verified() -> None:
    talk = with_retry()
    explanation = talk.explained()
    connection = explanation.quic["1"]
    assert connection.retry_is_genuine is True
    assert len(connection.randoms) == 2
    assert {"quic:1/initial.sent", "quic:1/initial-2.sent"} <= set(explanation.channels)
    assert [title_of(p) for p in explanation.pdus].count("ClientHello") == 2


def test_a_retry_whose_tag_does_not_verify_says_so() -> None:
    events = list(with_retry().events)
    number = next(
        at
        for at, event in enumerate(events)
        if isinstance(event, Called) and event.data[:1] >= b"\xf0" and event.call == "recv"
    )
    event = events[number]
    assert isinstance(event, Called)
    data = event.data[:-1] + bytes([event.data[-1] ^ 1])
    events[number] = Called(
        *(event.time_ns, event.socket, event.call, event.arguments, event.result),
        channel=event.channel,
        offset=event.offset,
        length=event.length,
        data=data,
    )
    connection = explain(events).quic["1"]
    assert connection.retry_is_genuine is False
    assert connection.retries[0].pdu.error.startswith("quic.retry: ")


def test_a_refused_version_is_told_and_the_next_one_is_read() -> None:
    connection = with_version_negotiation().explained().quic["1"]
    assert connection.versions_refused == [0x6B3343CF]
    assert connection.version == 0x6B3343CF
    assert {packet.version for packet in connection.packets} == {0, 1, 0x6B3343CF}


def test_a_client_that_seals_with_the_keys_of_its_first_version_is_read_all_the_same() -> None:
    connection = upgraded().explained().quic["1"]
    odd = [p for p in connection.packets if p.opened and p.opened.version != p.version]
    assert [(p.kind, p.direction) for p in odd] == [(INITIAL, "sent")]


def test_key_updates_are_counted_by_the_phase_of_each_direction() -> None:
    connection = talk_of("key_updates").explained().quic["1"]
    assert connection.key_updates == {"sent": 2, "received": 2}
    assert connection.alpn == "h3"


def test_early_data_is_opened_before_the_server_has_said_anything() -> None:
    connection = talk_of("resumed").explained().quic["1"]
    kinds = [packet.kind for packet in connection.packets[:3]]
    assert kinds == [INITIAL, ZERO_RTT, INITIAL]
    assert connection.packets[1].opened is not None


def test_a_lost_datagram_leaves_no_hole_once_its_data_came_again() -> None:
    talk = with_loss()
    connection = talk.explained().quic["1"]
    assert [stream for stream in connection.streams if stream.has_hole] == []
    assert talk.explained().channels["h3:1/0.received"].octets == b"0123456789" * 2_000


def test_a_stateless_reset_is_known_by_its_token() -> None:
    explanation = with_reset().explained()
    connection = explanation.quic["1"]
    assert connection.close is not None
    assert connection.close.how == "stateless reset"
    assert explanation.pdus[-1].protocol == "quic_packet_stateless_reset"


LABELS = {
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET": ("sent", HANDSHAKE),
    "SERVER_HANDSHAKE_TRAFFIC_SECRET": ("received", HANDSHAKE),
    "CLIENT_TRAFFIC_SECRET_0": ("sent", ONE_RTT),
    "SERVER_TRAFFIC_SECRET_0": ("received", ONE_RTT),
}


@pytest.mark.parametrize("label", sorted(LABELS))
def test_without_a_secret_its_packets_stay_closed_and_say_which_it_was(label: str) -> None:
    direction, kind = LABELS[label]
    connection = explain(talk_of("simple").without(label)).quic["1"]
    for packet in connection.packets:
        if (packet.direction, packet.kind) == (direction, kind):
            assert packet.error == f"not decrypted: no {label} was recorded for this connection"
            assert packet.pdu.error == packet.error
        else:
            assert packet.opened is not None


def test_without_any_secret_the_initial_packets_are_open_all_the_same() -> None:
    explanation = explain(talk_of("simple").without())
    opened = {packet.kind for packet in explanation.quic["1"].packets if packet.opened}
    assert opened == {INITIAL}
    assert "ServerHello" in [title_of(pdu) for pdu in explanation.pdus]
    assert_whole(explanation)


def test_early_data_without_its_secret_says_so() -> None:
    events = talk_of("resumed").without("CLIENT_EARLY_TRAFFIC_SECRET")
    packet = explain(events).quic["1"].packets[1]
    assert packet.error.endswith("no CLIENT_EARLY_TRAFFIC_SECRET was recorded for this connection")


def test_a_running_trace_has_the_same_units_first() -> None:
    events = talk_of("simple").events
    whole = [pdu.key for pdu in explain(events).pdus if pdu.events[-1] <= 8]
    secrets = [event for event in events if isinstance(event, SecretLogged)]
    part = explain([*events[:8], *secrets])
    assert [pdu.key for pdu in part.pdus if pdu.step != "de-framed"][:20] == whole[:20]


DNS_QUERY = bytes.fromhex("c0000100 0001 0000 0000 0001") + b"\4test\0\0\1\0\1"


@pytest.mark.parametrize(
    "octets",
    [DNS_QUERY, DNS_QUERY.ljust(1_400, b"\0"), b"", b"\xc0\0\0\0\1", bytes(1_200)],
)
def test_what_is_no_initial_packet_is_no_quic(octets: bytes) -> None:
    explanation = explain(datagrams([octets]))
    assert not explanation.quic
    assert not begins_quic(None)
    assert {pdu.protocol for pdu in explanation.pdus} <= {"dns_message"}


def test_an_initial_packet_that_is_too_small_is_no_quic() -> None:
    first = next(e for e in talk_of("simple").events if isinstance(e, Called))
    assert not explain(datagrams([first.data[:1_199]])).quic
    assert explain(datagrams([first.data])).quic


def test_octets_that_were_not_kept_are_one_unit() -> None:
    events = list(talk_of("simple").events)
    lost = Called(9, "udp:1", "recv", channel="udp:1.received", offset=9_999, length=900)
    assert max(pdu.missing for pdu in explain([*events, lost]).pdus) > 0


def test_very_many_packets_are_cut_up_to_a_bound() -> None:
    first = next(e for e in talk_of("simple").events if isinstance(e, Called)).data
    tiny = bytes.fromhex("c0000000010000000101")
    explanation = explain(datagrams([first], [tiny * 6_000] * 3))
    assert len(explanation.quic["1"].packets) <= MOST_PACKETS + 2
    assert explanation.pdus[-1].protocol == "uncut"
    assert_partition(explanation)


def test_frames_beyond_a_bound_are_no_units_but_their_data_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quic, "MOST_FRAMES", 5)
    explanation = talk_of("simple").explained()
    assert sum(pdu.name.startswith("quic_frame") for pdu in explanation.pdus) <= 10
    assert explanation.channels["h3:1/0.received"].octets == b"hello"


def test_packets_of_a_thousand_frames_take_a_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quic, "_READ_FRAMES", 10)
    connection = talk_of("simple").explained().quic["1"]
    assert all(packet.opened for packet in connection.packets)
    assert not connection.packets[-1].frames


def mutated(events: Sequence[AnyEvent], chosen: random.Random) -> list[AnyEvent]:
    """A recording with datagrams changed, cut, doubled or lost."""
    pieces: dict[str, list[bytes]] = {"send": [], "recv": []}
    secrets = [event for event in events if isinstance(event, SecretLogged)]
    for event in events:
        if not isinstance(event, Called):
            continue
        data = bytearray(event.data)
        act = chosen.random()
        if act < 0.1 and pieces["send"]:
            continue
        if act < 0.3:
            data[chosen.randrange(len(data))] = chosen.randrange(256)
        elif act < 0.4 and pieces["send"]:
            del data[chosen.randrange(1, len(data) + 1) :]
        elif act < 0.5:
            data += data[: chosen.randrange(60)]
        pieces[event.call] += [bytes(data)] * (2 if act > 0.95 else 1)
    return [*secrets, *datagrams(pieces["send"], pieces["recv"])]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALL))
def test_damaged_conversations_are_taken_apart_all_the_same(name: str) -> None:
    events = talk_of(name).events
    for seed in range(12):
        damaged = mutated(events, random.Random(seed))
        explanation = explain(damaged)
        if explanation.quic:
            assert_partition(explanation)
            assert_whole(explanation)
            assert shapes(explanation) == shapes(explain(damaged))


@pytest.mark.slow
@settings(deadline=None, max_examples=150)
@given(st.lists(st.binary(max_size=80), max_size=4), st.lists(st.binary(max_size=80), max_size=4))
def test_any_datagrams_behind_a_first_one_are_taken_apart(
    sent: list[bytes], received: list[bytes]
) -> None:
    first = next(e for e in talk_of("simple").events if isinstance(e, Called)).data
    explanation = explain(datagrams([first, *filter(None, sent)], [*filter(None, received)]))
    assert_partition(explanation)
    assert_whole(explanation)
