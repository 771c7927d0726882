"""HTTP/2 conversations of the h2 library, taken apart: the library's fields, bodies and ends."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.channels import Span
from netcore.dissect.http2 import carried, frame_header, read_frame
from netcore.field import find
from netcore.framing.http2 import Connection
from netcore.pdu import MOST_UNITS, Pdu
from netcore.pdus import Explanation, explain
from netcore.reader import dissect
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, StageStarted
from tests.netcore.http2_conversation import REQUEST, RESPONSE, Conversation, rich, simple
from tests.netcore.test_pdus import assert_grounded, assert_partition, shapes
from tools.vectors import VECTORS, read_octets

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (
        len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload
    )


def recorded(sent: bytes, received: bytes) -> list[AnyEvent]:
    """One write and one read."""
    return [StageStarted(0, "request"), *moved("sent", sent), *moved("received", received)]


def moved(direction: str, octets: bytes) -> list[AnyEvent]:
    if not octets:
        return []
    channel, call = f"tcp:1.{direction}", "send" if direction == "sent" else "recv"
    return [Called(1, "tcp:1", call, channel=channel, length=len(octets), data=octets)]


def of(events: Sequence[AnyEvent]) -> tuple[Explanation, Connection]:
    explanation = explain(events)
    return explanation, explanation.http2["1"]


def protocols(explanation: Explanation, direction: str = "") -> list[str]:
    return [p.protocol for p in explanation.pdus if p.origin[0].channel.endswith(direction)]


def bodies(explanation: Explanation) -> dict[tuple[str, int], bytes]:
    found = {}
    for pdu in explanation.pdus:
        if pdu.step == "de-framed" and pdu.carries:
            name, _, direction = pdu.carries.channel.rpartition(".")
            found[direction, int(name.rpartition("/")[2])] = pdu.octets
    return found


def in_pieces(chosen: random.Random) -> Callable[[bytes], Sequence[bytes]]:
    def cut(octets: bytes) -> Sequence[bytes]:
        edges = sorted({0, len(octets), *(chosen.randrange(len(octets)) for _ in range(4))})
        return [octets[a:b] for a, b in pairwise(edges)]

    return cut


@pytest.mark.slow
@pytest.mark.parametrize("make", [simple, rich])
def test_fields_and_bodies_are_those_that_the_library_gives_out(
    make: Callable[[], Conversation],
) -> None:
    talk = make()
    explanation, connection = of(talk.events)
    blocks = [
        (
            b.direction,
            b.stream,
            [(e.name.encode("latin-1"), e.value.encode("latin-1")) for e in b.block.fields],
        )
        for b in connection.blocks
    ]
    assert sorted(blocks) == sorted(talk.heads)
    assert bodies(explanation) == talk.bodies
    assert [block.block.error for block in connection.blocks] == [""] * len(blocks)


def test_nothing_of_a_rich_conversation_is_left_without_a_name() -> None:
    explanation, _ = of(rich().events)
    for pdu in explanation.pdus:
        assert [field.error for field in pdu.fields().walk() if field.error] == []
    assert {f"http2_{name}" for name in ("altsvc", "continuation", "data", "goaway", "ping")} < {
        pdu.protocol for pdu in explanation.pdus
    }


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_the_units_do_not_depend_on_how_octets_were_cut(seed: int) -> None:
    whole, pieces = explain(rich().events), explain(rich(in_pieces(random.Random(seed))).events)
    assert sorted(shapes(whole)) == sorted(shapes(pieces))
    for explanation in (whole, pieces):
        assert_partition(explanation)
        assert_grounded(explanation)
        for pdu in explanation.pdus:
            tree = explanation.tree(pdu)
            assert sum(leaf.length for leaf in tree.leaves()) == pdu.size * 8
            assert title_of(pdu)


def test_a_field_block_stands_in_its_frame_and_one_over_several_beside_them() -> None:
    explanation, _ = of(rich().events)
    blocks = [pdu for pdu in explanation.pdus if pdu.protocol == "hpack_field_block"]
    assert {block.step for block in blocks} == {"sliced", "reassembled"}
    carriers = {inner.number for pdu in explanation.pdus for inner in pdu.inside}
    assert carriers == {block.number for block in blocks if block.step == "sliced"}
    first = next(pdu for pdu in explanation.pdus if pdu.protocol == "http2_headers")
    assert find(explanation.tree(first), "hpack_field_block") is not None


def test_a_section_is_the_text_of_the_fields_and_comes_from_the_blocks_octets() -> None:
    explanation, connection = of(simple().events)
    request, response = connection.blocks
    assert response.section.octets == b":status: 200\r\ncontent-type: text/plain\r\nserver: h2\r\n"
    assert (response.section.step, response.section.origin) == ("decompressed", response.pdu.origin)
    assert [title_of(block.section) for block in connection.blocks] == ["GET /", "200 OK"]
    assert request.section.number == request.pdu.number + 1
    assert len(explanation.pdus) == 13


def test_a_body_is_a_channel_of_its_stream_whose_octets_lead_to_its_frames() -> None:
    explanation, _ = of(rich().events)
    body = explanation.channels["h2:1/1.received"]
    assert body.octets == b"a" * 5_000 + b"b" * 5_000
    grounds = explanation.ground(Span("h2:1/1.received", 4_999, 5_001))
    octets = explanation.channels["tcp:1.received"].octets
    assert [octets[g.start : g.end] for g in grounds] == [b"a", b"b"]


def test_content_is_inflated_from_the_frames_that_carried_it() -> None:
    talk = Conversation()
    talk.begin()
    talk.client.send_headers(1, REQUEST, end_stream=True)
    talk.pump()
    coded = gzip.compress(b"hello " * 2_000)
    talk.server.send_headers(1, [*RESPONSE, ("content-encoding", "gzip")])
    talk.server.send_data(1, coded[:11])
    talk.server.send_data(1, coded[11:], end_stream=True)
    talk.pump()
    made = next(pdu for pdu in talk.explained().pdus if pdu.step == "inflated")
    assert made.octets == b"hello " * 2_000
    assert made.origin == (Span("h2:1/1.received", 0, len(coded)),)


def test_what_is_carried_is_the_leaf_that_is_called_so() -> None:
    for path in VECTORS.glob("http2_*/[!b]*.hex"):
        octets = read_octets(path)
        if path.parent.name in ("http2_connection_preface", "http2_field_section"):
            continue
        tree = dissect(read_frame, octets, "http2_frame")
        leaf = find(tree, "data") or find(tree, "field_block_fragment")
        found = carried(frame_header(octets), memoryview(octets)[9:])
        assert len(found) == (leaf.length // 8 if leaf else 0)
        assert leaf is None or found.start == leaf.start // 8


def test_a_block_that_another_frame_interrupts_ends_what_is_known_of_the_table() -> None:
    cut_off = frame(1, 0, 1, b"\x82") + frame(6, 0, 0, bytes(8)) + frame(1, 5, 3, b"\x84")
    explanation, connection = of(recorded(PREFACE + cut_off, b""))
    first, second = connection.blocks
    assert "another frame stands inside it" in first.pdu.error
    assert [str(entry) for entry in first.block.fields] == [":method: GET"]
    assert "not known since an error" in second.pdu.error
    assert_partition(explanation)
    assert any(field.error for field in second.pdu.fields().walk())


def test_a_value_that_would_begin_another_line_ends_the_section() -> None:
    block = bytes([0, 1]) + b"a" + bytes([5]) + b"b\r\nc:" + b"\x82"
    _, connection = of(recorded(PREFACE + frame(1, 5, 1, b"\x84" + block), b""))
    section = connection.blocks[0].section
    assert section.octets == b":path: /\r\n"
    assert section.error.startswith("h2.bad_field: ")
    assert [entry.value for entry in connection.blocks[0].block.fields] == ["/", "b\r\nc:", "GET"]


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\nno", ["http1_response_head", "message_body"]),
        (frame(4, 0, 0, b"") + b"\0\0", ["http2_settings", "http2_data"]),
        (b"", []),
    ],
)
def test_what_answers_a_preface_is_read_as_what_it_is(received: bytes, expected: list[str]) -> None:
    explanation, _ = of(recorded(PREFACE + frame(4, 0, 0, b""), received))
    assert protocols(explanation, ".sent") == ["http2_connection_preface", "http2_settings"]
    assert protocols(explanation, ".received") == expected
    assert_partition(explanation)


@pytest.mark.parametrize("end", [14, 20, 24])
def test_the_beginning_of_a_preface_is_one(end: int) -> None:
    explanation, _ = of(recorded(PREFACE[:end], b""))
    assert protocols(explanation) == ["http2_connection_preface"]


def test_very_many_frames_are_cut_up_to_a_bound() -> None:
    received = frame(4, 0, 0, b"") * (MOST_UNITS + 9)
    explanation, _ = of(recorded(PREFACE, received))
    assert protocols(explanation)[-1] == "uncut"
    assert len(explanation.pdus) == MOST_UNITS + 2
    assert_partition(explanation)


def test_octets_that_were_not_kept_are_one_unit() -> None:
    lost = Called(9, "tcp:1", "recv", channel="tcp:1.received", offset=9, length=900)
    events = [*recorded(PREFACE, frame(4, 0, 0, b"")), lost]
    explanation, _ = of(events)
    assert explanation.pdus[-1].missing == 900


@cache
def octets_of(direction: str) -> bytes:
    return explain(rich().events).channels[f"tcp:1.{direction}"].octets


def mutated(octets: bytes, chosen: random.Random) -> bytes:
    """A recording with a few octets changed, and perhaps cut or with a part of it twice."""
    start = chosen.choice((0, 35_173)) if len(octets) > 30_000 else 0
    changed = bytearray(octets[start : start + chosen.randrange(1, 3_000)])
    for _ in range(chosen.randrange(4)):
        changed[chosen.randrange(len(changed))] = chosen.randrange(256)
    if chosen.random() < 0.2:
        at = chosen.randrange(len(changed))
        changed[at:at] = changed[: chosen.randrange(200)]
    return bytes(changed)


def check_mutation(chosen: random.Random) -> None:
    sent = mutated(octets_of("sent"), chosen)
    sent = sent if sent.startswith(PREFACE) else PREFACE + sent
    explanation = explain(recorded(sent, mutated(octets_of("received"), chosen)))
    assert_partition(explanation)
    for pdu in explanation.pdus:
        assert title_of(pdu)
        assert_whole(pdu, explanation)


def assert_whole(pdu: Pdu, explanation: Explanation) -> None:
    assert sum(leaf.length for leaf in explanation.tree(pdu).leaves()) == pdu.size * 8


@pytest.mark.slow
def test_damaged_conversations_are_taken_apart_all_the_same() -> None:
    for seed in range(150):
        check_mutation(random.Random(seed))


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=120), st.binary(max_size=120))
def test_any_octets_behind_a_preface_are_taken_apart(sent: bytes, received: bytes) -> None:
    explanation = explain(recorded(PREFACE + sent, received))
    assert_partition(explanation)
    for pdu in explanation.pdus:
        assert_whole(pdu, explanation)
