"""One connection for several requests: when it is used again, and what happens if it is gone."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest

from lab.authority import Authority
from netcore import Limits, Options, Trace, fetch
from netcore.trace import AnyEvent, Called, Chose, Completed, Failed, StageEnded, StageStarted
from tests.faults.hostile import Converse, HostileServer, finish, over_tls, receive_request, reset

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

LIMITS = Limits(total_s=8, first_byte_s=3)
FOLLOW = Options(allow_private=True, follow_redirects=True, limits=LIMITS)
LENGTH = b"Content-Length: 5\r\n\r\nmoved"
MOVED = b"HTTP/1.1 302 Found\r\nLocation: /next\r\n"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
Between = Callable[[socket.socket], None]


def move(
    first: bytes, between: Between | None = None, requests: list[bytes] | None = None
) -> Converse:
    """Answer "/" with `first` and everything else with a page, on one connection if it stays."""

    def converse(connection: socket.socket) -> None:
        while True:
            request = receive_request(connection)
            if requests is not None:
                requests.append(request)
            at_root = b" / " in request
            connection.sendall(first if at_root else HELLO)
            if at_root and between is not None:
                between(connection)
                return

    return converse


def connects(trace: Trace) -> int:
    return sum(isinstance(e, Called) and e.call == "connect" for e in trace.events)


def decisions(trace: Trace) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == "connection"]


def completed(trace: Trace) -> Completed:
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace.outcome


def stages(trace: Trace, hop: int) -> list[str]:
    return [e.stage for e in trace.events if isinstance(e, StageStarted) and e.hop == hop]


def follow(converse: Converse, options: Options = FOLLOW) -> Trace:
    with HostileServer(converse) as server:
        return fetch(f"http://{server.endpoint}/", options)


@pytest.mark.parametrize(
    "body", [LENGTH, b"Transfer-Encoding: chunked\r\n\r\n5\r\nmoved\r\n0\r\nA: b\r\n\r\n"]
)
def test_a_redirect_at_the_same_origin_goes_on_with_its_connection(body: bytes) -> None:
    trace = follow(move(MOVED + body))
    assert completed(trace).hop == 2
    assert connects(trace) == 1
    assert decisions(trace) == ["reused"]
    assert stages(trace, 1) == ["target", "connect", "request", "waiting", "response"]
    assert stages(trace, 2) == ["redirect", "request", "waiting", "response", "close"]
    entered = [(e.stage, e.hop) for e in trace.events if isinstance(e, StageStarted)]
    left = [(e.stage, e.hop) for e in trace.events if isinstance(e, StageEnded)]
    assert entered == left


def test_a_connection_of_tls_is_used_again_too(authority: Authority) -> None:
    context = authority.server_context(authority.identity("localhost"))
    with HostileServer(over_tls(context, move(MOVED + LENGTH))) as server:
        options = msgspec.structs.replace(FOLLOW, cacert=authority.cacert)
        trace = fetch(f"https://localhost:{server.port}/", options)
    assert completed(trace).hop == 2
    assert connects(trace) == 1
    assert decisions(trace) == ["reused"]


@pytest.mark.parametrize(
    "first",
    [
        MOVED + b"Connection: close\r\n" + LENGTH,
        MOVED + LENGTH + b"surplus",
        MOVED + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        MOVED.replace(b"1.1", b"1.0") + LENGTH,
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n" + LENGTH,
    ],
    ids=["close", "surplus", "two lengths", "1.0", "another origin"],
)
def test_a_connection_that_may_not_go_on_is_closed(first: bytes) -> None:
    trace = follow(move(first))
    assert connects(trace) == 2
    assert decisions(trace) == ["new"]
    assert stages(trace, 1)[-1] == "close"


def test_the_end_of_the_stream_as_the_end_of_the_content_ends_the_connection() -> None:
    trace = follow(move(MOVED + b"\r\nuntil the end", finish))
    assert completed(trace).hop == 2
    assert decisions(trace) == ["new"]


def test_what_the_user_says_about_the_connection_is_sent_and_kept_to() -> None:
    requests: list[bytes] = []
    options = msgspec.structs.replace(FOLLOW, headers=(("Connection", "close"),))
    trace = follow(move(MOVED + LENGTH, requests=requests), options)
    assert b"\r\nConnection: close\r\n" in requests[0]
    assert connects(trace) == 2


def test_http_1_0_asks_for_one_response_unless_told_otherwise() -> None:
    requests: list[bytes] = []
    options = msgspec.structs.replace(FOLLOW, http="1.0")
    trace = follow(move(MOVED + LENGTH, requests=requests), options)
    assert [line.split(b"\r\n")[0] for line in requests] == [
        b"GET / HTTP/1.0",
        b"GET /next HTTP/1.0",
    ]
    assert all(b"\r\nHost: 127.0.0.1:" in each for each in requests)
    assert connects(trace) == 2
    kept = msgspec.structs.replace(options, headers=(("Connection", "keep-alive"),))
    kept_alive = MOVED.replace(b"1.1", b"1.0") + b"Connection: keep-alive\r\n" + LENGTH
    assert connects(follow(move(kept_alive), kept)) == 1


def close_before_the_answer(connection: socket.socket) -> None:
    receive_request(connection)


def reset_before_the_answer(connection: socket.socket) -> None:
    receive_request(connection)
    reset(connection)


@pytest.mark.parametrize("between", [close_before_the_answer, reset_before_the_answer])
def test_a_reused_connection_that_is_gone_is_replaced_once(between: Between) -> None:
    trace = follow(move(MOVED + LENGTH, between))
    assert completed(trace).status_code == 200
    assert decisions(trace) == ["reused", "new"]
    assert connects(trace) == 2
    assert stages(trace, 2) == [
        *("redirect", "request", "waiting", "connect"),
        *("request", "waiting", "response", "close"),
    ]


def test_a_request_with_content_is_not_sent_twice() -> None:
    moved = MOVED.replace(b"302 Found", b"307 Temporary Redirect")
    options = msgspec.structs.replace(FOLLOW, method="POST", body=b"a=b")

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(moved + LENGTH)
        receive_request(connection)

    trace = follow(converse, options)
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code in ("tcp.closed_early", "tcp.reset")
    assert connects(trace) == 1


def test_an_answer_that_was_begun_is_not_asked_for_again() -> None:
    def half(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"HTTP/1.1 2")

    trace = follow(move(MOVED + LENGTH, half))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "h1.incomplete_header"
    assert connects(trace) == 1


def test_an_answer_that_was_begun_and_reset_is_not_asked_for_again() -> None:
    begun = threading.Event()

    def note(_: int, event: AnyEvent) -> None:
        if isinstance(event, Called) and event.data == b"HTTP/1.1 2":
            begun.set()

    def half(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"HTTP/1.1 2")
        begun.wait(5)
        reset(connection)

    with HostileServer(move(MOVED + LENGTH, half)) as server:
        trace = fetch(f"http://{server.endpoint}/", FOLLOW, note)
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "tcp.reset"
    assert connects(trace) == 1


def test_a_connection_that_was_kept_for_nothing_is_closed() -> None:
    limits = msgspec.structs.replace(LIMITS, hops=3)
    trace = follow(
        move(MOVED.replace(b"/next", b"/") + LENGTH),
        msgspec.structs.replace(FOLLOW, limits=limits),
    )
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "redirect.too_many"
    assert connects(trace) == 1


def test_after_a_short_read_the_next_call_is_a_wait() -> None:
    came = threading.Semaphore(0)

    def converse(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            connection.sendall(b"x")
            assert came.acquire(timeout=5)  # so that each is read by itself
        finish(connection)

    with HostileServer(converse) as server:
        trace = fetch(f"http://{server.endpoint}/", FOLLOW, on_body=lambda _: came.release())
    assert completed(trace).body_octets == 10
    calls = [
        (event.call, event.length)
        for event in trace.events
        if isinstance(event, Called) and event.socket.startswith("tcp:")
        if event.call in ("recv", "select", "shutdown")
    ]
    behind = {following for (_, length), (following, _) in pairwise(calls) if length}
    assert sum(length > 0 for _, length in calls) >= 10
    assert behind == {"select", "shutdown"}
