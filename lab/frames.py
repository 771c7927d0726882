"""The server's side of a WebSocket, written by hand, so that a behaviour can be read off it.

The library is at the other end, in what the lab is there to test.
"""

from __future__ import annotations

import hashlib
import socket
import struct
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from ssl import SSLSocket
from typing import Final

from lab.visit import READ_OCTETS, Connection, Visit

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FIN, RSV1 = 0x80, 0x40
NORMAL, GOING_AWAY = 1000, 1001
GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
MOST_OCTETS: Final = 1 << 20  # of a frame that is read


@dataclass(frozen=True)
class Frame:
    """One frame, its mask undone."""

    first: int  # FIN, the reserved bits and the opcode
    payload: bytes

    @property
    def opcode(self) -> int:
        """What it carries."""
        return self.first & 15


def accept_value(key: str) -> str:
    """What shows a client that its key was read (RFC 6455 §4.2.2)."""
    digest = hashlib.sha1(key.encode("latin-1") + GUID, usedforsecurity=False).digest()
    return b64encode(digest).decode("ascii")


def frame(opcode: int, payload: bytes = b"", *, first: int = FIN, mask: bytes = b"") -> bytes:
    """The octets of a frame. In: `first`, FIN and the reserved bits; `mask`, four octets."""
    bit, size = (0x80 if mask else 0), len(payload)
    if size < 126:
        length = bytes([bit | size])
    elif size < 1 << 16:
        length = struct.pack(">BH", bit | 126, size)
    else:
        length = struct.pack(">BQ", bit | 127, size)
    if mask:
        payload = bytes(octet ^ mask[at % 4] for at, octet in enumerate(payload))
    return bytes([first | opcode]) + length + mask + payload


def close_payload(code: int, reason: str = "") -> bytes:
    """What a Close frame carries."""
    return struct.pack(">H", code) + reason.encode()


@dataclass
class Frames:
    """One client's WebSocket."""

    connection: Connection
    _unread: bytearray = field(default_factory=bytearray)

    def send(self, *frames: bytes) -> None:
        """Send frames in one call."""
        self.connection.sendall(b"".join(frames))

    def receive(self) -> Frame | None:
        """The next frame; None if the client closed in place of one.

        Raises:
            OSError: the connection broke, or the client said nothing for too long.
        """
        head = self._take(2)
        length = head[1] & 0x7F if head else 0
        if length >= 126:
            size = 2 if length == 126 else 8
            length = int.from_bytes(self._take(size), "big")
        mask = self._take(4)
        if len(mask) < 4 or length > MOST_OCTETS:
            return None
        payload = self._take(length)
        return Frame(head[0], bytes(o ^ mask[at % 4] for at, o in enumerate(payload)))

    def hear_out(self, *, said: bool = False) -> None:
        """Read until the client says Close, and answer that; other frames are passed over.

        In: `said`, whether we have said it already: its Close is then the answer to ours.
        """
        while (heard := self.receive()) is not None:
            if heard.opcode == CLOSE:
                if not said:
                    self.send(frame(CLOSE, heard.payload))
                self._end()
                return

    def _end(self) -> None:
        """Send nothing more, and read what still comes: answers to Pings may follow a Close.

        Closed with octets unread, TCP would send RST, and our Close could be lost.
        """
        # TLS has an end of its own.
        if isinstance(self.connection, socket.socket) and not isinstance(
            self.connection, SSLSocket
        ):
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(READ_OCTETS):
                pass

    def _take(self, count: int) -> bytes:
        """So many octets, fewer at the end of the stream."""
        while len(self._unread) < count:
            octets = self.connection.recv(READ_OCTETS)
            if not octets:
                break
            self._unread += octets
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken


def accept(visit: Visit, headers: Sequence[str] = (), *, accept: str = "") -> Frames:
    """Answer 101, with the right accept value if no other is given. Out: what is behind it."""
    value = accept or accept_value(visit.request.header("sec-websocket-key"))
    switching = ("Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {value}")
    visit.is_open = True  # the head is not to say that the connection closes
    head = visit.head("101 Switching Protocols", (*switching, *headers), interim=True)
    visit.send(head)
    visit.is_open = False
    return Frames(visit.connection)
