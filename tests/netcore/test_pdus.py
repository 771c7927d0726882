"""Explaining: every octet in one unit, every unit's octets traced back to its calls."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.channels import Span
from netcore.pdu import MOST_UNITS, Pdu
from netcore.pdus import Explanation, explain
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, StageStarted
from tests.netcore.recordings import http_exchange, moved, tls_exchange

REQUEST = b"GET /a HTTP/1.1\r\nHost: lab.test\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
CHUNKED = HEAD + b"\r\n4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\nTrailer-A: b\r\n\r\n"
ALERT = bytes.fromhex("15 0303 0002 0228")
CHANGE_CIPHER_SPEC = bytes.fromhex("14 0303 0001 01")
ENCRYPTED = bytes.fromhex("17 0303 0004 deadbeef")
SERVER_HELLO_DONE = bytes.fromhex("0e000000")


def record(content_type: int, fragment: bytes) -> bytes:
    return bytes([content_type, 3, 3]) + len(fragment).to_bytes(2, "big") + fragment


def cut(octets: bytes, points: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(point % (len(octets) + 1) for point in points), len(octets)]
    return [octets[a:b] for a, b in pairwise(edges) if b > a]


def shapes(explanation: Explanation) -> list[tuple[str, bytes, tuple[Span, ...], str]]:
    return [(pdu.protocol, pdu.octets, pdu.origin, pdu.step) for pdu in explanation.pdus]


def assert_partition(explanation: Explanation) -> None:
    """The outermost units of each socket's channel touch and cover it."""
    carried = {inner.number for pdu in explanation.pdus for inner in pdu.inside}
    for name, channel in explanation.channels.items():
        spans = sorted(
            pdu.origin[0]
            for pdu in explanation.pdus
            if pdu.step == "sliced" and pdu.number not in carried and pdu.origin[0].channel == name
        )
        if name.startswith(("tcp", "udp")):
            edges = [span.start for span in spans] + [len(channel.octets)]
            assert edges[0] == 0
            assert edges == [0, *(span.end for span in spans)]


def assert_grounded(explanation: Explanation) -> None:
    """Following a unit down to its sockets gives its octets, or the records that they were in."""
    records = {
        pdu.origin[0]
        for pdu in explanation.pdus
        if pdu.protocol == "tls_ciphertext"
        or (pdu.name.startswith("quic_packet") and pdu.step == "sliced")
    }
    for pdu in explanation.pdus:
        grounds = [ground for span in pdu.origin for ground in explanation.ground(span)]
        below = b"".join(
            explanation.channels[ground.channel].octets[ground.start : ground.end]
            for ground in grounds
        )
        if pdu.step == "decrypted" or is_decrypted(explanation, pdu.origin[0].channel):
            assert grounds
            assert set(grounds) <= records
        else:
            assert is_other(explanation, pdu) or below == pdu.octets


def is_other(explanation: Explanation, pdu: Pdu) -> bool:
    """Whether a unit's octets are others than those below: what they were computed from."""
    masked = any(span.channel.startswith("ws:") for span in pdu.origin)
    return masked or pdu.step in ("inflated", "decompressed", "unmasked")


def is_decrypted(explanation: Explanation, channel: str) -> bool:
    """Whether a channel was decrypted, or is made of one that was."""
    pieces = explanation.channels[channel].pieces
    below = {piece.below.channel for piece in pieces if piece.below}
    return any(piece.whole for piece in pieces) or any(is_decrypted(explanation, b) for b in below)


def protocols(explanation: Explanation) -> list[str]:
    return [pdu.protocol for pdu in explanation.pdus]


def test_a_chunked_response_is_cut_into_head_chunks_trailers_and_content() -> None:
    explanation = explain(http_exchange([REQUEST], [CHUNKED]))
    assert protocols(explanation) == [
        "http1_request_head",
        "http1_response_head",
        "http1_chunk",
        "message_body",
        "http1_chunk",
        "http1_chunk",
        "http1_trailer_section",
    ]
    content = next(pdu for pdu in explanation.pdus if pdu.protocol == "message_body")
    assert content.octets == b"Wikipedia"
    assert content.step == "de-chunked"
    assert len(content.origin) == 2


def test_content_is_inflated_from_the_chunks_that_carried_it() -> None:
    body = gzip.compress(b"hello " * 50)
    head = HEAD + b"Content-Encoding: gzip\r\n\r\n"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in cut(body, [7, 20]))
    explanation = explain(http_exchange([REQUEST], [head + chunks + b"0\r\n\r\n"]))
    inflated = next(pdu for pdu in explanation.pdus if pdu.step == "inflated")
    assert inflated.octets == b"hello " * 50
    assert inflated.origin == (Span("http1:1/1.received", 0, len(body)),)
    assert len(explanation.ground(inflated.origin[0])) == 3


@pytest.mark.parametrize("window_bits", [zlib.MAX_WBITS, -zlib.MAX_WBITS])
def test_deflate_is_read_as_zlib_and_as_raw(window_bits: int) -> None:
    compressor = zlib.compressobj(wbits=window_bits)
    body = compressor.compress(b"abc" * 99) + compressor.flush()
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: %d\r\n\r\n" % len(body)
    explanation = explain(http_exchange([REQUEST], [head + body]))
    assert explanation.pdus[-1].octets == b"abc" * 99


def test_what_can_be_inflated_of_a_broken_body_is_kept() -> None:
    body = gzip.compress(bytes(range(256)) * 99)[:-8] + b"\0" * 8  # the checksum is wrong
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    explanation = explain(http_exchange([REQUEST], [head + body]))
    assert explanation.pdus[-1].step == "inflated"
    assert (bytes(range(256)) * 99).startswith(explanation.pdus[-1].octets)
    assert explanation.pdus[-1].octets


@pytest.mark.parametrize(
    ("request_head", "response", "expected"),
    [
        (REQUEST, b"HTTP/1.1 204 No Content\r\n\r\n", ["http1_response_head"]),
        (
            b"HEAD / HTTP/1.1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
            ["http1_response_head"],
        ),
        (
            REQUEST,
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 ",
            ["http1_response_head", "http1_response_head", "message_body", "surplus"],
        ),
        (REQUEST, b"HTTP/1.0 200 OK\r\n\r\nto the end", ["http1_response_head", "message_body"]),
        (REQUEST, b"SSH-2.0-OpenSSH_9.2\r\n", ["http1_response_head"]),
        (
            REQUEST,
            HEAD + b"\r\n0x10\r\nbad",
            ["http1_response_head", "http1_chunk"],
        ),
    ],
)
def test_bodies_end_where_rfc_9112_says(
    request_head: bytes, response: bytes, expected: list[str]
) -> None:
    explanation = explain(http_exchange([request_head], [response]))
    assert protocols(explanation)[1:] == expected
    assert_partition(explanation)


def test_a_message_over_two_records_is_reassembled_and_two_in_one_are_sliced() -> None:
    received = record(22, SERVER_HELLO_DONE[:2]) + record(22, SERVER_HELLO_DONE[2:] * 1)
    received += record(22, SERVER_HELLO_DONE * 2)
    explanation = explain(tls_exchange([ALERT], [received]))
    messages = [pdu for pdu in explanation.pdus if pdu.name == "tls_handshake"]
    assert [pdu.step for pdu in messages] == ["reassembled", "sliced", "sliced"]
    assert len(messages[0].origin) == 2
    third = next(pdu for pdu in explanation.pdus if len(pdu.inside) == 2)
    leaves = list(explanation.tree(third).leaves())
    assert sum(leaf.length for leaf in leaves) == len(third.octets) * 8
    assert title_of(third) == "ServerHelloDone"


def test_the_tree_of_an_inner_unit_stands_in_its_record() -> None:
    explanation = explain(tls_exchange([ALERT], []))
    (alert_record,) = explanation.of_event(6)
    tree = explanation.tree(alert_record)
    assert [field.name for field in tree.walk()][-4:-2] == ["fragment", "tls_alert"]
    assert title_of(alert_record) == "alert handshake_failure"


def test_after_change_cipher_spec_tls_1_2_records_are_ciphertext() -> None:
    sent = CHANGE_CIPHER_SPEC + record(22, bytes(16)) + ENCRYPTED
    explanation = explain(tls_exchange([sent], []))
    records = [
        pdu.protocol for pdu in explanation.pdus if pdu.name in ("tls_record", "tls_ciphertext")
    ]
    assert records == ["tls_record", "tls_ciphertext", "tls_ciphertext"]


def test_nothing_is_cut_out_of_what_is_no_record_of_tls() -> None:
    other = bytes([22, 88]) + record(22, b"")[2:3] + b"\x00\x06" + SERVER_HELLO_DONE * 3
    explanation = explain(tls_exchange([ALERT], [record(22, SERVER_HELLO_DONE), other]))
    received = [pdu for pdu in explanation.pdus if pdu.origin[0].channel == "tcp:1.received"]
    assert [pdu.name for pdu in received] == ["tls_record", "tls_handshake", "tls_record"]
    assert received[-1].octets == other


def test_plain_http_where_tls_was_asked_for_is_shown_as_http() -> None:
    explanation = explain(tls_exchange([ALERT], [b"HTTP/1.1 400 Bad Request\r\n\r\nno"]))
    assert protocols(explanation)[-2:] == ["http1_response_head", "message_body"]


def test_each_datagram_is_a_message() -> None:
    events = [StageStarted(0, "dns"), *moved("udp:1", "send", [b"\0" * 12, b"\1" * 5])]
    explanation = explain(events)
    assert [pdu.events for pdu in explanation.pdus] == [(2,), (3,)]


def test_octets_that_were_not_kept_are_one_unit() -> None:
    events: list[AnyEvent] = http_exchange([REQUEST], [b"HTTP/1.1 200 OK\r\n\r\n12345"])
    events.insert(-2, Called(1, "tcp:1", "recv", channel="tcp:1.received", offset=24, length=900))
    explanation = explain(events)
    assert explanation.pdus[-1].protocol == "not_kept"
    assert explanation.pdus[-1].missing == 900
    assert title_of(explanation.pdus[-1]) == "900 bytes not kept"


@pytest.mark.parametrize(
    "events",
    [
        http_exchange([REQUEST], [b"HTTP/1.1 100 Continue\r\n\r\n" * (MOST_UNITS + 9)]),
        http_exchange([REQUEST], [HEAD + b"\r\n" + b"1\r\nx\r\n" * (MOST_UNITS + 9)]),
        tls_exchange([ALERT], [CHANGE_CIPHER_SPEC * (MOST_UNITS + 9)]),
        tls_exchange([ALERT], [record(22, SERVER_HELLO_DONE * 4_000) * 3]),
    ],
)
def test_a_channel_of_very_many_units_is_cut_up_to_a_bound(events: list[AnyEvent]) -> None:
    explanation = explain(events)
    assert MOST_UNITS <= len(explanation.pdus) <= 2 * MOST_UNITS + 5
    assert_partition(explanation)
    uncut = [pdu for pdu in explanation.pdus if pdu.protocol == "uncut"]
    assert all(pdu.fields().error for pdu in uncut)


RECEIVED = st.one_of(
    st.binary(max_size=80),
    st.builds(
        lambda octets, at, noise: octets[: at % len(octets)] + noise,
        st.sampled_from([CHUNKED, ALERT, record(22, SERVER_HELLO_DONE * 3), ENCRYPTED * 2]),
        st.integers(0, 500),
        st.binary(max_size=20),
    ),
)


@settings(deadline=None, max_examples=150)
@given(RECEIVED, st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_any_octets_in_any_cut_have_the_same_units(
    octets: bytes, points: list[int], is_tls: bool
) -> None:
    def explained(pieces: list[bytes]) -> Explanation:
        exchange = tls_exchange([ALERT], pieces) if is_tls else http_exchange([REQUEST], pieces)
        return explain(exchange)

    whole, pieces = explained([octets] if octets else []), explained(cut(octets, points))
    assert shapes(whole) == shapes(pieces)
    for explanation in (whole, pieces):
        assert_partition(explanation)
        assert_grounded(explanation)
        for pdu in explanation.pdus:
            tree = explanation.tree(pdu)
            assert sum(leaf.length for leaf in tree.leaves()) == len(pdu.octets) * 8
            assert title_of(pdu)
