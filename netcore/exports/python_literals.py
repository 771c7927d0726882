"""Octets and words from outside as Python source: literals and comments that stay what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

_COLUMNS: Final = 88
_LINE_OCTETS: Final = 64
_HEX_OCTETS: Final = 32
_LINES: Final = re.compile(rb"[^\n]*\n|[^\n]+")


def octets_literal(octets: bytes, indent: str = "    ") -> str:
    """The octets as an expression, a literal for each line of them: text can be read as text."""
    rows = [repr(row) for line in _LINES.findall(octets) for row in _cut(line, _LINE_OCTETS)]
    if len(rows) < 2:
        return rows[0] if rows else 'b""'
    return "(\n" + "".join(f"{indent}{row}\n" for row in rows) + indent[4:] + ")"


def hex_rows(octets: bytes) -> Iterator[str]:
    """The octets as string literals for `bytes.fromhex`, a row each."""
    for row in _cut(octets, _HEX_OCTETS):
        yield f'"{row.hex()}"'


def text_literal(text: str) -> str:
    """The text as a literal in ASCII."""
    return ascii(text)


def visible(text: str) -> str:
    """The text as it can stand in a comment: what ends a line or turns it around is escaped."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def comment(text: str, indent: str = "") -> str:
    """Lines of a comment, with a line feed behind each."""
    start = f"{indent}# "
    rows = wrap(visible(text), _COLUMNS, initial_indent=start, subsequent_indent=start)
    return "".join(f"{row}\n" for row in rows)


def _cut(octets: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(octets), size):
        yield octets[start : start + size]
