"""Octets without a protocol as units."""

from __future__ import annotations

from netcore.pdus import explain
from netcore.titles import title_of
from netcore.trace import AnyEvent, Chose, StageStarted
from tests.netcore.recordings import http_exchange, moved
from tests.netcore.test_pdus import assert_grounded, assert_partition

TYPED = Chose(0, "raw", "TCP")


def tcp(sent: list[bytes], received: list[bytes]) -> list[AnyEvent]:
    return [TYPED, *http_exchange(sent, received)]


def test_each_direction_of_a_connection_is_one_unit_since_tcp_keeps_no_edges() -> None:
    events = tcp([b"he", b"llo\n"], [b"hello", b"\n"])
    found = explain(events)
    assert [(pdu.name, pdu.octets, len(pdu.events)) for pdu in found.pdus] == [
        ("raw_octets", b"hello\n", 2),
        ("raw_octets", b"hello\n", 2),
    ]
    assert title_of(found.pdus[0]) == r"“hello\n”, 6 bytes"
    assert_partition(found)
    assert_grounded(found)


def test_what_is_http_is_told_as_http() -> None:
    found = explain(tcp([b"GET / HTTP/1.0\r\n\r\n"], [b"HTTP/1.0 204 No\r\n\r\n"]))
    assert [pdu.name for pdu in found.pdus] == ["http1_request_head", "http1_response_head"]


def test_each_datagram_is_a_unit() -> None:
    events = [TYPED, StageStarted(0, "request"), *moved("udp:1", "send", [b"a", b"bc"])]
    events += moved("udp:1", "recv", [b"d"])
    found = explain(events)
    assert [(pdu.name, pdu.octets) for pdu in found.pdus] == [
        ("raw_octets", b"a"),
        ("raw_octets", b"bc"),
        ("raw_octets", b"d"),
    ]


def test_the_question_for_the_name_is_still_dns() -> None:
    events = [TYPED, StageStarted(0, "dns"), *moved("udp:1", "send", [bytes(12)])]
    assert [pdu.name for pdu in explain(events).pdus] == ["dns_message"]
