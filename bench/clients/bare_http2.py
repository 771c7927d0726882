"""The least that fetches over HTTP/2 with h2: a blocking socket and a loop."""

from __future__ import annotations

import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded

RECV: Final = 65_536


def fetch(url: str, cacert: str) -> int:
    """Fetch, and return how many octets came."""
    parts = urlsplit(url)
    assert parts.port is not None
    context = ssl.create_default_context(cafile=cacert)
    context.set_alpn_protocols(["h2"])
    raw = socket.create_connection(("127.0.0.1", parts.port))
    with context.wrap_socket(raw, server_hostname=parts.hostname) as connection:
        h2 = H2Connection()
        h2.initiate_connection()
        fields = (":method", "GET"), (":scheme", "https")
        where = (":authority", parts.netloc), (":path", parts.path)
        h2.send_headers(1, [*fields, *where], end_stream=True)
        connection.sendall(h2.data_to_send())
        octets, ended = 0, False
        while not ended:
            for event in h2.receive_data(connection.recv(RECV)):
                if isinstance(event, DataReceived):
                    octets += len(event.data)
                    h2.acknowledge_received_data(event.flow_controlled_length, 1)
                ended |= isinstance(event, StreamEnded)
            connection.sendall(h2.data_to_send())
    return octets
