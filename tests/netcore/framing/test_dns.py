"""DNS over TCP is cut into messages with their lengths, and each octet is in one of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.channels import Channel, derive
from netcore.framing.dns import frame
from netcore.options import Options
from netcore.pdu import MOST_UNITS
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.titles import title_of
from netcore.trace import Called, StageStarted, Trace
from tests.netcore.recordings import moved
from tools.vectors import VECTORS, read_octets

QUERY = read_octets(VECTORS / "dns_message.tcp" / "query_any.hex")
ANSWER = read_octets(VECTORS / "dns_message.tcp" / "answer_any.hex")
SERVER = "192.0.2.53:53"


def channel(octets: bytes) -> Channel:
    made = derive("tcp:1.received", [])
    made.octets, made.length = octets, len(octets)
    return made


def test_two_messages_and_half_a_third_are_three_units() -> None:
    octets = ANSWER + QUERY + ANSWER[:100]
    pdus = frame(channel(octets))
    assert [pdu.octets for pdu in pdus] == [ANSWER, QUERY, ANSWER[:100]]
    assert {pdu.protocol for pdu in pdus} == {"dns_message.tcp"}
    assert [bool(pdu.fields().children[-1].error) for pdu in pdus] == [False, False, True]


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=400))
def test_any_octets_are_cut_into_units_that_touch(octets: bytes) -> None:
    at = 0
    for pdu in frame(channel(octets)):
        (span,) = pdu.origin
        assert span.start == at
        assert pdu.fields().length == 8 * len(pdu.octets)
        at = span.end
    assert at == len(octets)


def test_messages_without_end_are_one_unit_in_the_end() -> None:
    pdus = frame(channel(bytes(2 * MOST_UNITS + 10)))
    assert len(pdus) == MOST_UNITS + 1
    assert pdus[-1].protocol == "uncut"


def test_what_was_not_kept_is_a_unit_that_says_so() -> None:
    cut = channel(ANSWER[:50])
    cut.length = len(ANSWER)
    assert [(pdu.protocol, pdu.missing) for pdu in frame(cut)] == [
        ("dns_message.tcp", 0),
        ("not_kept", len(ANSWER) - 50),
    ]


EVENTS = [
    StageStarted(0, "dns"),
    Called(1, "udp:1", "connect", (SERVER,), 0),
    *moved("udp:1", "send", [QUERY[2:]], 2),
    *moved("udp:1", "recv", [read_octets(VECTORS / "dns_message" / "answer_cut.hex")], 5_000),
    Called(10_000, "tcp:1", "connect", (SERVER,), errno="EINPROGRESS"),
    Called(10_100, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0),
    *moved("tcp:1", "send", [QUERY], 10_200),
    *moved("tcp:1", "recv", [ANSWER[:1], ANSWER[1:900], ANSWER[900:]], 20_000),
]


def test_a_connection_of_the_stage_dns_carries_dns_and_keeps_to_the_resolvers_lane() -> None:
    explanation = explain(EVENTS)
    assert [pdu.protocol for pdu in explanation.pdus] == ["dns_message"] * 2 + [
        "dns_message.tcp"
    ] * 2
    assert title_of(explanation.pdus[1]) == "DNS answer: cut to fit (TC=1)"
    assert explanation.pdus[3].events == (8, 9, 10)
    line = timeline(Trace("http://a.example/", "", Options(), EVENTS), explanation)
    assert [(lane.kind, lane.note) for lane in line.lanes] == [("client", ""), ("resolver", SERVER)]
    assert {mark.layer for mark in line.marks if mark.kind in ("send", "receive")} == {"dns"}
