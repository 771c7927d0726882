"""Real fetches as HTTP archives: every server of the lab, failures of every stage, redirects."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import pytest

from lab import Lab
from lab.authority import Authority
from lab.behaviours import BEHAVIOURS
from netcore import Options, Trace, fetch
from netcore import options as netcore_options
from netcore.options import Limits
from netcore.trace import Completed, Failed, StageStarted
from tests.faults.hostile import Converse, HostileServer, over_tls, receive_request, reply
from tests.netcore.exports.archive import archive_of, entries_of, entry_of, octets_of
from tests.patience import limits_of

pytestmark = pytest.mark.wire


def fetched(converse: Converse, **more: Any) -> Trace:
    """A fetch of a server that says this."""
    with HostileServer(converse) as server:
        endpoints = netcore_options.Lab(endpoints=(server.endpoint,))
        return fetch(f"http://{server.endpoint}/", Options(lab=endpoints, **more))


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
        limits=limits_of(name),
    )
    if name in BEHAVIOURS:
        ask = BEHAVIOURS[name].ask
        more = {"method": ask.method, "headers": ask.headers, "body": ask.body}
        more["messages"] = ask.messages
        options = msgspec.structs.replace(options, **more)
        url = url.removesuffix(ask.path).removesuffix("/") + ask.path
    return fetch(url, options)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BEHAVIOURS, "no-such-name", "no-address", "servfail"])
@pytest.mark.thorough
def test_every_server_of_the_lab_makes_an_archive(name: str, traces: dict[str, Trace]) -> None:
    trace = traces[name]
    log = archive_of(trace)
    entries = log["entries"]
    hops = max(e.hop for e in trace.events if isinstance(e, StageStarted))
    assert len(entries) == hops - (name == "to-a-websocket")  # where it leads is not asked
    assert all(datetime.fromisoformat(entry["startedDateTime"]).tzinfo for entry in entries)
    last = entries[-1]
    outcome = trace.outcome
    if isinstance(outcome, Completed) and outcome.http_version == "3":
        # Nothing here opens the datagrams of QUIC: only what is known without is there.
        assert last["response"]["status"] == outcome.status_code
        assert last["response"]["httpVersion"] == last["request"]["httpVersion"] == "h3"
        assert 0 < last["timings"]["ssl"] == last["timings"]["connect"]
    elif isinstance(outcome, Completed):
        assert last["response"]["status"] == outcome.status_code
        assert "_error" not in last["response"]
        if outcome.status_code == 101:  # its octets are those of messages
            assert last["response"]["content"]["size"] == 0
            kinds = [each["type"] for each in last["_webSocketMessages"]]
            assert ("receive" in kinds) is bool(outcome.body_octets)
        elif "comment" not in last["response"]["content"]:
            assert last["response"]["content"]["size"] == outcome.body_octets
        assert last["request"]["headers"][0]["name"] in ("Host", ":method")
    else:
        assert isinstance(outcome, Failed)
        error = last["response"].get("_error") or log["comment"]
        assert error == f"{outcome.code}: {outcome.message}"


def test_a_connection_that_is_used_again_is_not_connected_again(traces: dict[str, Trace]) -> None:
    first, second, third = entries_of(traces["keep-alive"])
    assert first["timings"]["connect"] >= 0
    for entry in (second, third):
        assert entry["connection"] == first["connection"]
        assert entry["serverIPAddress"] == "127.0.0.1"
        assert {entry["timings"][phase] for phase in ("dns", "connect", "ssl")} == {-1}
    assert [entry["response"]["status"] for entry in (first, second, third)] == [302, 302, 200]
    assert second["request"]["url"] == first["response"]["redirectURL"]


def test_https_is_told_like_http(traces: dict[str, Trace]) -> None:
    for name in ("tls12", "tls13"):
        entry = entry_of(traces[name])
        assert octets_of(entry["response"]["content"]).startswith(b"Between the two of us")
        assert entry["response"]["httpVersion"] == entry["request"]["httpVersion"] == "HTTP/1.1"
        assert 0 < entry["timings"]["ssl"] <= entry["timings"]["connect"]


def test_what_never_came_to_a_request_has_status_0(traces: dict[str, Trace]) -> None:
    for name, phase in (("no-such-name", "dns"), ("port-closed", "connect"), ("expired", "ssl")):
        entry = entry_of(traces[name])
        assert entry["response"]["status"] == 0
        assert entry["response"]["headersSize"] == entry["request"]["headersSize"] == -1
        assert entry["request"]["headers"] == []
        assert entry["timings"][phase] > 0
        assert ("serverIPAddress" in entry) is ("connection" in entry) is (phase != "dns")


def test_a_url_that_is_refused_makes_an_entry_too() -> None:
    for url in ("http://127.0.0.1:1/", "ftp://x.example/", "http://a b/", "https://u@x.example/"):
        entry = entry_of(fetch(url))
        assert entry["response"]["_error"].startswith("guard.")
        assert "serverIPAddress" not in entry


@pytest.mark.parametrize("url", ["no scheme", "", "//x.example/"])
def test_what_is_no_url_at_all_makes_no_entry_and_is_told(url: str) -> None:
    log = archive_of(fetch(url))
    assert log["entries"] == []
    assert log["comment"].startswith("guard.bad_url: ")


def test_a_redirect_that_is_refused_is_told_and_is_no_request() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    log = archive_of(fetched(reply(head), follow_redirects=True))
    assert len(log["entries"]) == 1
    assert log["entries"][0]["response"]["redirectURL"] == "http://169.254.169.254/"
    assert "_error" not in log["entries"][0]["response"]
    assert log["comment"].startswith("guard.blocked_address: ")


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


def test_a_fetch_over_tls_that_gives_up_was_not_sending_meanwhile() -> None:
    with Authority() as authority:
        context = authority.server_context(authority.identity("127.0.0.1"))

        def half(connection: socket.socket) -> None:
            receive_request(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n" + b"x" * 117)
            connection.recv(1)

        with HostileServer(over_tls(context, half)) as server:
            endpoints = netcore_options.Lab(endpoints=(server.endpoint,))
            options = Options(lab=endpoints, verify=False, limits=Limits(total_s=0.5))
            entry = entry_of(fetch(f"https://{server.endpoint}/", options))
    assert entry["response"]["_error"].startswith("limit.total")
    assert entry["response"]["bodySize"] == 117
    assert entry["timings"]["receive"] > entry["timings"]["send"]


@pytest.mark.parametrize("https", [False, True])
def test_an_upload_that_was_not_kept_whole_is_said(https: bool) -> None:
    size = 300_000

    def take(connection: socket.socket) -> None:
        left = size - len(receive_request(connection).partition(b"\r\n\r\n")[2])
        while left:
            left -= len(connection.recv(min(left, 65_536)))
        connection.sendall(b"HTTP/1.1 204 None\r\n\r\n")

    with Authority() as authority:
        context = authority.server_context(authority.identity("127.0.0.1"))
        with HostileServer(over_tls(context, take) if https else take) as server:
            options = Options(
                method="POST",
                headers=(("Content-Type", "text/plain"),),
                body=b"x" * size,
                verify=False,
                lab=netcore_options.Lab(endpoints=(server.endpoint,)),
                limits=Limits(kept_octets=100_000),
            )
            trace = fetch(f"http{'s' * https}://{server.endpoint}/", options)
    entry = entry_of(trace)
    assert entry["response"]["status"] == 204
    assert entry["request"]["bodySize"] == (-1 if https else size)
    kept = len(entry["request"]["postData"]["text"])
    assert 0 < kept < 100_000
    assert entry["request"]["postData"]["comment"].startswith(
        f"Not the whole content: its first {kept:,}{'' if https else ' of 300,000'} octets. "
    )


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


def test_a_request_that_did_not_come_to_be_sent_has_the_method_that_it_would_have_had() -> None:
    closed = HostileServer(reply(b""), listening=False)
    with closed:
        head = b"HTTP/1.1 303 See Other\r\nLocation: http://%s/\r\nContent-Length: 0\r\n\r\n"
        with HostileServer(reply(head % closed.endpoint.encode())) as server:
            endpoints = netcore_options.Lab(endpoints=(server.endpoint, closed.endpoint))
            options = Options(method="POST", body=b"a", follow_redirects=True, lab=endpoints)
            first, second = entries_of(fetch(f"http://{server.endpoint}/", options))
    assert (first["request"]["method"], first["response"]["status"]) == ("POST", 303)
    assert (second["request"]["method"], second["response"]["status"]) == ("GET", 0)
    assert second["request"]["url"] == f"http://{closed.endpoint}/"
    assert second["connection"]
