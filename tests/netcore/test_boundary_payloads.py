"""Which octets of a unit are what it carries."""

from __future__ import annotations

import pytest

from netcore.boundary_payloads import Payloads
from netcore.channels import Span
from netcore.pdu import Pdu
from netcore.pdus import explain
from tests.netcore.recordings import http_exchange


def payload(protocol: str, octets: bytes) -> bytes:
    """The payload of a unit by itself."""
    pdu = Pdu(protocol, octets, (Span("tcp:1.sent", 0, len(octets)),))
    start, end = Payloads(explain([]), {}).of(pdu)
    return octets[start:end]


@pytest.mark.parametrize(
    ("protocol", "octets", "expected"),
    [
        ("tls_handshake.tls13", b"\x0b\x00\x00\x03abc", b"abc"),
        ("http2_data", b"\0\0\3\0\0\0\0\0\1abc", b"abc"),
        ("http2_data", b"\0\0\6\0\x08\0\0\0\1\2abc\0\0", b"abc"),
        ("http2_ping", b"\0\0\x08\6\0\0\0\0\0" + b"12345678", b"12345678"),
        ("http2_data", b"\0\0", b""),
        ("websocket_frame", b"\x81\x03abc", b"abc"),
        ("websocket_frame", b"\x81\x83\0\0\0\0abc", b"abc"),
        ("websocket_frame", b"\x81\x7e\0", b""),
        ("http1_response_head", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
)
def test_the_payload_is_what_stands_behind_the_header(
    protocol: str, octets: bytes, expected: bytes
) -> None:
    assert payload(protocol, octets) == expected


def test_of_a_chunk_it_is_the_data_and_the_last_one_has_none() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    body = b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    explanation = explain(http_exchange([b"GET / HTTP/1.1\r\n\r\n"], [head + body]))
    payloads = Payloads(explanation, {})
    chunks = [pdu for pdu in explanation.pdus if pdu.name == "http1_chunk"]
    found = [pdu.octets[slice(*payloads.of(pdu))] for pdu in chunks]
    assert found == [b"abc", b"de", b""]
