"""TLS on memory: what leaves is cut anew, and only the first flight of it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from lab import Authority
from lab.by_hand import ByHand
from lab.records import in_odd_pieces
from lab.tls import Tls

pytestmark = pytest.mark.wire

HOST = "server.lab.test"
Served = Callable[[Callable[[ByHand], None]], socket.socket]


@pytest.fixture
def flights() -> list[bytes]:
    """What was cut anew."""
    return []


@pytest.fixture
def served(authority: Authority, flights: list[bytes]) -> Iterator[Served]:
    """Runs the server's side in a thread; gives the client's end."""
    ours, theirs = socket.socketpair()
    threads: list[threading.Thread] = []

    def reframe(flight: bytes) -> list[bytes]:
        flights.append(flight)
        return in_odd_pieces(flight)

    def start(serve: Callable[[ByHand], None]) -> socket.socket:
        context = Tls(maximum=ssl.TLSVersion.TLSv1_2).context(authority, HOST)
        theirs.settimeout(5)
        side = ByHand(theirs, context, reframe)
        threads.append(threading.Thread(target=serve, args=(side,)))
        threads[0].start()
        ours.settimeout(5)
        return ours

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    ours.close()
    theirs.close()


def test_a_client_shakes_hands_asks_is_answered_and_hears_goodbye(
    authority: Authority, served: Served, flights: list[bytes]
) -> None:
    def serve(side: ByHand) -> None:
        side.do_handshake()
        side.sendall(side.recv(100).upper())
        assert side.recv(100) == b""  # the client said close_notify
        side.unwrap()

    context = ssl.create_default_context(cafile=authority.cacert)
    with context.wrap_socket(served(serve), server_hostname=HOST) as client:
        client.sendall(b"hello")
        assert client.recv(100) == b"HELLO"
        client.unwrap().close()
    assert [flight[5] for flight in flights] == [2]  # one flight, which begins with a ServerHello


def test_a_client_that_goes_away_is_an_error(served: Served) -> None:
    raised: list[BaseException] = []
    ended = threading.Event()

    def serve(side: ByHand) -> None:
        try:
            side.do_handshake()
        except OSError as error:
            raised.append(error)
            ended.set()

    served(serve).shutdown(socket.SHUT_WR)
    assert ended.wait(5)
    assert [type(each) for each in raised] == [ssl.SSLEOFError]
