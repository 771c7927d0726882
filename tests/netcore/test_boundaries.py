"""Boundaries: every unit on the axis of its direction, as lineage says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab import Lab
from netcore import fetch
from netcore.boundaries import (
    CALLS,
    FRAMES,
    MESSAGES,
    RECORDS,
    ROWS,
    Part,
    Strip,
    Unit,
    boundaries,
    sockets,
)
from netcore.channels import Span
from netcore.options import Limits, Options
from netcore.pdus import Explanation, explain
from tests.netcore.recordings import http_exchange

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LIMITS = Limits(first_byte_s=0.5, quic_s=0.5, quiet_s=0.2)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(hold_s=0.05) as running:
        yield running


def received(*reads: bytes) -> Strip:
    """What came in these reads."""
    events = http_exchange([REQUEST], reads)
    return boundaries(explain(events), events, "tcp:1")[0]


def units(strip: Strip, name: str) -> list[Unit]:
    row = strip.row(name)
    assert row is not None
    return row.units


def test_chunks_stand_over_the_reads_that_they_straddle() -> None:
    strip = received(HEAD + b"5\r\nab", b"cde\r\n", b"2\r\nfg\r\n0\r\n\r\n")
    at = len(HEAD)
    assert [row.name for row in strip.rows] == [CALLS, FRAMES, MESSAGES]
    chunk = units(strip, FRAMES)[1]
    assert chunk.parts == (
        Part(at, at + 3, is_payload=False),
        Part(at + 3, at + 8),
        Part(at + 8, at + 10, is_payload=False),
    )
    assert (chunk.number, chunk.octets, chunk.payload) == (2, 10, 5)
    calls = strip.rows[0]
    assert [(unit.number, octets) for unit, octets in calls.within(chunk.parts)] == [(1, 5), (2, 5)]


def test_a_body_in_chunks_is_one_unit_of_several_pieces() -> None:
    strip = received(HEAD + b"5\r\nabcde\r\n2\r\nfg\r\n0\r\n\r\n")
    (body,) = units(strip, MESSAGES)
    at = len(HEAD)
    assert body.parts == (Part(at + 3, at + 8), Part(at + 13, at + 15))


def test_what_a_part_covers_is_found_by_its_octets_alone() -> None:
    strip = received(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"ab", b"cd")
    calls = strip.rows[0]
    body = units(strip, FRAMES)[1]
    assert [unit.number for unit, _ in calls.within(body.parts)] == [2, 3]
    assert calls.cover(body.start, body.start) == []


def test_a_socket_of_a_resolver_over_udp_has_no_axis(lab: Lab) -> None:
    explanation = explain(fetch(target(lab, "plain"), options(lab)).events)
    assert any(name.startswith("udp:") for name in explanation.channels)
    assert sockets(explanation) == ["tcp:1"]


@pytest.mark.wire
@pytest.mark.parametrize(
    "name",
    [
        *("plain", "chunked", "big", "surplus", "trickle", "early-close", "not-tls"),
        *("tls13", "tls12", "chacha20", "cbc", "mac-then-encrypt", "split-records", "coalesced"),
        *("h2", "h2-streams", "small-window", "push"),
        *("h3", "h3-streams", "h3-lossy", "h3-early-data", "h3-key-update"),
        *("ws-echo", "wss-echo", "ws-fragments", "ws-deflate"),
        *("over-tcp", "over-tls", "over-https"),
    ],
)
def test_every_row_covers_no_octet_twice_and_is_where_lineage_says(lab: Lab, name: str) -> None:
    ask = next(each.ask for each in lab.targets if each.name == name)
    more = {"messages": ask.messages, "further_urls": ()}
    http = {} if ask.http == "auto" else {"http": ask.http}
    events = fetch(target(lab, name), options(lab, **more, **http)).events
    explanation = explain(events)
    found = [
        strip for each in sockets(explanation) for strip in assert_sound(explanation, events, each)
    ]
    assert found
    assert {row.name for strip in found for row in strip.rows} <= set(ROWS)


def assert_sound(explanation: Explanation, events: list[object], socket: str) -> tuple[Strip, ...]:
    strips = boundaries(explanation, events, socket)  # type: ignore[arg-type]
    for strip in strips:
        for row in strip.rows:
            at = 0
            for part, _ in row.pieces:
                assert at <= part.start < part.end <= strip.octets, (row.name, part)
                at = part.end
            for unit in row.units:
                if unit.pdu is not None:
                    assert_grounded(explanation, strip, unit)
        calls = strip.rows[0]
        assert calls.name == CALLS
        assert sum(unit.octets for unit in calls.units) == strip.octets
    return strips


def assert_grounded(explanation: Explanation, strip: Strip, unit: Unit) -> None:
    """The parts lie in the ranges that lineage gives, and none of these is without one."""
    assert unit.pdu is not None
    grounds = {
        ground
        for span in unit.pdu.origin
        for ground in explanation.ground(span)
        if ground.start < ground.end
    }
    for part in unit.parts:
        assert is_covered(part, sorted(grounds)), (unit.pdu.protocol, part)
    for ground in grounds:
        assert any(part.start < ground.end and ground.start < part.end for part in unit.parts)
    calls = {call.event for call, _ in strip.rows[0].within(unit.parts)}
    assert calls <= set(unit.pdu.events)
    if not any(is_decrypted(explanation, span) for span in unit.pdu.origin):
        assert calls == set(unit.pdu.events)
        assert unit.octets == sum(ground.end - ground.start for ground in grounds)


def is_covered(part: Part, grounds: list[Span]) -> bool:
    at = part.start
    for ground in grounds:
        if ground.start <= at < ground.end:
            at = ground.end
    return at >= part.end


def is_decrypted(explanation: Explanation, span: Span) -> bool:
    channel = explanation.channels.get(span.channel)
    while channel is not None and channel.pieces and channel.pieces[0].below is not None:
        if channel.pieces[0].whole:
            return True
        channel = explanation.channels.get(channel.pieces[0].below.channel)
    return False


@pytest.mark.wire
@pytest.mark.parametrize("name", ["tls13", "tls12", "chacha20", "cbc", "mac-then-encrypt"])
def test_what_was_encrypted_stands_inside_its_record(lab: Lab, name: str) -> None:
    events = fetch(target(lab, name), options(lab)).events
    strip = boundaries(explain(events), events, "tcp:1")[0]
    records = strip.row(RECORDS)
    assert records is not None
    heads = [u for u in units(strip, FRAMES) if u.pdu and u.pdu.name == "http1_response_head"]
    ((record, octets),) = records.within(heads[0].parts)
    assert octets == heads[0].pdu.size if heads[0].pdu else 0
    payload = [part for part in record.parts if part.is_payload]
    assert payload[0].start == heads[0].start > record.start


def target(lab: Lab, name: str) -> str:
    return next(each.url for each in lab.targets if each.name == name)


def options(lab: Lab, **more: object) -> Options:
    return Options(lab=lab.options_lab(), cacert=str(lab.cacert), limits=LIMITS, **more)  # type: ignore[arg-type]
