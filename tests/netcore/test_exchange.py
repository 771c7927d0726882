"""One request and its response: waiting for 100, parts of content, ends of connections."""

from __future__ import annotations

import gzip
import socket
import ssl
from typing import cast

import msgspec
import pytest

from lab.authority import Authority
from netcore import Limits, Options, Trace, fetch
from netcore.connection import Connection
from netcore.content_coding import Budget
from netcore.deadline import Deadlines
from netcore.exchange import Exchange, Wanted
from netcore.recorder import Recorder
from netcore.request import first_request
from netcore.speaking import Speaking
from netcore.target import parse
from netcore.trace import Called, Chose, Completed, Failed
from tests.faults.hostile import (
    Converse,
    HostileServer,
    hold,
    over_tls,
    receive_request,
    reply,
    reply_and_finish,
)

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

PRIVATE = Options(allow_private=True, limits=Limits(expect_s=0.15, total_s=8))
POST = msgspec.structs.replace(
    PRIVATE, method="POST", body=b"content", headers=(("Expect", "100-continue"),)
)
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def chosen(trace: Trace, what: str) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def sent(trace: Trace) -> bytes:
    calls = [e for e in trace.events if isinstance(e, Called)]
    return b"".join(e.data for e in calls if e.channel == "tcp:1.sent")


def completed(trace: Trace) -> Completed:
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace.outcome


def get(converse: Converse, options: Options = PRIVATE) -> tuple[Trace, bytes]:
    parts: list[bytes] = []
    with HostileServer(converse) as server:
        trace = fetch(f"http://{server.endpoint}/", options, on_body=parts.append)
    return trace, b"".join(parts)


def test_the_content_waits_for_100() -> None:
    heads: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        heads.append(receive_request(connection))
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n")
        heads.append(connection.recv(7))
        connection.sendall(HELLO)
        hold(connection)

    options = msgspec.structs.replace(POST, limits=Limits(expect_s=5, total_s=8))
    trace, _ = get(converse, options)
    assert completed(trace).status_code == 200
    assert heads[0].endswith(b"\r\n\r\n")
    assert heads[1] == b"content"
    assert chosen(trace, "expect") == ["waiting", "continue"]
    assert chosen(trace, "status") == ["103 Early Hints", "100 Continue"]


def _answer_after_content(connection: socket.socket) -> None:
    octets = receive_request(connection)
    if b"Expect" in octets:
        while not octets.endswith(b"content"):
            octets += connection.recv(100)
    connection.sendall(HELLO)
    hold(connection)


def test_without_an_answer_the_content_follows() -> None:
    trace, _ = get(_answer_after_content, POST)
    assert completed(trace).status_code == 200
    assert chosen(trace, "expect") == ["waiting", "no answer"]
    assert sent(trace).endswith(b"\r\n\r\ncontent")


def test_a_final_answer_keeps_the_content_back() -> None:
    options = msgspec.structs.replace(POST, limits=Limits(expect_s=5, total_s=8))
    refusal = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"
    trace, body = get(reply(refusal), options)
    assert (completed(trace).status_code, body) == (417, b"no")
    assert chosen(trace, "expect") == ["waiting", "refused"]
    assert sent(trace).endswith(b"\r\n\r\n")


def test_behind_content_that_was_kept_back_the_connection_ends() -> None:
    def converse(connection: socket.socket) -> None:
        request = receive_request(connection)
        moved = b"HTTP/1.1 303 See Other\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(moved if b"POST" in request else HELLO)
        hold(connection)

    options = msgspec.structs.replace(
        POST, follow_redirects=True, limits=Limits(expect_s=5, total_s=8)
    )
    trace, body = get(converse, options)
    assert body == b"hello"
    assert chosen(trace, "connection") == ["new"]


def test_http_1_0_does_not_wait() -> None:
    trace, _ = get(_answer_after_content, msgspec.structs.replace(POST, http="1.0"))
    assert completed(trace).status_code == 200
    assert chosen(trace, "expect") == ["ignored"]


def test_interim_responses_are_counted() -> None:
    trace, _ = get(reply(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 3, HELLO))
    notes = [e.why for e in trace.events if isinstance(e, Chose) and e.what == "status"]
    assert [note.split(":")[0] for note in notes] == [f"Interim response {n}" for n in (1, 2, 3)]


PART = gzip.compress(b"hello" * 100)[10:20]
PARTIAL = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 10-19/99\r\nContent-Length: 10\r\n"


def test_a_part_of_coded_content_stays_coded() -> None:
    trace, body = get(reply(PARTIAL, b"Content-Encoding: gzip\r\n\r\n", PART))
    assert (completed(trace).body_octets, body) == (10, PART)
    assert chosen(trace, "content coding") == ["gzip"]
    notes = [e.why for e in trace.events if isinstance(e, Chose) and e.what == "content coding"]
    assert "part" in notes[0]


def test_several_ranges_are_content_like_any_other() -> None:
    parts = b"--x\r\nContent-Range: bytes 0-1/9\r\n\r\nab\r\n--x--\r\n"
    head = b"HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\n"
    trace, body = get(reply(head, b"Content-Length: %d\r\n\r\n" % len(parts), parts))
    assert completed(trace).status_code == 206
    assert body == parts


def test_a_range_that_is_not_there_is_a_response() -> None:
    trace, body = get(reply(b"HTTP/1.1 416 No\r\nContent-Range: */9\r\nContent-Length: 0\r\n\r\n"))
    assert (completed(trace).status_code, body) == (416, b"")


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("behind", [b"", b"hello"])
def test_some_responses_have_no_content_whatever_they_claim(
    method: str, head: bytes, behind: bytes
) -> None:
    trace, body = get(reply(head, behind), msgspec.structs.replace(PRIVATE, method=method))
    assert (completed(trace).body_octets, body) == (0, b"")
    assert ("surplus" in chosen(trace, "framing")) == bool(behind)


def test_trailers_end_chunks_and_a_second_response_is_surplus() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n"
    trace, body = get(reply(chunks, HELLO))
    assert (completed(trace).hop, body) == (1, b"hello")
    assert chosen(trace, "framing") == ["chunked", "surplus"]


class Scripted:
    """A connection that holds one response, and what becomes of it behind that."""

    unsent = False

    def __init__(self, ended: str, quiet: bool) -> None:
        self.ended = ended
        self._quiet = quiet

    def queue(self, data: bytes) -> None:
        pass

    def receive(self, *, until_sent: bool = False) -> bytes | None:
        return None if until_sent else HELLO

    def come(self) -> bytes | None:
        return None if self._quiet else b""


@pytest.mark.parametrize(
    ("ended", "quiet", "why"),
    [("", True, ""), ("", False, "Octets came"), ("closed", False, "The server closed")],
)
def test_what_comes_behind_a_response_decides_whether_another_request_follows(
    ended: str, quiet: bool, why: str
) -> None:
    recorder = Recorder(Trace("http://a.example/", "", Options(), []))
    connection = cast(Connection, Scripted(ended, quiet))
    exchange = Exchange(
        recorder,
        Limits(),
        connection,
        Speaking(recorder, Limits()),
        Deadlines(recorder.now_s),
        Budget(None),
        lambda head: Wanted(None, connection=True),
    )
    response = exchange.run(first_request(Options()), parse("http://a.example/"))
    assert response.why_not_kept.startswith(why)
    assert bool(response.why_not_kept) == bool(why)


CLOSE_DELIMITED = b"HTTP/1.1 200 OK\r\n\r\nuntil the end"


def without_close_notify(context: ssl.SSLContext, octets: bytes) -> Converse:
    """Over TLS, these octets and then nothing but FIN."""

    def converse(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        inside = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                inside.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(65536))
        inside.write(octets)
        connection.sendall(outgoing.read())
        connection.shutdown(socket.SHUT_WR)
        hold(connection)

    return converse


@pytest.mark.parametrize(
    ("octets", "notified", "code"),
    [
        (CLOSE_DELIMITED, True, "ok"),
        (CLOSE_DELIMITED, False, "tls.truncated"),
        (HELLO, False, "ok"),
        (HELLO[:-1], False, "http.incomplete_body"),
        (HELLO[:-1], True, "http.incomplete_body"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", True, "ok"),
    ],
)
def test_the_end_of_content_over_tls_has_to_be_said_where_it_counts(
    authority: Authority, octets: bytes, notified: bool, code: str
) -> None:
    context = authority.server_context(authority.identity("localhost"))
    converse = (
        over_tls(context, _once(octets)) if notified else without_close_notify(context, octets)
    )
    options = msgspec.structs.replace(PRIVATE, cacert=authority.cacert)
    with HostileServer(converse) as server:
        trace = fetch(f"https://localhost:{server.port}/", options)
    assert getattr(trace.outcome, "code", "ok") == code
    if code == "tls.truncated":
        assert isinstance(trace.outcome, Failed)
        assert trace.outcome.stage == "response"


def _once(octets: bytes) -> Converse:
    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(octets)

    return converse


def test_close_delimited_content_over_tcp_ends_with_the_stream() -> None:
    trace, body = get(reply_and_finish(CLOSE_DELIMITED))
    assert (completed(trace).body_octets, body) == (13, b"until the end")


@pytest.mark.parametrize("first_byte_s", [0.1, 5, None])
def test_a_server_that_says_nothing_has_not_begun_a_head(first_byte_s: float | None) -> None:
    limits = Limits(first_byte_s=first_byte_s, headers_s=0.1, total_s=8)
    trace, _ = get(silent, msgspec.structs.replace(PRIVATE, limits=limits))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "http.first_byte_timeout"
    assert "no octet of a response for 0.1 s" in trace.outcome.message


def silent(connection: socket.socket) -> None:
    receive_request(connection)
    hold(connection)


def test_an_interim_response_is_an_octet_of_a_response() -> None:
    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        hold(connection)

    limits = Limits(first_byte_s=5, headers_s=0.1, total_s=8)
    trace, _ = get(converse, msgspec.structs.replace(PRIVATE, limits=limits))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "http.header_timeout"
