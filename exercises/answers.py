"""Numbers as people type them."""

from __future__ import annotations

import re
from typing import Final

_DECIMAL: Final = re.compile(r"\d{1,15}", re.ASCII)
_HEX: Final = re.compile(r"0x([0-9a-f]{1,12})", re.ASCII)


def read_number(typed: str) -> int | None:
    """ "18", "0x12", "18 204", "18,204": what it means; None if it is no number."""
    text = re.sub(r"[\s,_]", "", typed).lower()
    if found := _HEX.fullmatch(text):
        return int(found[1], 16)
    return int(text) if _DECIMAL.fullmatch(text) else None
