"""Rows of the stage redirect."""

from __future__ import annotations

import contextlib
import socket
import threading

from netcore import Options, Trace
from netcore.trace import Completed, Failed, StageStarted
from tests.faults.case import Case, Scene, octets_of, options
from tests.faults.hostile import (
    Converse,
    HostileServer,
    hold,
    receive_request,
    reply,
)
from tests.faults.rows.dns import resolver_that_denies
from tests.faults.rows.tls import speak_plain_http

ARRIVED = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def location(value: bytes, status: bytes = b"302 Found") -> bytes:
    return b"HTTP/1.1 %s\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, value)


def loop(stack: contextlib.ExitStack) -> Scene:
    """Two servers that send the visitor back and forth."""
    ports: list[bytes] = []
    a = stack.enter_context(HostileServer(lambda c: reply(location(b"http://" + ports[1]))(c)))
    b = stack.enter_context(HostileServer(lambda c: reply(location(b"http://" + ports[0]))(c)))
    ports += [a.endpoint.encode(), b.endpoint.encode()]
    return Scene(f"http://{a.endpoint}/", options(a, b, follow_redirects=True))


def all_hops_are_there(scene: Scene, trace: Trace) -> None:
    hops = [e.hop for e in trace.events if isinstance(e, StageStarted) and e.stage == "waiting"]
    assert hops == list(range(1, 12))  # the first request, and ten redirects followed
    assert b"302 Found" in octets_of(trace, "tcp:11.received")


def slow_hops(stack: contextlib.ExitStack) -> Scene:
    pace = threading.Event()

    def converse(connection: socket.socket) -> None:
        while True:
            receive_request(connection)
            pace.wait(0.3)
            connection.sendall(location(b"/again"))

    server = stack.enter_context(HostileServer(converse))
    limits = {"total_s": 0.8}
    return Scene(
        f"http://{server.endpoint}/",
        options(server, limits=limits, follow_redirects=True),
        [server],
    )


def reposted(status: bytes) -> Case:
    def scene(stack: contextlib.ExitStack) -> Scene:
        other = stack.enter_context(HostileServer(reply(ARRIVED)))
        target = f"http://{other.endpoint}/".encode()
        first = stack.enter_context(HostileServer(reply(location(target, status))))
        wanted = options(first, other, method="POST", body=b"secret=1", follow_redirects=True)
        return Scene(f"http://{first.endpoint}/", wanted, [first, other])

    def the_other_saw_nothing(scene: Scene, trace: Trace) -> None:
        assert scene.servers[1].sent == []

    return Case(
        "RED-05",
        status.decode(),
        scene,
        "redirect.cross_origin_body",
        "redirect",
        hop=2,
        check=the_other_saw_nothing,
    )


def to(value: bytes) -> Converse:
    """Redirect "/" to this, answer everything else."""

    def converse(connection: socket.socket) -> None:
        while True:
            request = receive_request(connection)
            first = request.startswith(b"GET / ")
            connection.sendall(location(value) if first else ARRIVED)

    return converse


def arrives(title: str, value: bytes, requested: bytes) -> Case:
    def scene(stack: contextlib.ExitStack) -> Scene:
        server = stack.enter_context(HostileServer(to(value)))
        return Scene(f"http://{server.endpoint}/", options(server, follow_redirects=True), [server])

    def check(scene: Scene, trace: Trace) -> None:
        assert isinstance(trace.events[-1], Completed)
        assert trace.events[-1].hop == 2
        second = octets_of(trace, "tcp:1.sent").split(b"\r\n\r\n")[1]
        assert second.startswith(b"GET " + requested + b" HTTP/1.1\r\n")

    return Case("RED-07", title, scene, "ok", check=check)


def refused(title: str, value: bytes, code: str = "guard.bad_url") -> Case:
    def scene(stack: contextlib.ExitStack) -> Scene:
        server = stack.enter_context(HostileServer(to(value)))
        return Scene(f"http://{server.endpoint}/", options(server, follow_redirects=True), [server])

    def hop_1_is_complete(scene: Scene, trace: Trace) -> None:
        assert octets_of(trace, "tcp:1.received") == location(value)
        assert len(scene.servers[0].sent) == 1

    return Case("RED-07", title, scene, code, "redirect", hop=2, check=hop_1_is_complete)


def nowhere(stack: contextlib.ExitStack) -> Scene:
    server = stack.enter_context(HostileServer(to(b"")))
    return Scene(f"http://{server.endpoint}/", options(server, follow_redirects=True), [server])


def second_hop(title: str, second: Converse, code: str, stage: str, scheme: str = "http") -> Case:
    def scene(stack: contextlib.ExitStack) -> Scene:
        other = stack.enter_context(HostileServer(second, listening=stage != "connect"))
        target = f"{scheme}://{other.endpoint}/".encode()
        first = stack.enter_context(HostileServer(reply(location(target))))
        return Scene(
            f"http://{first.endpoint}/",
            options(first, other, follow_redirects=True),
            [first, other],
        )

    return Case("RED-09", title, scene, code, stage, hop=2, check=hop_1_kept)


def hop_1_kept(scene: Scene, trace: Trace) -> None:
    assert octets_of(trace, "tcp:1.received") == scene.servers[0].sent[0]
    assert isinstance(trace.events[-1], Failed)


def second_hop_unknown(stack: contextlib.ExitStack) -> Scene:
    resolver = stack.enter_context(resolver_that_denies())
    first = stack.enter_context(HostileServer(reply(location(b"http://gone.example.com/"))))
    wanted: Options = options(first, follow_redirects=True, dns_server=resolver.address)
    return Scene(f"http://{first.endpoint}/", wanted, [first])


CASES = [
    Case(
        "RED-01", "A to B to A", loop, "redirect.too_many", "redirect", 11, check=all_hops_are_there
    ),
    Case("RED-03", "each hop waits", slow_hops, "limit.total", "waiting", 3, limit="total_s"),
    reposted(b"307 Temporary Redirect"),
    reposted(b"308 Permanent Redirect"),
    arrives("a fragment", b"/a#part", b"/a"),
    arrives("a character beyond ASCII", "/caf\u00e9".encode(), b"/caf%C3%A9"),
    arrives("an octet that is no UTF-8", b"/caf\xe9", b"/caf%C3%A9"),
    arrives("a relative reference", b"a/../b?c=d", b"/b?c=d"),
    Case("RED-07", "nothing", nowhere, "ok", noted="redirect"),
    arrives("spaces inside", b"/a b?c d#e f", b"/a%20b?c%20d"),
    refused("a space in the host", b"http://127.0.0 .1/", "guard.bad_host"),
    refused("another scheme", b"ftp://127.0.0.1/", "guard.blocked_scheme"),
    refused("user information", b"http://a:b@127.0.0.1/"),
    second_hop("nobody listens", hold, "tcp.refused", "connect"),
    second_hop("plain HTTP where TLS was due", speak_plain_http, "tls.not_tls", "tls", "https"),
    second_hop("no HTTP", reply(b"220 ready\r\n"), "h1.bad_status_line", "response"),
    Case("RED-09", "no such name", second_hop_unknown, "dns.nxdomain", "dns", 2, check=hop_1_kept),
]
