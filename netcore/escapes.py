r"""Escapes: octets as a person types them, with what cannot be seen written out.

The notation is C's, as far as it is needed: \r \n \t \0 \\ and \xHH. Everything else stands for
itself, in UTF-8.
"""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
_WRITTEN: Final = {octets[0]: f"\\{name}" for name, octets in _NAMED.items()}
_PIECE: Final = re.compile(r"\\(x[0-9A-Fa-f]{2}|.?)|[^\\]+", re.DOTALL)


def read_escapes(text: str) -> bytes:
    """The octets that a text stands for. Raises: ValueError with a sentence."""
    parts: list[bytes] = []
    for piece in _PIECE.finditer(text):
        escape = piece[1]
        if escape is None:
            parts.append(piece[0].encode())
        elif escape.startswith("x") and len(escape) == 3:
            parts.append(bytes.fromhex(escape[1:]))
        elif escape in _NAMED:
            parts.append(_NAMED[escape])
        else:
            raise ValueError(
                f"\\{escape} at character {piece.start() + 1} means nothing; "
                "\\r \\n \\t \\0 \\\\ and \\xHH do"
            )
    return b"".join(parts)


def write_escapes(octets: bytes) -> str:
    """The text that stands for these octets: what is no visible ASCII is written out."""
    return "".join(
        _WRITTEN.get(octet) or (chr(octet) if 32 <= octet < 127 else f"\\x{octet:02x}")
        for octet in octets
    )
