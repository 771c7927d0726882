"""Ways to send a body, and that none is sent after HEAD."""

import gzip
import re
from collections.abc import Callable

import brotli
import pytest
from backports import zstd

from lab import BEHAVIOURS, LabServer
from lab.shelves.bodies import BIG_OCTETS, CHUNKS, CLOSING_BODY, PACKED_BODY, TRICKLE_BODY
from tests.lab.asking import CLOSE, asked, connect, exchange

GET = b"GET / HTTP/1.1\r\n" + CLOSE

pytestmark = pytest.mark.wire

Start = Callable[[str], LabServer]


@pytest.mark.parametrize(
    "name",
    [
        "100-continue",
        "bad-chunk",
        "big",
        "br",
        "chunked",
        "close-delimited",
        "gzip",
        "keep-alive",
        "plain",
        "redirect",
        "slow",
        "surplus",
        "trailers",
        "trickle",
        "wrong-length",
    ],
)
def test_an_answer_to_head_has_no_body(lab_server: Start, name: str) -> None:
    received = exchange(lab_server(name), b"HEAD / HTTP/1.1\r\n" + CLOSE)
    assert received.endswith(b"Connection: close\r\n\r\n")
    assert received.count(b"\r\n\r\n") == 1


def test_chunked_sends_chunks_of_several_sizes_and_a_trailer(lab_server: Start) -> None:
    server = lab_server("chunked")
    with asked(server) as response:
        assert response.read() == b"".join(CHUNKS)
    received = exchange(server, GET)
    assert received.endswith(b"\r\n0\r\nChunk-Count: 5\r\n\r\n")
    assert len({len(chunk) for chunk in CHUNKS}) == len(CHUNKS)


def test_trailers_sends_one_field_that_was_announced_and_one_that_was_not(
    lab_server: Start,
) -> None:
    received = exchange(lab_server("trailers"), GET)
    assert b"\r\nTrailer: Lines-Sent\r\n" in received
    assert received.endswith(b"\r\n0\r\nLines-Sent: 1\r\nNobody-Announced: this field\r\n\r\n")


def test_a_close_delimited_body_has_no_length_and_an_older_version(lab_server: Start) -> None:
    received = exchange(lab_server("close-delimited"), b"GET / HTTP/1.1\r\n\r\n")
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"Content-Length" not in head
    assert b"Transfer-Encoding" not in head
    assert body == CLOSING_BODY


def test_trickle_sends_a_few_octets_at_a_time(lab_server: Start) -> None:
    with connect(lab_server("trickle")) as client:
        client.sendall(GET)
        reads = list(iter(lambda: client.recv(65536), b""))
    assert b"".join(reads).endswith(TRICKLE_BODY)
    assert len(reads) > 4


@pytest.mark.parametrize(
    ("path", "octets"),
    [("/", BIG_OCTETS), ("/?size=100", 100), ("/?size=70K", 71_680), ("/x?size=0", 0)],
)
def test_big_is_as_long_as_it_was_asked_to_be(lab_server: Start, path: str, octets: int) -> None:
    with asked(lab_server("big"), path=path) as response:
        body = response.read()
    assert len(body) == octets
    for found in re.finditer(rb"This is octet (\d+)", body):
        assert found.start() == int(found[1])


def test_big_offers_a_gibibyte_and_ends_when_the_client_goes(lab_server: Start) -> None:
    with asked(lab_server("big"), path="/?size=1G") as response:
        assert response.headers["Content-Length"] == str(1 << 30)


@pytest.mark.parametrize("path", ["/?size=2G", "/?size=-1", "/?size=", "/?big"])
def test_big_refuses_what_is_no_size_for_it(lab_server: Start, path: str) -> None:
    with asked(lab_server("big"), path=path) as response:
        assert response.status == 400


def test_gzip_sends_less_than_it_says(lab_server: Start) -> None:
    with asked(lab_server("gzip")) as response:
        body = response.read()
        assert response.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(body) == PACKED_BODY
        assert len(body) < len(PACKED_BODY) / 4


@pytest.mark.parametrize(("name", "unpack"), [("br", brotli.decompress), ("zstd", zstd.decompress)])
def test_another_coding_carries_the_same_text(
    lab_server: Start, name: str, unpack: Callable[[bytes], bytes]
) -> None:
    with asked(lab_server(name)) as response:
        assert response.headers["Content-Encoding"] == name
        assert unpack(response.read()) == PACKED_BODY


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_the_sizes_on_the_home_page_are_true(lab_server: Start, name: str) -> None:
    with asked(lab_server(name)) as response:
        assert f"{len(response.read())} " in f"{BEHAVIOURS[name].about} "
    assert len(PACKED_BODY) == 880
