"""What is inside a connection to a resolver: lengths and messages, or requests of HTTP."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.channels import Channel, derive
from netcore.framing.resolver import frame
from tools.vectors import VECTORS, read_octets

QUERY = read_octets(VECTORS / "dns_message" / "query_a.hex")


def channel(name: str, octets: bytes) -> Channel:
    made = derive(name, [])
    made.octets, made.length = octets, len(octets)
    return made


def asked(media_type: str) -> bytes:
    head = f"POST /q HTTP/1.1\r\nContent-Type: {media_type}\r\nContent-Length: {len(QUERY)}\r\n\r\n"
    return head.encode() + QUERY


def test_a_body_is_a_message_of_its_own() -> None:
    framed = frame(channel("tls:1.sent", asked("application/dns-message")), None, "1")
    assert [pdu.protocol for pdu in framed.pdus] == [
        "http1_request_head",
        "message_body",
        "dns_message",
    ]
    assert framed.pdus[-1].octets == QUERY
    assert framed.pdus[-1].origin == framed.pdus[-2].origin


def test_a_body_that_says_to_be_something_else_is_no_message() -> None:
    framed = frame(channel("tls:1.sent", asked("text/plain")), None, "1")
    assert [pdu.protocol for pdu in framed.pdus] == ["http1_request_head", "message_body"]


def test_what_begins_with_a_length_is_dns_behind_lengths() -> None:
    octets = len(QUERY).to_bytes(2, "big") + QUERY
    framed = frame(channel("tls:1.sent", octets), channel("tls:1.received", octets), "1")
    assert [pdu.protocol for pdu in framed.pdus] == ["dns_message.tcp"] * 2


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_octets_are_cut_into_units_that_cover_them(sent: bytes, received: bytes) -> None:
    channels = channel("tls:1.sent", sent), channel("tls:1.received", received)
    framed = frame(*channels, "1")
    for each in channels:
        units = [p for p in framed.pdus if p.origin[0].channel == each.name and p.step == "sliced"]
        covered = {at for p in units for at in range(p.origin[0].start, p.origin[0].end)}
        assert covered == set(range(len(each.octets)))
