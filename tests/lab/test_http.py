"""The lab's HTTP servers, seen through clients that are not ours."""

import http.client
import time
from collections.abc import Callable

import pytest

from lab import BEHAVIOURS, Authority, Lab, LabServer
from lab.shelves.basics import PLAIN_BODY
from tests.lab.asking import CLOSE, connect, exchange

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


def test_any_path_and_method_is_answered_on_a_connection_that_stays_open(lab_server: Start) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", lab_server("plain").port, timeout=5)
    connection.connect()
    first = connection.sock
    for method, path, sent in (
        ("GET", "/a?b=c", None),
        ("POST", "/", b"x" * 100_000),
        ("HEAD", "/", None),
    ):
        connection.request(method, path, sent)
        response = connection.getresponse()
        assert response.status == 200
        assert response.read() == (b"" if method == "HEAD" else PLAIN_BODY)
        assert connection.sock is first
    connection.close()


def test_a_client_of_http_1_0_is_hung_up_on_unless_it_asks_to_stay(lab_server: Start) -> None:
    server = lab_server("plain")
    assert b"\r\nConnection: close\r\n" in exchange(server, b"GET / HTTP/1.0\r\n\r\n")
    staying = b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    received = exchange(server, staying + b"GET / HTTP/1.0\r\n\r\n")
    assert received.count(b"\r\nConnection: keep-alive\r\n") == 1
    assert received.count(b"HTTP/1.1 200 OK\r\n") == 2


def test_who_asks_first_is_told_to_go_on_before_its_body_is_read(lab_server: Start) -> None:
    with connect(lab_server("plain")) as client:
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + CLOSE)
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hi")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_who_does_not_wait_for_the_answer_gets_none_to_its_question(lab_server: Start) -> None:
    request = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n" + CLOSE + b"hi"
    assert exchange(lab_server("plain"), request).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_connection_is_closed_when_the_client_asks_for_that(lab_server: Start) -> None:
    received = exchange(lab_server("plain"), b"GET / HTTP/1.1\r\n" + CLOSE)
    assert received.endswith(PLAIN_BODY)


@pytest.mark.parametrize(
    ("request_octets", "status"),
    [
        (b"Hello\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.9\r\n\r\n", b"400 Bad Request"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400 Bad Request"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411 Length Required"),
        (b"POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", b"413 Content Too Large"),
    ],
)
def test_a_bad_request_is_told_so(lab_server: Start, request_octets: bytes, status: bytes) -> None:
    received = exchange(lab_server("plain"), request_octets)
    assert received.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert b"Connection: close\r\n" in received


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("name", [*BEHAVIOURS])
def test_every_server_ends_within_a_second_while_clients_hang_on(
    authority: Authority, name: str
) -> None:
    with LabServer(name, authority=authority, hold_s=30) as server:
        clients = []
        if BEHAVIOURS[name].serve:  # somebody takes connections
            clients = [connect(server) for _ in range(3)]
            clients[0].sendall(b"GET / HTTP/1.1\r\n\r\n")  # and the others say nothing
        began = time.monotonic()
    assert time.monotonic() - began < 1
    for client in clients:
        client.close()


@pytest.mark.usefixtures("nothing_left")
def test_the_whole_lab_ends_within_a_second() -> None:
    with Lab(hold_s=30) as lab:
        began = time.monotonic()
    assert time.monotonic() - began < 1
    # One is reached by an HTTPS record alone, two are the echo servers, two ports are for datagrams
    # that nobody answers, one address cannot be reached; of IPv6 there are some on some machines.
    of_ipv4 = [each for each in lab.endpoints if "[" not in each]
    assert len(of_ipv4) == len(BEHAVIOURS) + 6
    assert lab.dns_server not in lab.endpoints
