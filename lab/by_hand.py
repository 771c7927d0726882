"""TLS that works on memory, so that a flight can be cut anew before it leaves.

Theory of operation. OpenSSL writes one record a message and Python's sockets send them as they
are. Here what it writes first is handed to a function of `lab.records`: until the client has
answered, the handshake is in the clear (all of it before TLS 1.3, later the ServerHello), and
nothing is hashed or signed over where its records begin.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Final, TypeVar

from lab.records import Reframe

READ_OCTETS: Final = 65_536
_Done = TypeVar("_Done")


class ByHand:
    """The server's side of one TLS connection, as far as a lab server needs it.

    It has the methods of `ssl.SSLSocket`, and raises what they raise.
    """

    def __init__(
        self, connection: socket.socket, context: ssl.SSLContext, reframe: Reframe
    ) -> None:
        """`reframe` is given the first flight and returns what is sent in its place."""
        self._connection = connection
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._reframe: Reframe | None = reframe

    def do_handshake(self) -> None:
        """Shake hands to the end."""
        self._until_done(self._tls.do_handshake)

    def recv(self, most: int, /) -> bytes:
        """Plaintext; b"" behind the client's close_notify."""
        try:
            return self._until_done(lambda: self._tls.read(most))
        except ssl.SSLZeroReturnError:
            return b""

    def sendall(self, octets: bytes, /) -> None:
        """Encrypt and send: one record, if it fits into one."""
        self._until_done(lambda: self._tls.write(octets))

    def unwrap(self) -> None:
        """Say close_notify and wait for the client's."""
        self._until_done(self._tls.unwrap)

    def _until_done(self, step: Callable[[], _Done]) -> _Done:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:
                self._flush()
            octets = self._connection.recv(READ_OCTETS)
            if octets:
                self._incoming.write(octets)
            else:
                self._incoming.write_eof()

    def _flush(self) -> None:
        octets = self._outgoing.read()
        if octets and self._reframe:
            segments, self._reframe = self._reframe(octets), None
        else:
            segments = [octets]
        for segment in segments:
            self._connection.sendall(segment)
