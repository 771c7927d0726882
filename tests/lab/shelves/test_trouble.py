"""What the lab's servers do wrong, as octets."""

import gzip
from collections.abc import Callable

import pytest

from lab import LabServer
from lab.shelves.trouble import BOMB_OCTETS, COUNTED_BODY, PROMISED_OCTETS, SHORT_BODY, SURPLUS
from tests.lab.asking import asked, connect, exchange

GET = b"GET / HTTP/1.1\r\n\r\n"

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


def test_resets_cuts_its_promise_with_a_reset(lab_server: Start) -> None:
    with asked(lab_server("resets")) as response:
        assert response.headers["Content-Length"] == str(PROMISED_OCTETS)
        with pytest.raises(ConnectionResetError):
            response.read()


def test_port_closed_refuses(lab_server: Start) -> None:
    with pytest.raises(ConnectionRefusedError):
        connect(lab_server("port-closed"))


def test_early_close_answers_nothing(lab_server: Start) -> None:
    assert exchange(lab_server("early-close"), GET) == b""


def test_silence_lasts_until_the_client_goes(lab_server: Start) -> None:
    with connect(lab_server("silence")) as client:
        client.sendall(GET)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_wrong_length_promises_more_than_it_sends(lab_server: Start) -> None:
    head, _, body = exchange(lab_server("wrong-length"), GET).partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: 120\r\n" in head
    assert body == SHORT_BODY
    assert len(SHORT_BODY) == 39


def test_surplus_sends_more_than_it_promises(lab_server: Start) -> None:
    head, _, body = exchange(lab_server("surplus"), GET).partition(b"\r\n\r\n")
    assert b"\r\nContent-Length: %d\r\n" % len(COUNTED_BODY) in head
    assert body == COUNTED_BODY + SURPLUS


def test_a_bad_chunk_follows_a_good_one(lab_server: Start) -> None:
    body = exchange(lab_server("bad-chunk"), GET).partition(b"\r\n\r\n")[2]
    size, _, rest = body.partition(b"\r\n")
    assert rest[int(size, 16) :].startswith(b"\r\na dozen\r\n")


def test_endless_headers_never_ends_its_head(lab_server: Start) -> None:
    with connect(lab_server("endless-headers")) as client:
        client.sendall(GET)
        head = b""
        while len(head) < 100_000:
            head += client.recv(65536)
    assert b"\r\n\r\n" not in head
    assert head.count(b"\r\n") > 1_000


def test_a_bomb_is_small_until_it_is_unpacked(lab_server: Start) -> None:
    with asked(lab_server("bomb")) as response:
        body = response.read()
    assert len(body) < 17_000
    assert len(gzip.decompress(body)) == BOMB_OCTETS


def test_a_redirect_loop_leads_from_heads_to_tails_and_back(lab_server: Start) -> None:
    server = lab_server("redirect-loop")
    path, seen = "/", []
    for _ in range(4):
        with asked(server, path=path) as response:
            assert response.status == 302
            path = response.headers["Location"]
            seen.append(path)
    assert seen == ["/tails", "/heads", "/tails", "/heads"]
