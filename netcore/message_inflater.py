"""What permessage-deflate has compressed, made whole again under a bound (RFC 7692 §7.2.2).

A sender takes the last four octets off each message, 00 00 ff ff, and a receiver puts them back.
The window goes on from message to message unless "no context takeover" was agreed on. A block may
say that it is the last one (RFC 7692 §7.2.3.4); zlib stops there, and whoever sent it goes on.
"""

from __future__ import annotations

import zlib
from typing import Final

TAIL: Final = b"\x00\x00\xff\xff"
_WINDOW: Final = 1 << 15
_RAW: Final = -zlib.MAX_WBITS


class TooBig(Exception):
    """More would come out than is allowed."""


class MessageInflater:
    """One direction of a connection.

    In: `takeover`, whether the window goes on from one message to the next.
    """

    def __init__(self, *, takeover: bool) -> None:
        self._takeover = takeover
        self._inflate = zlib.decompressobj(_RAW)
        self._window = b""

    def feed(self, data: bytes, most: int) -> bytes:
        """Octets of a message. Out: what they stand for.

        In: `most`, octets that may still come out.
        Raises: TooBig; zlib.error where they are no compressed octets.
        """
        out = bytearray()
        while data:
            if self._inflate.eof:
                self._inflate = zlib.decompressobj(_RAW, zdict=self._window)
            part = self._inflate.decompress(data, most - len(out) + 1)
            out += part
            self._window = (self._window + part)[-_WINDOW:]
            if len(out) > most:
                raise TooBig
            data = self._inflate.unused_data if self._inflate.eof else b""
        return bytes(out)

    def end(self, most: int) -> bytes:
        """The message is whole. Out: what was held back of it. Raises: as `feed`."""
        out = self.feed(TAIL, most)
        if not self._takeover:
            self._inflate = zlib.decompressobj(_RAW)
            self._window = b""
        return out

    def inflate(self, data: bytes, most: int) -> bytes:
        """A whole message. Raises: as `feed`."""
        out = self.feed(data, most)
        return out + self.end(most - len(out))
