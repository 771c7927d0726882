"""Several exchanges on one connection, and content whose codings are undone."""

from __future__ import annotations

import gzip
import zlib

import brotli
import pytest
from backports import zstd

from netcore.pdu import INFLATED, Pdu
from netcore.pdus import explain
from tests.netcore.recordings import http_exchange

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
HEAD = b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"
DATA = b"hello world " * 5_000


def units(request: bytes, response: bytes) -> list[Pdu]:
    explanation = explain(http_exchange([request], [response]))
    return [pdu for pdu in explanation.pdus if pdu.origin[0].channel != "tcp:1.sent"]


def coded(coding: bytes, octets: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        coding,
        len(octets),
        octets,
    )


def inflated(response: bytes) -> list[bytes]:
    return [pdu.octets for pdu in units(GET, response) if pdu.step == INFLATED]


@pytest.mark.parametrize(
    ("coding", "octets"),
    [
        (b"gzip", gzip.compress(DATA, mtime=0)),
        (b"deflate", zlib.compress(DATA)),
        (b"deflate", zlib.compress(DATA)[2:-4]),
        (b"br", brotli.compress(DATA)),
        (b"zstd", zstd.compress(DATA)),
        (b"gzip, br", brotli.compress(gzip.compress(DATA, mtime=0))),
        (b"identity, zstd", zstd.compress(DATA)),
    ],
    ids=["gzip", "zlib", "deflate", "br", "zstd", "gzip, br", "identity, zstd"],
)
def test_codings_are_undone_in_the_reverse_order(coding: bytes, octets: bytes) -> None:
    assert inflated(coded(coding, octets)) == [DATA]


def test_what_stood_before_the_damage_is_shown() -> None:
    (part,) = inflated(coded(b"gzip", gzip.compress(DATA, mtime=0)[:-20]))
    assert DATA.startswith(part)
    assert part


@pytest.mark.parametrize(
    "response",
    [
        coded(b"gzip", gzip.compress(DATA, mtime=0), b"206 Partial Content"),
        coded(b"sausage", DATA),
        coded(b"gzip, gzip, gzip", DATA),
        coded(b"br", b"\xff" * 50),
        coded(b"identity", DATA),
    ],
    ids=["206", "unknown", "too many", "no brotli", "identity"],
)
def test_what_is_not_decoded_has_no_decoded_unit(response: bytes) -> None:
    assert inflated(response) == []


def test_the_exchanges_of_one_connection_follow_each_other() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 5\r\n\r\nmoved"
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    length = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: b\r\n\r\n"
    received = units(GET + HEAD + GET + GET, moved + length + early + chunks + length + b"hello!")
    assert [pdu.protocol for pdu in received if pdu.step == "sliced"] == [
        *("http1_response_head", "message_body"),
        "http1_response_head",
        *("http1_response_head", "http1_response_head"),
        *("http1_chunk", "http1_chunk", "http1_trailer_section"),
        *("http1_response_head", "message_body", "surplus"),
    ]
    sliced = b"".join(pdu.octets for pdu in received if pdu.step == "sliced")
    assert sliced == moved + length + early + chunks + length + b"hello!"


@pytest.mark.parametrize(
    ("status", "behind"), [("200", "surplus"), ("299", "surplus"), ("403", "message_body")]
)
def test_behind_a_2xx_answer_to_connect_is_no_content(status: str, behind: str) -> None:
    request = b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n"
    head = f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\n".encode()
    assert [pdu.protocol for pdu in units(request, head + b"hello")] == [
        "http1_response_head",
        behind,
    ]
