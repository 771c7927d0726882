"""Several URLs in one trace: one connection for each origin, as long as it lasts."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from lab import Lab
from lab.streams import Asked, Streams
from netcore import Options, Trace, explain, fetch
from netcore.kept import Kept
from netcore.options import Lab as LabOptions
from netcore.options import Limits
from netcore.target import parse
from netcore.trace import Called, Chose, Completed, Failed, StageStarted
from tests.faults.hostile import HostileServer, receive_request, reply
from tests.netcore.exports.archive import entries_of
from tests.netcore.test_http2_fetch import serving

pytestmark = [pytest.mark.wire, pytest.mark.usefixtures("nothing_left")]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"


def numbering(connection: socket.socket) -> None:
    """Answer every request of a connection with its place on it."""
    for place in range(100):
        receive_request(connection)
        connection.sendall(OK + b"%02d" % place)


def fetched(*urls: str, servers: tuple[HostileServer, ...], **more: Any) -> tuple[Trace, bytes]:
    lab = LabOptions(endpoints=tuple(server.endpoint for server in servers))
    parts: list[bytes] = []
    options = Options(lab=lab, further_urls=urls[1:], **more)
    return fetch(urls[0], options, on_body=parts.append), b"".join(parts)


def chosen(trace: Trace, what: str) -> list[str]:
    return [e.value for e in trace.events if isinstance(e, Chose) and e.what == what]


def connects(trace: Trace) -> int:
    return sum(isinstance(e, Called) and e.call == "connect" for e in trace.events)


def completed(trace: Trace) -> Completed:
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace.outcome


def failed(trace: Trace) -> Failed:
    assert isinstance(trace.outcome, Failed), trace.outcome
    return trace.outcome


def stages(trace: Trace, hop: int) -> list[str]:
    return [e.stage for e in trace.events if isinstance(e, StageStarted) and e.hop == hop]


def test_the_same_origin_again_needs_no_other_connection() -> None:
    with HostileServer(numbering) as server:
        url = f"http://{server.endpoint}"
        trace, content = fetched(f"{url}/1", f"{url}/2", f"{url}/3", servers=(server,))
    assert (completed(trace).hop, content) == (3, b"02")  # the content of the last one
    assert connects(trace) == 1
    assert chosen(trace, "connection") == ["reused", "reused"]
    assert chosen(trace, "url") == [f"{url}/2", f"{url}/3"]
    assert stages(trace, 1) == ["target", "connect", "request", "waiting", "response"]
    assert stages(trace, 2) == ["target", "request", "waiting", "response"]
    assert stages(trace, 3) == ["target", "request", "waiting", "response", "close"]


def test_another_origin_has_its_own_connection_and_both_are_kept() -> None:
    with HostileServer(numbering) as one, HostileServer(numbering) as other:
        urls = [f"http://{each.endpoint}/" for each in (one, other, one, other)]
        trace, content = fetched(*urls, servers=(one, other))
    assert content == b"01"
    assert connects(trace) == 2
    assert chosen(trace, "connection") == ["new", "reused", "reused"]


def test_where_the_server_lets_no_other_request_follow_it_is_told() -> None:
    last = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"ok"
    with HostileServer(reply(last)) as server:
        url = f"http://{server.endpoint}/"
        trace, _ = fetched(url, url, servers=(server,))
    assert completed(trace).hop == 2
    assert connects(trace) == 2
    told = [e for e in trace.events if isinstance(e, Chose) and e.what == "connection"]
    expected = [("new", "The response said Connection: close.")]
    assert [(each.value, each.why) for each in told] == expected
    assert all(entry["timings"]["connect"] >= 0 for entry in entries_of(trace))


def hanging_up(connection: socket.socket) -> None:
    """Answer the first request of a connection, and close where the second one arrives."""
    receive_request(connection)
    connection.sendall(OK + b"ok")
    receive_request(connection)


def test_a_request_goes_out_again_where_the_server_hangs_up_instead_of_answering() -> None:
    with HostileServer(hanging_up) as server:
        url = f"http://{server.endpoint}/"
        trace, _ = fetched(url, url, servers=(server,))
    assert (completed(trace).hop, connects(trace)) == (2, 2)
    assert chosen(trace, "connection") == ["reused", "new"]


def test_a_post_does_not_go_out_again() -> None:
    with HostileServer(hanging_up) as server:
        url = f"http://{server.endpoint}/"
        trace, _ = fetched(url, url, servers=(server,), method="POST", body=b"a")
    assert failed(trace).code in ("tcp.closed_early", "tcp.reset")
    assert connects(trace) == 1


def test_the_second_entry_of_an_archive_has_no_time_for_connecting() -> None:
    with HostileServer(numbering) as server:
        url = f"http://{server.endpoint}"
        trace, _ = fetched(f"{url}/a?1", f"{url}/b?2", servers=(server,))
    first, second = entries_of(trace)
    assert [first["request"]["url"], second["request"]["url"]] == [f"{url}/a?1", f"{url}/b?2"]
    assert first["timings"]["connect"] >= 0
    assert (second["timings"]["connect"], second["timings"]["dns"]) == (-1, -1)
    assert first["connection"] == second["connection"]


def test_each_url_may_be_redirected_as_often_as_the_first() -> None:
    def answer(connection: socket.socket) -> None:
        while True:
            path = receive_request(connection).split()[1]
            if path.endswith(b"-there"):
                connection.sendall(OK + b"ok")
            else:
                moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s-there\r\n\r\n"
                connection.sendall(moved % path)

    with HostileServer(answer) as server:
        url = f"http://{server.endpoint}"
        limits = Limits(hops=1)
        urls = (f"{url}/1", f"{url}/2", f"{url}/3")
        trace, content = fetched(*urls, servers=(server,), follow_redirects=True, limits=limits)
    assert (completed(trace).hop, content) == (6, b"ok")
    assert connects(trace) == 1
    urls_told = [entry["request"]["url"] for entry in entries_of(trace)]
    assert urls_told == [f"{url}/{n}{there}" for n in "123" for there in ("", "-there")]


def test_a_url_that_is_refused_is_refused_before_anything_is_sent() -> None:
    with HostileServer(numbering) as server:
        trace, _ = fetched(f"http://{server.endpoint}/", "http://10.0.0.1/", servers=(server,))
    assert failed(trace).code.startswith("guard.")
    assert failed(trace).stage == "target"
    assert connects(trace) == 0


def test_the_first_failure_ends_it() -> None:
    def once(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(OK + b"o")

    with HostileServer(once) as server:
        url = f"http://{server.endpoint}/"
        trace, content = fetched(url, url, servers=(server,))
    assert (failed(trace).code, failed(trace).hop, content) == ("http.incomplete_body", 1, b"")


def test_further_urls_are_the_next_streams_of_http_2() -> None:
    def answer(streams: Streams, asked: Asked) -> None:
        streams.respond(asked, 200, b"%d" % asked.stream)

    with HostileServer(serving(answer)) as server:
        url = f"http://{server.endpoint}/"
        trace, content = fetched(url, url, url, servers=(server,), http="2")
    assert content == b"5"
    (connection,) = explain(trace.events).http2.values()
    sent = [block for block in connection.blocks if block.direction == "sent"]
    assert [block.stream for block in sent] == [1, 3, 5]
    assert sent[1].pdu.size < sent[0].pdu.size / 2
    assert [entry["timings"]["connect"] for entry in entries_of(trace)][1:] == [-1, -1]


def test_a_session_is_resumed_behind_the_last_of_them_on_another_connection() -> None:
    with Lab(hold_s=0.05) as lab:
        target = next(each for each in lab.targets if each.name == "tls13")
        options = Options(
            lab=lab.options_lab(),
            cacert=str(lab.cacert),
            further_urls=(target.url,),
            resume_session=True,
        )
        parts: list[bytes] = []
        trace = fetch(target.url, options, on_body=parts.append)
    assert completed(trace).hop == 3
    assert chosen(trace, "session")[-1:] == ["resumed"]
    assert len(parts) == 1


def test_what_is_kept_is_kept_for_its_origin() -> None:
    kept = Kept()
    target = parse("http://a.example/1")
    assert not kept.has(target)
    assert kept.take(target) is None
    assert kept.why_new(target).startswith("A connection leads to one origin")
    kept.ended(parse("http://a.example/2"), "It was over.")
    assert kept.why_new(target) == "It was over."
    assert kept.why_new(parse("https://a.example/")) != "It was over."
