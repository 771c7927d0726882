"""First conversations with the lab's servers."""

import http.client
from collections.abc import Callable

import pytest

from lab import Lab, LabServer
from lab.shelves.basics import CONTINUE_BODY, HINTS, PLAIN_BODY, SLOW_BODY
from tests.lab.asking import CLOSE, asked, connect, exchange

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


def test_plain_says_truly_how_long_it_is(lab_server: Start) -> None:
    with asked(lab_server("plain")) as response:
        body = response.read()
        assert body == PLAIN_BODY
        assert f"would follow: {len(body)}.".encode() in body
        assert response.headers["Server"] == "wiretale-lab"
        assert set(response.headers) == {"Date", "Server", "Content-Type", "Content-Length"}


def test_redirect_leads_to_plain_in_two_steps(lab: Lab) -> None:
    server = lab.servers["redirect"]
    with asked(server) as response:
        assert (response.status, response.headers["Location"]) == (302, "/second")
    with asked(server, path="/second") as response:
        assert (response.status, response.headers["Location"]) == (302, lab.servers["plain"].url)


def test_redirect_alone_arrives_at_itself(lab_server: Start) -> None:
    server = lab_server("redirect")
    with asked(server, path="/second") as response:
        assert response.headers["Location"] == "/arrived"
    with asked(server, path="/arrived") as response:
        assert response.read() == PLAIN_BODY


def test_slow_sends_its_head_at_once_and_its_body_when_released(lab_server: Start) -> None:
    server = lab_server("slow")
    with asked(server) as response:  # returns as soon as the head is there
        assert response.status == 200
        assert not server.release.is_set()
        server.release.set()
        assert response.read() == SLOW_BODY


def test_kept_alive_counts_the_requests_of_a_connection(lab_server: Start) -> None:
    server = lab_server("keep-alive")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    for path, onward in (("/1", "/2"), ("/2", "/3")):
        connection.request("GET", path)
        response = connection.getresponse()
        assert (response.status, response.headers["Location"]) == (302, onward)
        response.read()
    connection.request("GET", "/3")
    assert connection.getresponse().read() == b"This is answer number 3 on this connection.\n"
    connection.close()
    with asked(server, path="/3") as response:
        assert b"answer number 1 " in response.read()


def test_early_hints_come_before_the_answer(lab_server: Start) -> None:
    received = exchange(lab_server("early-hints"), b"GET / HTTP/1.1\r\n" + CLOSE)
    hint = f"HTTP/1.1 103 Early Hints\r\n{HINTS[0]}\r\n\r\nHTTP/1.1 200 OK\r\n"
    assert received.startswith(hint.encode())


def test_a_client_of_http_1_0_gets_no_hint(lab_server: Start) -> None:
    received = exchange(lab_server("early-hints"), b"GET / HTTP/1.0\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("expect", "said"),
    [(True, b"You asked, I said 100, and 30 "), (False, b"30 octets came ")],
)
def test_100_continue_knows_who_asked(lab_server: Start, expect: bool, said: bytes) -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n" % len(CONTINUE_BODY)
    with connect(lab_server("100-continue")) as client:
        client.sendall(head + (b"Expect: 100-continue\r\n" if expect else b"") + CLOSE)
        if expect:
            assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(CONTINUE_BODY)
        assert said in b"".join(iter(lambda: client.recv(65536), b""))


def test_100_continue_tells_a_get_how_it_is_done(lab_server: Start) -> None:
    with asked(lab_server("100-continue")) as response:
        assert b"Send a body with Expect: 100-continue" in response.read()
