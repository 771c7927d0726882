"""Field sections: lines up to an empty one, held against the limits as they arrive (RFC 9112 §2).

Theory of operation. `take` is given octets, cut anywhere, until it gives back a whole section.
Each limit is checked at the octet that breaks it, so what comes out does not depend on the cuts.
The lines are only counted and measured here; what they mean is h11's to say.
"""

from __future__ import annotations

import re

import h11

from netcore.errors import FetchError

FieldLines = tuple[tuple[str, str], ...]

_BEGINNING = b"HTTP/"
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] [1-9][0-9]{2}(?: .*)?", re.DOTALL)
_FIELD_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00\r\n\x0b\x0c]*")
_SHOWN_OCTETS = 80


class SectionReader:
    """Collects one head or, without a status line, one trailer section."""

    def __init__(self, line: int, section: int, count: int, *, status_line: bool = True) -> None:
        self._limits = (line, section, count)
        self._status_line = status_line
        self._octets = bytearray()
        self._line_start = 0
        self._lines = 0  # that are complete

    def take(self, data: bytes) -> tuple[bytes | None, bytes]:
        """Add octets.

        Out: the section with its empty line, or None while that has not come; what is behind it.
        Raises: FetchError h1.bad_status_line, h1.header_too_large, h1.too_many_headers.
        """
        searched = len(self._octets)
        self._octets += data
        if self._status_line:
            self._check_beginning()
        longest, most, _ = self._limits
        while True:
            line_feed = self._octets.find(b"\n", searched)
            end = line_feed + 1 or len(self._octets)
            if end - self._line_start > longest or end > most:
                raise self._too_large(end)
            if line_feed < 0:
                return None, b""
            line = bytes(self._octets[self._line_start : line_feed]).removesuffix(b"\r")
            if not line:
                return bytes(self._octets[:end]), bytes(self._octets[end:])
            self._check_line(line)
            self._line_start = searched = end

    def incomplete(self) -> str:
        """The sentence for an end of the stream in the middle."""
        what = "the head of the response" if self._status_line else "the trailer section"
        return f"The server closed the connection after {len(self._octets):,} octets of {what}."

    def _check_beginning(self) -> None:
        if self._lines or self._octets.startswith(_BEGINNING):
            return
        for have, want in zip(self._octets, _BEGINNING, strict=False):
            if have != want:
                raise FetchError(
                    "h1.bad_status_line",
                    "The answer is not HTTP/1.1: it does not begin with 'HTTP/', and octet "
                    f"0x{have:02x} stands where 0x{want:02x} ({chr(want)}) belongs.",
                )

    def _too_large(self, end: int) -> FetchError:
        line, section, _ = self._limits
        what = "header" if self._status_line else "trailer"
        if end - self._line_start > line:
            text = f"One {what} line is longer than {line:,} octets."
        else:
            text = f"The {what} section is longer than {section:,} octets."
        return FetchError("h1.header_too_large", text)

    def _check_line(self, line: bytes) -> None:
        if self._status_line and not self._lines and not _STATUS_LINE.fullmatch(line):
            raise FetchError("h1.bad_status_line", f"{shown(line)} is not a status line.")
        self._lines += 1
        count = self._limits[2]
        if self._lines - self._status_line > count:
            raise FetchError("h1.too_many_headers", f"There are more than {count:,} fields.")


def shown(octets: bytes) -> str:
    """The octets in quotes, cut to 80, with what is not printable escaped."""
    text = octets[:_SHOWN_OCTETS].decode("latin-1").encode("unicode_escape").decode("ascii")
    return f"'{text}…'" if len(octets) > _SHOWN_OCTETS else f"'{text}'"


def bad_header(what: str, section: bytes) -> FetchError:
    """The failure of a section that h11 could not read, with the first line that is no field."""
    lines = [line.removesuffix(b"\r") for line in section.split(b"\n") if line.strip()]
    odd = (line for line in lines if not _FIELD_LINE.fullmatch(line))
    line = next((each for each in odd if not _STATUS_LINE.fullmatch(each)), lines[0])
    return FetchError("h1.bad_header", f"{what} is malformed at {shown(line)}.")


def raw_values(section: bytes, name: bytes) -> list[bytes]:
    """The values of all field lines of that name (lower case), as they stand on the wire."""
    if name not in section.lower():  # as for most names: no need to look at each line
        return []
    parts = (line.partition(b":") for line in section.split(b"\n"))
    return [value.strip(b" \t\r") for key, _, value in parts if key.lower() == name]


def parse_fields(section: bytes) -> FieldLines:
    """The fields of a trailer section. Raises: FetchError h1.bad_header."""
    reader = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    reader.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    try:
        reader.receive_data(b"HTTP/1.1 200 OK\r\n" + section)
        message = reader.next_event()
    except h11.RemoteProtocolError as error:
        raise bad_header("The trailer section", section) from error
    assert isinstance(message, h11.Response)
    return decoded(message)


def decoded(message: h11.Response | h11.InformationalResponse) -> FieldLines:
    """The fields as text; each octet is one character (ISO 8859-1)."""
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in message.headers.raw_items()
    )
