"""Octets that no protocol has named: lines of text where they are text.

Not in an RFC. CR LF ends a line in the protocols of the Internet, and many programs take LF alone.
"""

from __future__ import annotations

import re
from typing import Final

from netcore.reader import Reader

_TEXT: Final = re.compile(rb"[\t\x20-\x7e\x80-\xff]+")
_END: Final = re.compile(rb"\r\n|\n|\r")
_OTHER: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_ENDS: Final = {"\r\n": "CR LF", "\n": "LF alone", "\r": "CR alone"}
_LEAVES: Final = 3  # of a line, at most


def read_raw_octets(r: Reader) -> None:
    """Not in an RFC: line by line, as far as a tree has room; the rest is one leaf."""
    while r.remaining and r.room > _LEAVES:
        with r.group("line"):
            _read_line(r)
    r.rest("octets")


def _read_line(r: Reader) -> None:
    """Not in an RFC: text and what is none, up to and with the end of a line."""
    while r.remaining and r.room > 1:
        end = r.match(_END)
        if end:
            r.text("line_end", end, label=_ENDS[r.peek(end).decode("latin-1")])
            return
        text = r.match(_TEXT)
        if text:
            r.text("text", text)
        else:
            r.octets("octets", r.match(_OTHER))
