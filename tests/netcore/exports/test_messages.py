"""Requests and responses out of the units of a trace, and which belong together."""

from __future__ import annotations

from netcore.exports.messages import Pair, pairs
from netcore.pdus import explain
from tests.netcore.recordings import http_exchange

GET = b"GET /%d HTTP/1.1\r\n\r\n"
ANSWER = b"HTTP/1.1 20%d X\r\nContent-Length: 1\r\n\r\n%d"


def pairs_of(requests: list[bytes], responses: list[bytes]) -> list[Pair]:
    """The pairs of one connection."""
    return pairs(explain(http_exchange(requests, responses)).pdus)


def test_the_nth_response_answers_the_nth_request() -> None:
    found = pairs_of([GET % 1 + GET % 2], [ANSWER % (1, 7), ANSWER % (2, 8)])
    assert [pair.request.start_line("request_target") for pair in found] == ["/1", "/2"]
    responses = [pair.response for pair in found if pair.response]
    assert [response.start_line("status_code") for response in responses] == ["201", "202"]
    assert [response.content for response in responses] == [b"7", b"8"]


def test_a_request_without_a_response_is_a_pair_too() -> None:
    first, second = pairs_of([GET % 1, GET % 2], [ANSWER % (1, 7)])
    assert first.response
    assert second.response is None


def test_interim_responses_stand_before_the_one_that_they_precede() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    (pair,) = pairs_of([GET % 1], [hints, hints + ANSWER % (1, 7)])
    assert pair.response
    assert [len(head.octets) for head in pair.response.interim] == [len(hints)] * 2
    assert pair.response.content == b"7"


def test_octets_behind_the_last_response_are_no_part_of_it() -> None:
    (pair,) = pairs_of([GET % 1], [ANSWER % (1, 7) + b"more"])
    assert pair.response
    assert (pair.response.content, pair.response.body_octets) == (b"7", 1)


def test_a_body_in_chunks_has_the_size_of_the_wire_and_the_content_without() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    wire = b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n"
    (pair,) = pairs_of([GET % 1], [head + wire[:9], wire[9:]])
    assert pair.response
    assert (pair.response.content, pair.response.body_octets) == (b"abcde", len(wire))


def test_a_response_without_a_request_is_none() -> None:
    assert pairs_of([], [ANSWER % (1, 7)]) == []
