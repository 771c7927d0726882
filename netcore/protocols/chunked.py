"""The chunked transfer coding, read by a client (RFC 9112 §7.1).

Theory of operation. A chunk is a size line, that many octets and a CRLF; a chunk of size 0 is
followed by a trailer section instead. `take` walks the octets that it is given and stands in one
of four states: *size*, *data*, *delimiter* (the CRLF behind the data), *trailer*. What it cannot
finish it keeps, so octets may be cut anywhere. It is stricter than h11's reader where servers
and proxies have disagreed about where a message ends: digits are ASCII and nothing else, and
every line ends in CR and LF.
"""

from __future__ import annotations

import re

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.head import FieldLines, SectionReader, parse_fields, shown

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,256})[ \t]*(?:;[^\r\n]*)?")
_GREATEST = 1 << 62
_CRLF = b"\r\n"


class Chunked:
    """The content of one response."""

    def __init__(self, limits: Limits) -> None:
        self.done = False
        self.trailers: FieldLines = ()
        self._limits = limits
        self._state = "size"
        self._line = b""  # of a size line or delimiter that was cut
        self._left = 0  # octets of the chunk
        self._chunks = 0
        self._octets = 0
        self._trailer = SectionReader(
            limits.header_line_octets,
            limits.trailer_octets,
            limits.header_count,
            status_line=False,
        )

    def take(self, data: bytes, content: list[bytes]) -> bytes:
        """Read octets; what they carry is appended to `content`, also if reading then fails.

        Out: what stands behind the end, once `done`.
        Raises: FetchError chunk.bad_size, chunk.line_too_long, chunk.bad_delimiter, limit.chunks,
        h1.header_too_large, h1.too_many_headers, h1.bad_header.
        """
        at = 0
        while at < len(data):
            if self._state == "data":
                piece = data[at : at + self._left]
                content.append(piece)
                at += len(piece)
                self._pass_data(len(piece))
            elif self._state == "size":
                at = self._take_size_line(data, at)
            elif self._state == "delimiter":
                at = self._take_delimiter(data, at)
            else:
                return self._take_trailer(data[at:])
        return b""

    def incomplete(self) -> str:
        """The sentence for an end of the stream here."""
        return (
            f"The server closed the connection after {self._octets:,} octets of content, "
            "before the last chunk."
        )

    def _pass_data(self, count: int) -> None:
        self._left -= count
        self._octets += count
        if not self._left:
            self._state = "delimiter"

    def _take_size_line(self, data: bytes, at: int) -> int:
        limit = self._limits.chunk_line_octets
        room = limit + 1 - len(self._line)
        line_feed = data.find(b"\n", at, at + room)
        if line_feed < 0:
            self._line += data[at : at + room]
            if len(self._line) > limit:
                raise FetchError(
                    "chunk.line_too_long",
                    f"The line with the size of chunk {self._chunks + 1:,} is longer than "
                    f"{limit:,} octets.",
                )
            return len(data)
        line, self._line = self._line + data[at:line_feed], b""
        self._begin_chunk(line)
        return line_feed + 1

    def _begin_chunk(self, line: bytes) -> None:
        if not line.endswith(b"\r"):
            raise FetchError(
                "chunk.bad_delimiter",
                f"The size line of chunk {self._chunks + 1:,} ends in LF alone.",
            )
        match = _SIZE_LINE.fullmatch(line[:-1])
        size = int(match[1], 16) if match else _GREATEST
        if size >= _GREATEST:
            raise FetchError(
                "chunk.bad_size", f"{shown(line[:-1])} is not the size of a chunk in hexadecimal."
            )
        self._left = size
        self._state = "data" if size else "trailer"
        self._chunks += 1
        if size and self._chunks > self._limits.chunks:
            raise FetchError("limit.chunks", f"There are more than {self._limits.chunks:,} chunks.")

    def _take_delimiter(self, data: bytes, at: int) -> int:
        piece = data[at : at + 2 - len(self._line)]
        self._line += piece
        if not _CRLF.startswith(self._line):
            wrong = self._line if self._line[:1] == b"\r" else self._line[:1]
            raise FetchError(
                "chunk.bad_delimiter",
                f"{shown(wrong)} stands behind the data of chunk {self._chunks:,}, where CR LF "
                "belongs.",
            )
        if self._line == _CRLF:
            self._line = b""
            self._state = "size"
        return at + len(piece)

    def _take_trailer(self, data: bytes) -> bytes:
        section, rest = self._trailer.take(data)
        if section is not None:
            self.trailers = parse_fields(section)
            self.done = True
        return rest
