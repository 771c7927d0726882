"""Clients that are not ours, for the lab's servers."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator

from lab import Authority, LabServer

CLOSE = b"Connection: close\r\n\r\n"


def connect(server: LabServer) -> socket.socket:
    """A connection to the server."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=5)


def exchange(server: LabServer, request: bytes) -> bytes:
    """Everything that the server sends until it closes."""
    with connect(server) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


@contextlib.contextmanager
def asked(
    server: LabServer, method: str = "GET", path: str = "/"
) -> Iterator[http.client.HTTPResponse]:
    """The server's answer, read by http.client."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    try:
        connection.request(method, path)
        yield connection.getresponse()
    finally:
        connection.close()


def client_context(authority: Authority) -> ssl.SSLContext:
    """A context that trusts the lab's authority alone."""
    return ssl.create_default_context(cafile=authority.cacert)


def secured(server: LabServer, context: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection over TLS."""
    return context.wrap_socket(connect(server), server_hostname=server.host)


def answer(client: ssl.SSLSocket) -> bytes:
    """Ask over TLS and read to the end, which has to be a close_notify."""
    client.sendall(b"GET / HTTP/1.1\r\n" + CLOSE)
    return b"".join(iter(lambda: client.recv(65536), b""))


def client_hello(server: LabServer, authority: Authority) -> bytes:
    """What a client begins with."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(authority).wrap_bio(incoming, outgoing, server_hostname=server.host)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def first_records(server: LabServer, authority: Authority, count: int) -> list[bytes]:
    """The fragments of the first records that answer a ClientHello."""
    with connect(server) as raw, raw.makefile("rb") as stream:
        raw.sendall(client_hello(server, authority))
        headers = (stream.read(5) for _ in range(count))
        return [stream.read(int.from_bytes(header[3:], "big")) for header in headers]
