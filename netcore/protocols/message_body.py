"""How the content of a response is delimited (RFC 9112 §6.3), and the readers of the simple ways.

Only what is unambiguous is accepted: where two programs may disagree about the end of a message,
one of them can be made to take content for the next response.
"""

from __future__ import annotations

import re

from netcore.errors import FetchError
from netcore.protocols.head import FieldLines, raw_values, shown

_LENGTH = re.compile(rb"[0-9]{1,18}")


class Length:
    """Content of a known number of octets."""

    trailers: FieldLines = ()

    def __init__(self, length: int) -> None:
        self._length = length
        self._left = length

    @property
    def done(self) -> bool:
        """Whether all of it has come."""
        return not self._left

    def take(self, data: bytes, content: list[bytes]) -> bytes:
        """Read octets into `content`. Out: what stands behind the end."""
        piece = data if len(data) <= self._left else data[: self._left]
        content.append(piece)
        self._left -= len(piece)
        return data[len(piece) :]

    def incomplete(self) -> str:
        """The sentence for an end of the stream here."""
        return (
            f"The server announced {self._length:,} octets of content and closed the connection "
            f"after {self._length - self._left:,}."
        )


class UntilClose:
    """Content that ends with the stream."""

    trailers: FieldLines = ()
    done = False

    def take(self, data: bytes, content: list[bytes]) -> bytes:
        """Read octets into `content`; nothing stands behind them."""
        content.append(data)
        return b""


def framing(head: bytes, method: str, notes: list[str]) -> tuple[str, int | None]:
    """How the content behind this head is delimited, and its length if that is known.

    In: `method`, of the request; `notes`, to which what is odd and accepted is appended.
    Out: "none", "length", "chunked" or "close".
    Raises: FetchError h1.bad_te, h1.bad_length, h1.conflicting_length.
    """
    codings = raw_values(head, b"transfer-encoding")
    length = _content_length(raw_values(head, b"content-length"))
    if codings and [each.lower() for each in codings] != [b"chunked"]:
        listed = ", ".join(shown(each) for each in codings)
        raise FetchError(
            "h1.bad_te", f"Transfer-Encoding is {listed}; a client can read 'chunked' only."
        )
    _note_oddities(head, bool(codings), length is not None, notes)
    status = head[head.index(b" ") + 1 :][:3]
    if _has_no_content(method, status):
        if length and method != "HEAD" and status != b"304":
            notes.append(f"Content-Length is {length}, but {status.decode()} has no content.")
        return "none", None
    if codings:
        return "chunked", None
    return ("close", None) if length is None else ("length", length)


def _has_no_content(method: str, status: bytes) -> bool:
    if method == "HEAD" or status in (b"204", b"304"):
        return True
    return method == "CONNECT" and status[:1] == b"2"


def _content_length(values: list[bytes]) -> int | None:
    """One length from all Content-Length fields; a list of equal ones counts as one."""
    parts = {part.strip(b" \t") for value in values for part in value.split(b",")}
    for part in sorted(parts):
        if not _LENGTH.fullmatch(part):
            raise FetchError("h1.bad_length", f"Content-Length is {shown(part)}, not a number.")
    lengths = {int(part) for part in parts}
    if len(lengths) > 1:
        listed = " and ".join(str(each) for each in sorted(lengths))
        raise FetchError(
            "h1.conflicting_length", f"The response has two values of Content-Length: {listed}."
        )
    return lengths.pop() if lengths else None


def _note_oddities(head: bytes, coded: bool, has_length: bool, notes: list[str]) -> None:
    if coded and has_length:
        notes.append(
            "The head has both Transfer-Encoding and Content-Length: chunked decides, as "
            "RFC 9112 §6.3 says. Two programs that decide differently can be played off."
        )
    if coded and head.startswith(b"HTTP/1.0"):
        notes.append("Chunks in an HTTP/1.0 response: HTTP/1.0 does not know them.")
    if b"\n " in head or b"\n\t" in head:
        notes.append("A field continues on the next line (obs-fold); the lines were joined.")
    if head.count(b"\n") != head.count(b"\r\n"):
        notes.append("Some lines of the head end in LF alone; CR LF is right.")
