"""HTTP/3 conversations of aioquic, taken apart: the library's fields, bodies and streams."""

from __future__ import annotations

import gzip

import pytest

from netcore.channels import Channel, Span
from netcore.framing.http3 import frame
from netcore.pdus import Explanation
from netcore.registries.hpack import Entry
from netcore.titles import title_of
from tests.netcore.quic_conversation import REQUEST, RESPONSE, STORIES, Conversation, simple


def heads(explanation: Explanation) -> list[tuple[str, int, list[tuple[bytes, bytes]]]]:
    return sorted(
        (
            block.direction,
            block.stream,
            [(e.name.encode("latin-1"), e.value.encode("latin-1")) for e in block.block.fields],
        )
        for block in explanation.http3["1"].blocks
    )


def bodies(explanation: Explanation) -> dict[tuple[str, int], bytes]:
    found = {}
    for pdu in explanation.pdus:
        if pdu.step == "de-framed" and pdu.carries:
            name, _, direction = pdu.carries.channel.rpartition(".")
            found[direction, int(name.rpartition("/")[2])] = pdu.octets
    return found


@pytest.mark.parametrize("name", sorted(STORIES))
def test_fields_and_bodies_are_those_that_the_library_gives_out(name: str) -> None:
    talk = STORIES[name]()
    explanation = talk.explained()
    assert talk.headers
    assert heads(explanation) == sorted(talk.headers)
    assert bodies(explanation) == {key: body for key, body in talk.bodies.items() if body}
    assert {block.block.error for block in explanation.http3["1"].blocks} == {""}


def test_a_second_request_refers_to_the_table_that_the_first_one_filled() -> None:
    talk = Conversation()
    talk.begin()
    fields = [*REQUEST, (b"x-long", b"abcdefghij" * 20)]
    for _ in range(3):
        talk.exchange(fields=fields)
    explanation = talk.explained()
    http3 = explanation.http3["1"]
    assert heads(explanation) == sorted(talk.headers)
    sent = [block for block in http3.blocks if block.direction == "sent"]
    assert sent[-1].pdu.size < sent[0].pdu.size
    assert sent[-1].block.required_insert_count > 0
    added = http3.decoders["sent"].added
    assert Entry("x-long", "abcdefghij" * 20) in added
    assert [each.instruction.error for each in http3.instructions] == [""] * len(http3.instructions)


def test_settings_and_stream_types_are_told_for_each_side() -> None:
    http3 = simple().explained().http3["1"]
    assert http3.settings["sent"][1] == http3.settings["received"][1] == 4_096
    assert http3.stream_types[2, "sent"] == 0
    assert sorted(http3.stream_types.values()) == [0, 0, 2, 2, 3, 3]


def test_a_section_is_the_text_of_the_fields_and_leads_down_to_its_datagram() -> None:
    explanation = simple().explained()
    request, response = explanation.http3["1"].blocks
    assert request.section.octets.startswith(b":method: GET\r\n:scheme: https\r\n")
    assert [title_of(each.section) for each in (request, response)] == ["GET /a", "200 OK"]
    assert (response.section.step, response.section.origin) == ("decompressed", response.pdu.origin)
    (ground,) = explanation.ground(response.pdu.origin[0])
    packets = {p.pdu.origin[0] for p in explanation.quic["1"].packets}
    assert ground in packets


def test_content_is_inflated_from_the_frames_that_carried_it() -> None:
    talk = Conversation()
    talk.begin()
    stream = talk.ask()
    talk.pump()
    coded = gzip.compress(b"hello " * 2_000)
    assert talk.server_h3 is not None
    talk.server_h3.send_headers(stream, [*RESPONSE, (b"content-encoding", b"gzip")])
    talk.server_h3.send_data(stream, coded[:11], end_stream=False)
    talk.server_h3.send_data(stream, coded[11:], end_stream=True)
    talk.pump()
    made = next(pdu for pdu in talk.explained().pdus if pdu.step == "inflated")
    assert made.octets == b"hello " * 2_000
    assert made.origin == (Span("h3:1/0.received", 0, len(coded)),)


def stream(number: int, direction: str, octets: bytes) -> Channel:
    channel = Channel(f"quic:1/{number}.{direction}")
    channel.octets, channel.length = octets, len(octets)
    return channel


def test_frames_and_streams_of_unknown_types_are_named_as_such() -> None:
    grease = stream(2, "sent", bytes([0x21]) + b"whatever")
    odd = stream(0, "sent", bytes([0x21, 2]) + b"hi" + b"\x40")
    framed = frame([grease, odd], "1")
    assert [pdu.protocol for pdu in framed.pdus] == [
        *("http3_stream_type", "quic_stream_data", "http3_frame", "http3_frame"),
    ]


def test_a_promise_is_a_section_of_its_own_and_no_request() -> None:
    promise = bytes([5, 6, 7]) + bytes.fromhex("0000d1d7c1")
    framed = frame([stream(0, "received", promise)], "1")
    (block,) = framed.http3.blocks
    assert block.promised == 7
    assert [entry.name for entry in block.block.fields] == [":method", ":scheme", ":path"]


def test_very_many_frames_are_cut_up_to_a_bound() -> None:
    framed = frame([stream(0, "received", b"\0\0" * 5_000)], "1")
    assert framed.pdus[-1].protocol == "uncut"
    assert sum(pdu.size for pdu in framed.pdus) == 10_000
