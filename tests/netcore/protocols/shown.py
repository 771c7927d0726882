"""A TLS server on loopback that shows a chain and keeps what was asked of it, in the clear."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.netcore.protocols.certificates import Made, key_pem
from tests.netcore.protocols.in_memory import server_context
from tests.netcore.protocols.refused import Chain

ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
PATIENCE_S: Final = 10.0
Converse = Callable[["Server", socket.socket], None]


class Server:
    """Takes one connection. `received` has what the client sent: the octets that came out of TLS,
    or all behind its ClientHello if the server writes TLS by hand; `alert` has OpenSSL's name for
    the alert that ended the handshake."""

    def __init__(self, converse: Converse, cacert: str) -> None:
        self.cacert = cacert
        self.received = b""
        self.alert = ""
        self._converse = converse
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE_S)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def wait(self) -> None:
        """Until the connection is over on the server's side too."""
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # nobody listens on it any more
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept
        self.wait()
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        connection.settimeout(PATIENCE_S)
        with connection, contextlib.suppress(OSError):
            try:
                self._converse(self, connection)
            except ssl.SSLError as error:
                self.alert = error.reason or ""


@contextlib.contextmanager
def shown(chain: Chain, version: str) -> Iterator[Server]:
    """A server of exactly this version, at security level 0, with the chain and its key."""
    with tempfile.TemporaryDirectory() as directory:
        own = Path(directory) / "own.pem"
        own.write_bytes(key_pem(chain.leaf.key) + pem((chain.leaf, *chain.above)))
        context = server_context(own, version, version)

        def converse(server: Server, connection: socket.socket) -> None:
            with context.wrap_socket(connection, server_side=True) as tls:
                _answer(server, tls)

        with _running(converse, chain) as server:
            yield server


@contextlib.contextmanager
def raw_server(chain: Chain, certificates: Sequence[bytes], version: int) -> Iterator[Server]:
    """ServerHello and Certificate by hand, so that the certificates may be anything."""
    body = b"".join(len(each).to_bytes(3, "big") + each for each in certificates)
    hello = struct.pack("!H", version) + bytes(range(32)) + b"\0" + b"\xc0\x09\0"
    flight = _record(2, hello + b"\0\5\xff\1\0\1\0", version)
    flight += _record(11, len(body).to_bytes(3, "big") + body, version)

    def converse(server: Server, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(flight)
        while octets := connection.recv(65536):
            server.received += octets

    with _running(converse, chain) as server:
        yield server


@contextlib.contextmanager
def _running(converse: Converse, chain: Chain) -> Iterator[Server]:
    with tempfile.NamedTemporaryFile(suffix=".pem") as anchors:
        anchors.write(pem(chain.anchors))
        anchors.flush()
        server = Server(converse, anchors.name)
        try:
            yield server
        finally:
            server.close()


def _record(kind: int, body: bytes, version: int) -> bytes:
    fragment = bytes((kind,)) + len(body).to_bytes(3, "big") + body
    return struct.pack("!BHH", 22, version, len(fragment)) + fragment


def _answer(server: Server, tls: ssl.SSLSocket) -> None:
    while octets := tls.recv(65536):
        server.received += octets
        if server.received.endswith(b"\r\n\r\n"):
            tls.sendall(ANSWER)
            tls.unwrap()
            return


def pem(certificates: Sequence[Made]) -> bytes:
    return "".join(ssl.DER_cert_to_PEM_cert(each.der) for each in certificates).encode()
