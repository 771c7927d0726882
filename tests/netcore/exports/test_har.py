"""A trace as an HTTP archive, by the schema of HAR 1.2 and by what was on the wire."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore import har
from netcore.trace import Called, Chose, Completed, Failed, StageEnded, StageStarted, Truncated
from tests.netcore.exports.archive import entry_of, errors, octets_of
from tests.netcore.recordings import http_exchange, trace_of

REQUEST = b"GET /?a=1 HTTP/1.1\r\nHost: x.example\r\n\r\n"
TEXT = "Grüße aus dem Labor.\n".encode() * 20


def answered(response: bytes, request: bytes = REQUEST) -> dict[str, Any]:
    """The entry of a recording of this exchange."""
    return entry_of(trace_of(http_exchange([request], [response])))


# The heads


def test_fields_are_as_on_the_wire_in_order_and_with_duplicates() -> None:
    head = (
        b"HTTP/1.0 200 Sch\xf6n\r\nx-A:  1 \r\nSet-Cookie: a=b\r\nX-a:2\r\n"
        b"Set-Cookie: c=d\r\nX-Caf\xe9 : \xff\r\nEmpty:\r\n\r\n"
    )
    response = answered(head)["response"]
    assert [(each["name"], each["value"]) for each in response["headers"]] == [
        ("x-A", "1"),
        ("Set-Cookie", "a=b"),
        ("X-a", "2"),
        ("Set-Cookie", "c=d"),
        ("X-Caf\xe9 ", "\xff"),
        ("Empty", ""),
    ]
    assert (response["httpVersion"], response["statusText"]) == ("HTTP/1.0", "Sch\xf6n")
    assert response["headersSize"] == len(head)


def test_an_odd_head_is_shown_as_it_was() -> None:
    response = answered(b"HTTP/1.1 200\nFolded: a\r\n  b\r\nno colon here\r\nC: \x01\n\n")[
        "response"
    ]
    assert (response["status"], response["statusText"]) == (200, "")
    assert [(each["name"], each["value"]) for each in response["headers"]] == [
        ("Folded", "a\r\n  b"),
        ("no colon here", ""),
        ("C", "\x01"),
    ]


def test_what_is_no_status_line_has_status_0() -> None:
    events = http_exchange([REQUEST], [b"SSH-2.0-OpenSSH_9.6\r\n"])
    failed = Failed(90_001, "response", "h1.bad_status_line", "That is not HTTP.")
    entry = entry_of(trace_of([*events[:-1], failed]))
    assert entry["response"]["status"] == 0
    assert entry["response"]["_error"] == "h1.bad_status_line: That is not HTTP."
    assert entry["request"]["headersSize"] == len(REQUEST)


def test_the_request_is_told_from_its_octets() -> None:
    sent = (
        b'POST /a%20b?q=1&q=%C3%BC+x&r HTTP/1.1\r\nHost: other.example\r\nCookie: k=v; l="m"\r\n'
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 11\r\n\r\na=1&b=%2F+x"
    )
    trace = trace_of(http_exchange([sent], [b"HTTP/1.1 204 None\r\n\r\n"]))
    trace.url = "http://192.0.2.1/a%20b?q=1&q=%C3%BC+x&r#part"
    request = entry_of(trace)["request"]
    assert (request["method"], request["httpVersion"]) == ("POST", "HTTP/1.1")
    assert request["url"] == "http://192.0.2.1/a%20b?q=1&q=%C3%BC+x&r"
    assert (request["headersSize"], request["bodySize"]) == (len(sent) - 11, 11)
    assert request["headers"][0] == {"name": "Host", "value": "other.example"}
    assert request["cookies"] == [{"name": "k", "value": "v"}, {"name": "l", "value": '"m"'}]
    assert request["queryString"] == [
        {"name": "q", "value": "1"},
        {"name": "q", "value": "ü x"},
        {"name": "r", "value": ""},
    ]
    assert request["postData"] == {
        "mimeType": "application/x-www-form-urlencoded",
        "params": [{"name": "a", "value": "1"}, {"name": "b", "value": "/ x"}],
    }


@pytest.mark.parametrize(
    ("status", "location", "expected"),
    [
        ("302", "/x?y", "http://192.0.2.1/x?y"),
        ("301", "//other.example/", "http://other.example/"),
        ("308", "https://other.example/\xc3\xbc", "https://other.example/%C3%BC"),
        ("307", "?only", "http://192.0.2.1/?only"),
        ("201", "/made", ""),
        ("304", "", ""),
    ],
)
def test_where_a_redirect_leads_is_absolute(status: str, location: str, expected: str) -> None:
    head = f"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    assert answered(head.encode("latin-1"))["response"]["redirectURL"] == expected


def test_an_interim_response_is_told_and_its_size_is_not_the_final_ones() -> None:
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    entry = answered(b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + final + b"ab")
    assert entry["comment"] == "Before this response came an interim one: 103 Early Hints."
    assert (entry["response"]["headersSize"], entry["response"]["bodySize"]) == (len(final), 2)


def test_an_address_of_ipv6_stands_without_brackets() -> None:
    events = [
        StageStarted(0, "connect"),
        Called(1, "tcp:1", "connect", ("[2001:db8::1]:443",), errno="EINPROGRESS"),
        Called(2, "tcp:1", "getsockname", (), "[2001:db8::2]:50123"),
        StageEnded(9, "connect", 1, "tcp.timeout"),
        Failed(9, "connect", "tcp.timeout", "No."),
    ]
    entry = entry_of(trace_of(events))
    assert (entry["serverIPAddress"], entry["connection"]) == ("2001:db8::1", "50123")


# The content

CODED = {
    "": TEXT,
    "gzip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "gzip, br": brotli.compress(gzip.compress(TEXT)),
}


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("chunked", [False, True])
def test_the_content_is_decoded_and_the_sizes_are_of_the_wire(coding: str, chunked: bool) -> None:
    body = CODED[coding]
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    head += f"Content-Encoding: {coding}\r\n" if coding else ""
    if chunked:
        head += "Transfer-Encoding: chunked\r\n\r\n"
        pieces = [body[at : at + 50] for at in range(0, len(body), 50)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\nT: 1\r\n\r\n"
    else:
        head += f"Content-Length: {len(body)}\r\n\r\n"
    response = answered(head.encode() + body)["response"]
    assert octets_of(response["content"]) == TEXT
    assert response["bodySize"] == len(body)
    assert response["headersSize"] == len(head)
    assert response["content"].get("compression") == (len(TEXT) - len(body) if coding else None)


def test_a_body_of_very_many_chunks_is_whole() -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % (97 + n % 26) for n in range(5_000)) + b"0\r\n\r\n"
    response = answered(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)[
        "response"
    ]
    expected = bytes(97 + n % 26 for n in range(5_000))
    assert octets_of(response["content"]) == expected
    assert response["bodySize"] == len(chunks)


def test_a_coding_that_is_not_known_is_said_and_the_octets_stay() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: x-own\r\nContent-Length: 3\r\n\r\n"
    content = answered(head + b"\xff\x00\x01")["response"]["content"]
    assert octets_of(content) == b"\xff\x00\x01"
    assert content["comment"] == "The content coding x-own was not undone."


def test_content_that_cannot_be_decoded_is_as_far_as_it_can() -> None:
    body = gzip.compress(TEXT)[:-20]
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    content = answered(head + body)["response"]["content"]
    assert TEXT.startswith(octets_of(content))
    assert "compression" not in content
    assert "ends before its trailer" in content["comment"]


@pytest.mark.parametrize("cut", [True, False])
def test_a_coding_whose_end_was_not_recorded_or_did_not_come_is_not_blamed(cut: bool) -> None:
    body = gzip.compress(TEXT)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    *before, _ = http_exchange([REQUEST], [head + body[:-14]])
    at = len(head + body) - 14
    rest = Called(85_000, "tcp:1", "recv", channel="tcp:1.received", offset=at, length=14)
    ends = [rest, Truncated(86_000, "tcp:1.received", at), before[-1]] if cut else [before[-1]]
    outcome = (
        Completed(90_003, 200, body_octets=len(TEXT))
        if cut
        else Failed(90_003, "response", "fetch.interrupted", "The fetch was interrupted.")
    )
    content = entry_of(trace_of([*before[:-1], *ends, outcome]))["response"]["content"]
    assert 0 < content["size"] < len(TEXT)
    assert "trailer" not in content["comment"]
    assert content["comment"].startswith("Not the whole content: ")


def test_content_is_whole_where_only_the_trailer_of_its_coding_was_not_kept() -> None:
    body = gzip.compress(TEXT)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    *before, _ = http_exchange([REQUEST], [head + body[:-3]])
    at = len(head + body) - 3
    rest = Called(85_000, "tcp:1", "recv", channel="tcp:1.received", offset=at, length=3)
    behind = [rest, Truncated(86_000, "tcp:1.received", at), before[-1]]
    outcome = Completed(90_003, 200, body_octets=len(TEXT))
    response = entry_of(trace_of([*before[:-1], *behind, outcome]))["response"]
    assert octets_of(response["content"]) == TEXT
    assert "comment" not in response["content"]
    assert response["bodySize"] == len(body)


@pytest.mark.parametrize("number_of_events", [False, True])
def test_a_request_that_was_not_kept_whole_says_so(number_of_events: bool) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 9000\r\n\r\n"
    events = http_exchange([head + b"abc"], [b"HTTP/1.1 204 None\r\n\r\n"])
    at = len(head) + 3
    rest = Called(45_000, "tcp:1", "send", channel="tcp:1.sent", offset=at, length=8_997, calls=3)
    what = "events" if number_of_events else "tcp:1.sent"
    behind = [Truncated(44_000, what, at), *([] if number_of_events else [rest])]
    request = entry_of(trace_of([*events[:6], *behind, *events[6:]]))["request"]
    assert request["bodySize"] == (-1 if number_of_events else 9_000)
    assert request["postData"]["text"] == "abc"
    of = "" if number_of_events else " of 9,000"
    assert request["postData"]["comment"].startswith(
        f"Not the whole content: its first 3{of} octets. The recording keeps "
    )


def test_a_request_that_was_kept_whole_is_not_cut_by_what_was_not_kept_later() -> None:
    events = http_exchange([REQUEST], [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    entry = entry_of(trace_of([*events[:-2], Truncated(80_000, "events", 10), *events[-2:]]))
    assert entry["request"]["bodySize"] == 0
    assert "postData" not in entry["request"]


def test_a_request_behind_what_is_kept_says_so() -> None:
    sent = Called(40, "tcp:1", "send", channel="tcp:1.sent", offset=9, length=100)
    events = http_exchange([], [])
    request = entry_of(trace_of([*events[:5], sent, *events[5:]]))["request"]
    assert request["comment"] == "Of this request nothing was recorded that can be read."


def test_an_answer_to_connect_has_no_content() -> None:
    request = b"CONNECT x.example:80 HTTP/1.1\r\nHost: x.example:80\r\n\r\n"
    tunnel = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    response = answered(tunnel, request)["response"]
    assert (response["bodySize"], response["content"]["size"]) == (0, 0)
    refused = tunnel.replace(b"200", b"403")
    assert answered(refused, request)["response"]["content"]["text"] == "hello"


def test_what_came_behind_a_body_that_was_not_kept_is_no_part_of_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    *before, _ = http_exchange([REQUEST], [head + b"fff\r\nab"])
    at = len(head) + 7

    def behind(time_ns: int, offset: int) -> Called:
        channel = "tcp:1.received"
        return Called(time_ns, "tcp:1", "recv", channel=channel, offset=offset, length=1_000)

    events = [
        *before[:-1],
        behind(85_000, at),
        Truncated(86_000, "tcp:1.received", at),
        before[-1],
        StageStarted(90_000, "close"),
        behind(90_001, at + 1_000),
        StageEnded(90_002, "close"),
        Completed(90_003, 200, body_octets=990),
    ]
    response = entry_of(trace_of(events))["response"]
    assert response["bodySize"] == 7 + 1_000
    assert "its first 2 of 990 octets" in response["content"]["comment"]


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "304 Not Modified"])
def test_a_response_without_content_has_size_0(status: str) -> None:
    request = b"HEAD / HTTP/1.1\r\n\r\n" if status == "200 OK" else REQUEST
    length = "" if status.startswith("204") else "Content-Length: 900\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Encoding: gzip\r\n{length}\r\n".encode()
    response = answered(head, request)["response"]
    assert (response["content"]["size"], response["bodySize"]) == (0, 0)
    assert "text" not in response["content"]
    assert "comment" not in response["content"]


# Whatever the trace holds


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=120), st.binary(max_size=200), st.text(max_size=30))
def test_any_octets_make_an_archive(request: bytes, response: bytes, url: str) -> None:
    pieces = [b"HTTP/1.1 200 OK\r\n" + response]
    trace = trace_of(http_exchange([b"GET " + request], pieces))
    trace.url = url
    document = json.loads(har(trace))
    assert errors(document) == []


def test_a_trace_that_somebody_made_up_makes_an_archive() -> None:
    events = [
        StageEnded(5, "dns"),
        Chose(-3, "redirect", "http://x.example/"),
        StageStarted(-(1 << 62), "close", 7),
        StageStarted(1 << 62, "redirect", 3),
        Chose(3, "redirect", "http://x.example/\ud800"),
        Failed(-1, "nowhere", "x\ud800", "y"),
    ]
    trace = trace_of(events)
    for started in ("yesterday", "9999-12-31T23:59:59.999999-23:59", "2026-01-01"):
        trace.started = started
        assert errors(json.loads(har(trace))) == []
    assert errors(json.loads(har(trace_of([])))) == []


def test_the_schema_does_refuse() -> None:
    document = json.loads(har(trace_of(http_exchange([REQUEST], [b"HTTP/1.1 200 OK\r\n\r\n"]))))
    assert errors(document) == []
    document["log"]["entries"][0]["response"]["status"] = "200"
    del document["log"]["entries"][0]["timings"]["send"]
    document["log"]["entries"][0]["startedDateTime"] = "2026-01-02T03:04:05"
    assert len(errors(document)) == 3
