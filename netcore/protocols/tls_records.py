"""A walk along TLS record headers: five octets each, the fragments are passed over (RFC 8446 §5.1).

Theory of operation. `take` is given the ciphertext as it arrives, cut anywhere, and only ever
knows how far it is to the next header. From that follow the few things that OpenSSL keeps to
itself and a client has to know: whether the stream stopped inside a record, what the first octets
and the alert in the clear at the end were, and how many records have come since the last plaintext.
"""

from __future__ import annotations

from typing import Final

from netcore.errors import FetchError

_HEADER: Final = 5
_ALERT: Final = 21
_APPLICATION_DATA: Final = 23
_WARNING: Final = b"\x01"
_CLOSE_NOTIFY: Final = b"\x01\x00"
_BEGINNING: Final = 64
_SILENT_RECORDS: Final = 32
_SILENT_OCTETS: Final = 65_536
_HANDSHAKE_OCTETS: Final = 262_144


class RecordWalk:
    """What the server sent on one connection."""

    def __init__(self) -> None:
        self.octets = 0
        self.beginning = b""  # the first octets of the stream
        self.alert = b""  # the level and description of an alert in the clear, if it ended there
        self._header = b""  # of a record, as far as it has arrived
        self._left = 0  # octets of the fragment
        self._kind = 0
        self._fragment = b""  # of an alert
        self._silent_records = 0
        self._silent_octets = 0

    @property
    def inside(self) -> bool:
        """Whether the octets so far end inside a record."""
        return bool(self._left or self._header)

    def take(self, data: bytes) -> None:
        """Walk on."""
        self.octets += len(data)
        self._silent_octets += len(data)
        if len(self.beginning) < _BEGINNING:
            self.beginning += data[: _BEGINNING - len(self.beginning)]
        at = 0
        while at < len(data):
            if self._left:
                at = self._take_fragment(data, at)
            else:
                at = self._take_header(data, at if self._header else self._pass_whole(data, at))

    def plaintext(self) -> None:
        """Note that what came so far led to something: the handshake's end, or content."""
        self._silent_records = 0
        self._silent_octets = 0

    def check(self, established: bool) -> None:
        """Raises: FetchError tls.flood if the server sends much that leads to nothing."""
        if not established:
            if self.octets > _HANDSHAKE_OCTETS:
                raise FetchError(
                    "tls.flood",
                    f"The server sent {self.octets:,} octets and the handshake is not done.",
                )
        elif self._silent_records > _SILENT_RECORDS or self._silent_octets > _SILENT_OCTETS:
            raise FetchError(
                "tls.flood",
                f"The server sent {self._silent_records} records "
                f"({self._silent_octets:,} octets) without one octet of content.",
            )

    def _pass_whole(self, data: bytes, at: int) -> int:
        """Pass over whole records of application data: nearly all of a long stream."""
        records = 0
        while at <= len(data) - _HEADER and data[at] == _APPLICATION_DATA:
            following = at + _HEADER + (data[at + 3] << 8 | data[at + 4])
            if following > len(data):
                break
            at = following
            records += 1
        self._silent_records += records
        return at

    def _take_header(self, data: bytes, at: int) -> int:
        piece = data[at : at + _HEADER - len(self._header)]
        self._header += piece
        if len(self._header) == _HEADER:
            self._kind = self._header[0]
            self._left = int.from_bytes(self._header[3:], "big")
            self._header = self._fragment = b""
            if self._kind != _ALERT and self.alert[:1] == _WARNING and self.alert != _CLOSE_NOTIFY:
                self.alert = b""  # the server went on behind it
            self._silent_records += 1
        return at + len(piece)

    def _take_fragment(self, data: bytes, at: int) -> int:
        end = min(at + self._left, len(data))
        self._left -= end - at
        if self._kind == _ALERT and len(self._fragment) <= 2:
            self._fragment += data[at : min(end, at + 3)]
            # A close_notify behind another alert says less than that one.
            tells = not self.alert or self._fragment != _CLOSE_NOTIFY
            if not self._left and len(self._fragment) == 2 and tells:
                self.alert = self._fragment
        return end
