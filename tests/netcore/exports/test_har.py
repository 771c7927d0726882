"""A trace as an HTTP archive, by the schema of HAR 1.2 and by what was on the wire."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import brotli
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Lab
from lab.behaviours import BEHAVIOURS
from netcore import Options, Trace, fetch, har
from netcore import options as netcore_options
from netcore.options import Limits
from netcore.trace import Chose, Completed, Failed, StageEnded, StageStarted
from tests.faults.hostile import Converse, HostileServer, receive_request, reply
from tests.netcore.exports.archive import (
    archive_of,
    entries_of,
    entry_of,
    errors,
    octets_of,
)
from tests.netcore.recordings import http_exchange, trace_of

REQUEST = b"GET /?a=1 HTTP/1.1\r\nHost: x.example\r\n\r\n"
TEXT = "Grüße aus dem Labor.\n".encode() * 20


def answered(response: bytes, request: bytes = REQUEST) -> dict[str, Any]:
    """The entry of a recording of this exchange."""
    return entry_of(trace_of(http_exchange([request], [response])))


def fetched(converse: Converse, **more: Any) -> Trace:
    """A fetch of a server that says this."""
    with HostileServer(converse) as server:
        endpoints = netcore_options.Lab(endpoints=(server.endpoint,))
        return fetch(f"http://{server.endpoint}/", Options(lab=endpoints, **more))


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


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "304 Not Modified"])
def test_a_response_without_content_has_size_0(status: str) -> None:
    request = b"HEAD / HTTP/1.1\r\n\r\n" if status == "200 OK" else REQUEST
    length = "" if status.startswith("204") else "Content-Length: 900\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Encoding: gzip\r\n{length}\r\n".encode()
    response = answered(head, request)["response"]
    assert (response["content"]["size"], response["bodySize"]) == (0, 0)
    assert "text" not in response["content"]
    assert "comment" not in response["content"]


# Real fetches


@pytest.fixture(scope="module")
def traces() -> Iterator[dict[str, Trace]]:
    """A fetch of each server of the lab, asked as its row says."""
    with Lab(hold_s=0.05) as lab:
        yield {target.name: _visit(lab, target.name, target.url) for target in lab.targets}


def _visit(lab: Lab, name: str, url: str) -> Trace:
    options = Options(
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        follow_redirects=True,
        limits=Limits(total_s=3, first_byte_s=0.5),
    )
    if name in BEHAVIOURS:
        ask = BEHAVIOURS[name].ask
        more = {"method": ask.method, "headers": ask.headers, "body": ask.body}
        options = msgspec.structs.replace(options, **more)
        url = url.removesuffix(ask.path).removesuffix("/") + ask.path
    return fetch(url, options)


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize("name", [*BEHAVIOURS, "no-such-name"])
def test_every_server_of_the_lab_makes_an_archive(name: str, traces: dict[str, Trace]) -> None:
    trace = traces[name]
    log = archive_of(trace)
    entries = log["entries"]
    assert len(entries) == max(e.hop for e in trace.events if isinstance(e, StageStarted))
    assert all(datetime.fromisoformat(entry["startedDateTime"]).tzinfo for entry in entries)
    last = entries[-1]
    outcome = trace.outcome
    if isinstance(outcome, Completed):
        assert last["response"]["status"] == outcome.status_code
        assert "_error" not in last["response"]
        if "comment" not in last["response"]["content"]:
            assert last["response"]["content"]["size"] == outcome.body_octets
        assert last["request"]["headers"][0]["name"] == "Host"
    else:
        assert isinstance(outcome, Failed)
        error = last["response"].get("_error") or log["comment"]
        assert error == f"{outcome.code}: {outcome.message}"


@pytest.mark.wire
def test_a_connection_that_is_used_again_is_not_connected_again(traces: dict[str, Trace]) -> None:
    first, second, third = entries_of(traces["keep-alive"])
    assert first["timings"]["connect"] >= 0
    for entry in (second, third):
        assert entry["connection"] == first["connection"]
        assert entry["serverIPAddress"] == "127.0.0.1"
        assert {entry["timings"][phase] for phase in ("dns", "connect", "ssl")} == {-1}
    assert [entry["response"]["status"] for entry in (first, second, third)] == [302, 302, 200]
    assert second["request"]["url"] == first["response"]["redirectURL"]


@pytest.mark.wire
def test_https_is_told_like_http(traces: dict[str, Trace]) -> None:
    for name in ("tls12", "tls13"):
        entry = entry_of(traces[name])
        assert octets_of(entry["response"]["content"]).startswith(b"Between the two of us")
        assert entry["response"]["httpVersion"] == entry["request"]["httpVersion"] == "HTTP/1.1"
        assert 0 < entry["timings"]["ssl"] <= entry["timings"]["connect"]


@pytest.mark.wire
def test_what_never_came_to_a_request_has_status_0(traces: dict[str, Trace]) -> None:
    for name, phase in (("no-such-name", "dns"), ("port-closed", "connect"), ("expired", "ssl")):
        entry = entry_of(traces[name])
        assert entry["response"]["status"] == 0
        assert entry["response"]["headersSize"] == entry["request"]["headersSize"] == -1
        assert entry["request"]["headers"] == []
        assert entry["timings"][phase] > 0
        assert ("serverIPAddress" in entry) is ("connection" in entry) is (phase != "dns")


@pytest.mark.wire
def test_a_url_that_is_refused_makes_an_entry_too() -> None:
    for url in ("http://127.0.0.1:1/", "ftp://x.example/", "http://a b/", "https://u@x.example/"):
        entry = entry_of(fetch(url))
        assert entry["response"]["_error"].startswith("guard.")
        assert "serverIPAddress" not in entry
    log = archive_of(fetch("no scheme"))
    assert log["entries"] == []
    assert log["comment"].startswith("guard.bad_url: ")


@pytest.mark.wire
def test_a_redirect_that_is_refused_is_told_and_is_no_request() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    log = archive_of(fetched(reply(head), follow_redirects=True))
    assert len(log["entries"]) == 1
    assert log["entries"][0]["response"]["redirectURL"] == "http://169.254.169.254/"
    assert "_error" not in log["entries"][0]["response"]
    assert log["comment"].startswith("guard.blocked_address: ")


@pytest.mark.wire
@pytest.mark.parametrize(
    ("headers", "body", "told"),
    [
        ((), b"a=1&b=2", {"params": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]}),
        ((("Content-Type", "application/json"),), b'{"a":1}', {"text": '{"a":1}'}),
        ((("Content-Type", "text/plain; charset=latin-1"),), b"\xfc", {"text": "ü"}),
        ((("Content-Type", "image/png"),), b"\x89PNG", {"text": "", "_base64": "iVBORw=="}),
    ],
)
def test_what_was_posted_is_told(
    headers: tuple[tuple[str, str], ...], body: bytes, told: dict[str, Any]
) -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    request = entry_of(fetched(reply(ok), method="POST", headers=headers, body=body))["request"]
    posted = dict(request["postData"])
    assert posted.pop("mimeType") == (
        headers[0][1] if headers else "application/x-www-form-urlencoded"
    )
    posted.pop("comment", None)
    assert posted == told
    assert request["bodySize"] == len(body)


@pytest.mark.wire
@pytest.mark.parametrize("chunked", [False, True])
def test_what_was_not_kept_is_said(chunked: bool) -> None:
    body = b"x" * 5_000
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    wire = b"1388\r\n%s\r\n0\r\n\r\n" % body if chunked else body
    head += b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: 5000\r\n\r\n"
    trace = fetched(reply(head, wire), limits=Limits(kept_octets=1_000))
    response = entry_of(trace)["response"]
    content = response["content"]
    assert response["bodySize"] == len(wire)
    assert 0 < content["size"] < 1_000
    assert f"its first {content['size']:,} of 5,000 octets" in content["comment"]
    assert "compression" not in content


@pytest.mark.wire
def test_a_request_that_was_sent_again_is_two_entries() -> None:
    def converse(connection: Any) -> None:
        request = receive_request(connection)
        if b"GET /2" in request:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /2\r\nContent-Length: 0\r\n\r\n")
        receive_request(connection)  # and close without an answer

    entries = entries_of(fetched(converse, follow_redirects=True))
    assert [entry["response"]["status"] for entry in entries] == [302, 0, 200]
    assert entries[1]["response"]["_error"].startswith("tcp.")
    assert entries[1]["connection"] == entries[0]["connection"] != entries[2]["connection"]
    assert entries[1]["request"]["url"] == entries[2]["request"]["url"]
    assert entries[2]["timings"]["connect"] >= 0


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
