"""Datagrams as they are recorded, and what happens to a connection of QUIC meanwhile."""

from __future__ import annotations

import threading

import pytest

from lab import Authority
from lab.quic import Conversation, Quic
from lab.streams import Asked
from netcore import fetch
from netcore.options import Limits
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import Called, Truncated
from tests.netcore.quic_fetching import (
    HOST,
    calls,
    chosen,
    completed,
    failed,
    hello,
    options,
    serving,
)

pytestmark = pytest.mark.wire


def large(conversation: Conversation, asked: Asked) -> None:
    conversation.respond(asked, 200, bytes(300_000))


def test_each_datagram_is_a_call_and_a_unit(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    assert completed(trace).body_octets == 9
    moved = [e for e in trace.events if isinstance(e, Called) and e.length]
    assert {e.socket for e in moved} == {"udp:1"}
    assert all(0 < len(e.data) == e.length <= 1_472 for e in moved)
    explanation = explain(trace.events)
    packets = [pdu for pdu in explanation.pdus if pdu.name.startswith("quic_packet")]
    assert {pdu.events for pdu in packets if pdu.step == "sliced"} == {
        (number,) for number, e in enumerate(trace.events, start=1) if e in moved
    }
    marks = timeline(trace, explanation).marks
    assert any("ClientHello" in mark.title for mark in marks)


def test_a_goodbye_is_the_last_datagram_and_what_comes_is_taken(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    close = calls(trace, "close")
    assert len(close) == 1
    sends = calls(trace, "send")
    assert trace.events.index(sends[-1]) < trace.events.index(close[0])
    assert sends[-1].length < 60  # CONNECTION_CLOSE alone


def test_what_is_lost_is_sent_again(authority: Authority) -> None:
    behaviour = Quic(large, lost=frozenset(range(4, 200, 7)))
    with serving(authority, behaviour) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    assert completed(trace).body_octets == 300_000


def test_behind_the_cap_datagrams_are_counted(authority: Authority) -> None:
    limits = Limits(kept_octets=20_000)
    with serving(authority, Quic(large)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, limits=limits))
    assert completed(trace).body_octets == 300_000
    assert [e.what for e in trace.events if isinstance(e, Truncated)] == ["udp:1.received"]
    assert explain(trace.events).pdus


def test_a_server_that_works_long_is_asked_whether_it_lives(authority: Authority) -> None:
    answer = threading.Event()
    pings = 0

    def slow(conversation: Conversation, asked: Asked) -> None:
        handle = conversation.quic._handle_ping_frame

        def counted(*arguments: object) -> None:
            nonlocal pings
            pings += 1
            if pings == 2:
                answer.set()
                conversation.respond(asked, 200, b"at last")
            handle(*arguments)  # type: ignore[arg-type]

        handlers = conversation.quic._QuicConnection__frame_handlers  # type: ignore[attr-defined]
        handlers[0x01] = (counted, handlers[0x01][1])

    limits = Limits(quic_idle_s=2)
    with serving(authority, Quic(slow)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, limits=limits))
    assert answer.is_set()
    assert completed(trace).body_octets == 7


def test_a_server_that_falls_silent_is_given_up(authority: Authority) -> None:
    limits = Limits(quic_idle_s=0.4, first_byte_s=None, headers_s=None)
    lost = frozenset(range(6, 1_000))
    with serving(authority, Quic(lambda conversation, asked: None, lost=lost)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, limits=limits))
    assert failed(trace).code == "quic.timeout"
    assert failed(trace).stage in ("waiting", "response", "quic")


def test_100_continue_over_quic(authority: Authority) -> None:
    def after_the_head(conversation: Conversation, asked: Asked) -> None:
        conversation.respond(asked, 200, b"%d" % asked.body_octets)

    with serving(authority, Quic(after_the_head)) as port:
        wanted = options(
            authority,
            port,
            method="POST",
            headers=(("Expect", "100-continue"),),
            body=b"u" * 1_000,
            limits=Limits(expect_s=0.1),
        )
        trace = fetch(f"https://{HOST}:{port}/", wanted)
    assert chosen(trace, "expect") == ["waiting", "no answer"]
    assert completed(trace).body_octets == 4
