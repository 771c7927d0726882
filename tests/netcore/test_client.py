"""fetch(): what a trace holds, over real sockets on loopback."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from lab.authority import Authority
from netcore import Limits, Options, Trace, fetch
from netcore.client import Guard
from netcore.trace import (
    AnyEvent,
    Called,
    Chose,
    Completed,
    Failed,
    SecretLogged,
    StageEnded,
    StageStarted,
    Truncated,
    TrustAnchorFound,
    decode,
    encode,
)
from tests.faults.hostile import HostileServer, hold, over_tls, receive_request, reply

pytestmark = pytest.mark.wire

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
PRIVATE = Options(allow_private=True)


def calls(trace: Trace, name: str) -> list[Called]:
    return [each for each in trace.events if isinstance(each, Called) and each.call == name]


def channel(trace: Trace, name: str) -> bytes:
    return b"".join(e.data for e in trace.events if isinstance(e, Called) and e.channel == name)


def failed(trace: Trace) -> Failed:
    assert isinstance(trace.outcome, Failed), trace.outcome
    return trace.outcome


def completed(trace: Trace) -> Completed:
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace.outcome


@pytest.mark.usefixtures("nothing_left")
def test_a_plain_fetch_records_every_call_and_octet() -> None:
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(f"http://{server.endpoint}/a?b#c", PRIVATE)
    assert completed(trace).body_octets == 5
    assert [e.call for e in trace.events if isinstance(e, Called) and e.call != "select"] == [
        "socket",
        "setsockopt",
        "connect",
        "getsockname",
        "getsockopt",
        *(["setsockopt"] if sys.platform == "linux" else []),  # SO_TIMESTAMPING
        "getpeername",
        *(["getsockopt"] if sys.platform == "linux" else []),  # TCP_INFO
        "send",
        "recv",
        "shutdown",
        "recv",
        "close",
    ]
    assert channel(trace, "tcp:1.sent").startswith(b"GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:")
    assert channel(trace, "tcp:1.received") == HELLO
    assert calls(trace, "connect")[0].errno == "EINPROGRESS"
    assert calls(trace, "getsockopt")[0].result == 0


def test_each_call_names_the_lines_that_made_it() -> None:
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(f"http://{server.endpoint}/", PRIVATE)
    for call in [each for each in trace.events if isinstance(each, Called)]:
        assert 1 <= len(call.site) <= 4
        place, _, function = call.site[0].partition(" ")
        path, _, line = place.partition(":")
        with open(path) as source:
            text = source.read().splitlines()[int(line) - 1]
        assert path == "netcore/wire.py"
        assert call.call in text, (function, text)


def test_stages_follow_each_other_and_do_not_overlap() -> None:
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(f"http://{server.endpoint}/", PRIVATE)
    stages = [each for each in trace.events if isinstance(each, StageStarted | StageEnded)]
    names = ["target", "connect", "request", "waiting", "response", "close"]
    assert [each.stage for each in stages] == [name for name in names for _ in range(2)]
    times = [each.time_ns for each in stages]
    assert times == sorted(times)


def test_a_trace_loads_back_equal_and_events_come_live() -> None:
    live: list[AnyEvent] = []
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(
            f"http://{server.endpoint}/", PRIVATE, lambda number, event: live.append(event)
        )
    assert live == trace.events
    assert decode(encode(trace)) == trace


def test_content_is_given_out_decoded_as_it_arrives() -> None:
    coded = gzip.compress(b"hello " * 50_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(coded)
    parts: list[bytes] = []
    with HostileServer(reply(head, coded)) as server:
        trace = fetch(f"http://{server.endpoint}/", PRIVATE, on_body=parts.append)
    assert b"".join(parts) == b"hello " * 50_000
    assert len(parts) > 1
    assert completed(trace).body_octets == 300_000


@pytest.mark.usefixtures("nothing_left")
def test_a_tls_fetch_records_ciphertext_and_secrets(authority: Authority) -> None:
    context = authority.server_context(authority.identity("localhost"))
    with HostileServer(over_tls(context, reply(HELLO))) as server:
        options = msgspec.structs.replace(PRIVATE, cacert=authority.cacert)
        trace = fetch(f"https://localhost:{server.port}/", options)
    completed(trace)
    sent = channel(trace, "tcp:1.sent")
    assert b"GET /" not in sent
    lines = [each.line for each in trace.events if isinstance(each, SecretLogged)]
    assert len(lines) == 5
    assert all(line.split(" ")[1] == sent[11:43].hex() for line in lines)
    chosen = {each.what: each.value for each in trace.events if isinstance(each, Chose)}
    assert chosen["tls version"] == "TLS 1.3"
    assert chosen["alpn"] == "http/1.1"
    assert chosen["certificate"] == "verified"
    (anchor,) = [each for each in trace.events if isinstance(each, TrustAnchorFound)]
    assert anchor.socket == "tcp:1"
    assert anchor.certificate == authority.root.certificate.public_bytes(Encoding.DER)


@pytest.mark.usefixtures("nothing_left")
def test_after_a_refused_certificate_no_request_is_sent(authority: Authority) -> None:
    context = authority.server_context(authority.identity("other.example"))
    with HostileServer(over_tls(context, reply(HELLO))) as server:
        options = msgspec.structs.replace(PRIVATE, cacert=authority.cacert)
        trace = fetch(f"https://localhost:{server.port}/", options)
    assert failed(trace).code == "tls.hostname_mismatch"
    sent = channel(trace, "tcp:1.sent")
    records = []
    while sent:
        records.append(sent[0])
        sent = sent[5 + int.from_bytes(sent[3:5], "big") :]
    assert records == [22, 21], "the ClientHello and an alert"


@pytest.mark.usefixtures("nothing_left")
def test_a_server_that_answers_a_large_request_at_once_is_heard() -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        hold(connection)

    with HostileServer(refuse) as server:
        options = msgspec.structs.replace(PRIVATE, method="POST", body=bytes(30_000_000))
        trace = fetch(f"http://{server.endpoint}/", options)
    assert completed(trace).status_code == 413


@pytest.mark.usefixtures("nothing_left")
def test_a_server_that_takes_nothing_is_given_up() -> None:
    given_up = threading.Event()

    def take_nothing(_: socket.socket) -> None:
        given_up.wait(10)

    with HostileServer(take_nothing) as server:
        limits = Limits(stall_s=0.2)
        options = Options(allow_private=True, method="POST", body=bytes(30_000_000), limits=limits)
        trace = fetch(f"http://{server.endpoint}/", options)
        given_up.set()
    assert (failed(trace).stage, failed(trace).code) == ("request", "tcp.write_timeout")


def test_what_a_redirect_may_not_take_along_stays_behind() -> None:
    requests: list[bytes] = []

    def note(connection: socket.socket) -> None:
        requests.append(receive_request(connection))
        connection.sendall(HELLO)

    with HostileServer(note) as other:
        location = f"http://localhost:{other.port}/there".encode()
        moved = (
            b"HTTP/1.1 303 See Other\r\nLocation: %s\r\nContent-Length: 4\r\n\r\ngone" % location
        )
        with HostileServer(reply(moved)) as first:
            parts: list[bytes] = []
            options = Options(
                allow_private=True,
                follow_redirects=True,
                method="POST",
                body=b"a=b",
                headers=(("Authorization", "secret"), ("Cookie", "secret"), ("X-Own", "secret")),
            )
            trace = fetch(f"http://{first.endpoint}/", options, on_body=parts.append)
    assert completed(trace).hop == 2
    assert b"".join(parts) == b"hello"
    assert requests[0].startswith(b"GET /there HTTP/1.1\r\n")
    assert b"secret" not in requests[0]
    assert b"Content-Length" not in requests[0]


def test_without_following_a_redirect_is_a_response_like_any_other() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 4\r\n\r\nhere"
    parts: list[bytes] = []
    with HostileServer(reply(moved)) as server:
        trace = fetch(f"http://{server.endpoint}/", PRIVATE, on_body=parts.append)
    assert completed(trace).status_code == 302
    assert parts == [b"here"]


def test_several_addresses_are_tried_in_order() -> None:
    with HostileServer(reply(HELLO)) as server:
        entry = f"many.example:{server.port}:127.0.0.2,127.0.0.3,127.0.0.1"
        options = msgspec.structs.replace(PRIVATE, resolve=(entry,))
        trace = fetch(f"http://many.example:{server.port}/", options)
    completed(trace)
    asked = [each for each in calls(trace, "getsockopt") if "SO_ERROR" in each.arguments]
    assert [each.errno for each in asked] == ["ECONNREFUSED"] * 2 + [""]
    tried = [e.value for e in trace.events if isinstance(e, Chose) and e.what == "address"]
    assert tried == [f"127.0.0.{n}:{server.port}" for n in (2, 3, 1)]


def test_localhost_is_this_machine_without_a_question() -> None:
    with HostileServer(reply(HELLO)) as server:
        trace = fetch(f"http://localhost:{server.port}/", PRIVATE)
    completed(trace)
    assert not [e for e in trace.events if isinstance(e, Called) and e.socket.startswith("udp")]


@pytest.mark.parametrize("url", ["ws://127.0.0.1/", "wss://127.0.0.1/"])
@pytest.mark.parametrize("asked", [{"method": "POST"}, {"body": b"x"}])
def test_a_websocket_is_opened_by_a_get_without_content(url: str, asked: dict[str, Any]) -> None:
    end = failed(fetch(url, Options(allow_private=True, **asked)))
    assert (end.stage, end.code) == ("target", "http.bad_request")


@pytest.mark.parametrize(
    "url", ["", "nonsense", "http://", "http://a b/", "http://\udcff/", "http://[::1", "\0"]
)
def test_no_url_raises(url: str) -> None:
    trace = fetch(url)
    assert failed(trace).code.startswith("guard.")
    assert failed(trace).stage == "target"
    assert decode(encode(trace)) == trace


def test_a_fault_of_ours_ends_the_trace_and_does_not_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Guard, "vet_target", broken)
    assert failed(fetch("http://127.0.0.1/", PRIVATE)).code == "fetch.bug"


@pytest.mark.usefixtures("nothing_left")
def test_an_interrupt_ends_the_trace() -> None:
    def interrupt(number: int, event: AnyEvent) -> None:
        if isinstance(event, StageStarted) and event.stage == "waiting":
            raise KeyboardInterrupt

    with HostileServer(hold) as server:
        trace = fetch(f"http://{server.endpoint}/", PRIVATE, interrupt)
    assert failed(trace).code == "fetch.interrupted"


def test_a_long_body_is_cut_in_the_trace_and_whole_for_its_reader() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    parts: list[bytes] = []
    with HostileServer(reply(head, bytes(1_000_000))) as server:
        options = Options(allow_private=True, limits=Limits(kept_octets=1000))
        trace = fetch(f"http://{server.endpoint}/", options, on_body=parts.append)
    assert len(b"".join(parts)) == 1_000_000
    assert len(channel(trace, "tcp:1.received")) == 1000
    assert [e.what for e in trace.events if isinstance(e, Truncated)] == ["tcp:1.received"]
    last = [e for e in calls(trace, "recv") if e.length][-1]
    assert last.offset + last.length == 1_000_000 + len(head)


def test_two_fetches_at_once_keep_their_secrets_apart(authority: Authority) -> None:
    context = authority.server_context(authority.identity("localhost"))
    traces: list[Trace] = []
    with HostileServer(over_tls(context, reply(HELLO))) as server:
        options = msgspec.structs.replace(PRIVATE, cacert=authority.cacert)
        url = f"https://localhost:{server.port}/"
        threads = [
            threading.Thread(target=lambda: traces.append(fetch(url, options))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert len(traces) == 6
    for trace in traces:
        completed(trace)
        random = channel(trace, "tcp:1.sent")[11:43].hex()
        lines = [each.line for each in trace.events if isinstance(each, SecretLogged)]
        assert {line.split(" ")[1] for line in lines} == {random}
