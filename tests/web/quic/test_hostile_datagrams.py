"""Whatever datagrams cross, the pages of their connection can be made, and stay small."""

from __future__ import annotations

import pytest
from aioquic import tls
from aioquic.quic.packet import QuicPacketType
from aioquic.quic.packet_builder import QuicPacketBuilder
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netcore.dissect.quic_varint import varint
from tests.netcore.quic_conversation import Conversation
from tests.web.quic.telling import tale_of
from web.http3.story import Http3View, http3_view
from web.quic.acknowledgements import SHOWN_ACKS, SHOWN_RANGES
from web.quic.datagrams import SHOWN_PACKETS
from web.quic.identity import SHOWN_CLOSED, SHOWN_IDS
from web.quic.round_trips import SHOWN_LOSSES
from web.quic.story import QuicView, quic_view

DIRECTIONS = st.sampled_from(["send", "recv"])


def begun() -> Conversation:
    talk = Conversation()
    talk.begin()
    talk.exchange()
    return talk


def sealed(talk: Conversation, direction: str, frames: bytes) -> bytes:
    """A 1-RTT packet with these octets for frames; its keys are genuine, its content is not."""
    end = talk.client if direction == "send" else talk.server
    assert end is not None
    assert end._version is not None
    builder = QuicPacketBuilder(
        host_cid=end.host_cid,
        is_client=direction == "send",
        max_datagram_size=1_400,
        packet_number=end._packet_number,
        peer_cid=end._peer_cid.cid,
        version=end._version,
    )
    builder.start_packet(QuicPacketType.ONE_RTT, end._cryptos[tls.Epoch.ONE_RTT])
    builder.start_frame(frames[0], capacity=len(frames)).push_bytes(frames[1:])
    datagrams, _ = builder.flush()
    end._packet_number = builder.packet_number
    return datagrams[0]


def views(talk: Conversation) -> tuple[QuicView, Http3View]:
    tale = tale_of(talk)
    return quic_view(tale, "/t/x", "1"), http3_view(tale, "/t/x", "1")


def assert_small(told: QuicView) -> None:
    assert len(told.rows) == len(told.packets.packets) <= SHOWN_PACKETS
    assert len(told.closed) <= SHOWN_CLOSED
    assert len(told.ids) <= SHOWN_IDS + 1
    assert len(told.losses) <= SHOWN_LOSSES
    for acks in told.acknowledgements:
        assert len(acks.rows) <= SHOWN_ACKS
        assert all(len(row.bars) <= SHOWN_RANGES for row in acks.rows)
    assert all(row.href.startswith("/t/x/e/") for row in told.rows)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(DIRECTIONS, st.binary(min_size=1, max_size=80)), max_size=8))
def test_any_datagrams_make_a_page(datagrams: list[tuple[str, bytes]]) -> None:
    talk = begun()
    for call, data in datagrams:
        talk.record(call, data)
    told, _ = views(talk)
    assert_small(told)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(DIRECTIONS, st.binary(min_size=1, max_size=60)), max_size=8))
@example([("recv", b"\x02" + b"\xff" * 8 + b"\x00\x00\x00")])  # an ACK of the largest number
@example([("recv", b"\x02\x3f\x00\x05" + b"\x00" * 11)])
@example([("recv", b"\x1c\xff\xff\xff\xff\xff\xff\xff\xff\x00\x03<b>")])
@example([("send", b"\x04\x00\x41\x0c\x00"), ("recv", b"\x05\x00\x41\x0c")])
@example([("recv", b"\x08\x03" + b"\x07\x01\x04"), ("recv", b"\x0c\x07\x03\xff\xff\xff\xff")])
def test_any_frames_under_genuine_keys_make_both_pages(frames: list[tuple[str, bytes]]) -> None:
    talk = begun()
    for call, payload in frames:
        talk.record(call, sealed(talk, call, payload))
    told, spoken = views(talk)
    assert_small(told)
    assert len(spoken.rows) == len(spoken.lanes.frames)


@pytest.mark.slow
def test_thousands_of_packets_and_frames_make_a_page_of_the_usual_size() -> None:
    talk = begun()
    for at in range(600):
        kind = b"\x01" if at % 2 else b"\x02\x05\x00\x00\x00"
        talk.record("recv", sealed(talk, "recv", kind * 40))
    told, _ = views(talk)
    assert_small(told)
    assert told.left_out
    assert any(acks.more for acks in told.acknowledgements)


def test_the_octets_of_these_tests_are_what_they_say() -> None:
    assert varint(b"\x41\x0c", 0) == (0x10C, 2)
