"""The least that fetches over HTTP/3 with aioquic: a socket and a loop."""

from __future__ import annotations

import logging
import socket
import time
from typing import Final
from urllib.parse import urlsplit

from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ProtocolNegotiated

RECV: Final = 65_536
MOST_S: Final = 60.0
PEER: Final = ("server", 0)
logging.getLogger("quic").setLevel(logging.CRITICAL)


def fetch(url: str, cacert: str) -> int:
    """Fetch, and return how many octets came."""
    parts = urlsplit(url)
    assert parts.port is not None
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, server_name=parts.hostname)
    configuration.load_verify_locations(cacert)
    quic = QuicConnection(configuration=configuration)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect(("127.0.0.1", parts.port))
        quic.connect(PEER, now=time.monotonic())
        octets = _turn(quic, udp, parts.netloc, parts.path)
        quic.close()
        _send(quic, udp)
    return octets


def _turn(quic: QuicConnection, udp: socket.socket, authority: str, path: str) -> int:
    http: H3Connection | None = None
    octets, ended, deadline = 0, False, time.monotonic() + MOST_S
    while not ended:
        _send(quic, udp)
        due = quic.get_timer() or deadline
        udp.settimeout(max(0.000_1, due - time.monotonic()))
        try:
            quic.receive_datagram(udp.recv(RECV), PEER, now=time.monotonic())
        except TimeoutError:
            assert time.monotonic() < deadline, "no answer in time"
            quic.handle_timer(now=time.monotonic())
        while (event := quic.next_event()) is not None:
            if isinstance(event, ProtocolNegotiated):
                http = H3Connection(quic)
                _ask(http, quic, authority, path)
            for came in http.handle_event(event) if http else ():
                octets += len(came.data) if isinstance(came, DataReceived) else 0
                ended |= isinstance(came, DataReceived | HeadersReceived) and came.stream_ended
    return octets


def _ask(http: H3Connection, quic: QuicConnection, authority: str, path: str) -> None:
    fields = (b":method", b"GET"), (b":scheme", b"https")
    where = (b":authority", authority.encode()), (b":path", path.encode())
    http.send_headers(quic.get_next_available_stream_id(), [*fields, *where], end_stream=True)


def _send(quic: QuicConnection, udp: socket.socket) -> None:
    for datagram, _ in quic.datagrams_to_send(now=time.monotonic()):
        udp.send(datagram)
