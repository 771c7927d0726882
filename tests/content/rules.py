"""What every text of content/ has to keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

ALLOWED_WORDS: Final = 60

PACKET: Final = r"(?i)\bpackets?\b"  # most of what crosses is none; of QUIC it is the word

BANNED: Final = (
    r"(?i)\bsimply\b",
    r"(?i)\bjust\b",
    r"(?i)\bbasically\b",
    r"(?i)\boops\b",
    r"!(?!#)",  # in "!#$%&'*+-.^_`|~" it is a character of the grammar
    r"(?i)\bTCP guarantees\b",
    r"(?i)\bthe certificate encrypts\b",
    PACKET,
    r"\bTODO\b",
    r"[{}]|\[\[|\]\]",
)
"""What may stand in no text that a reader sees; unfilled facts and brackets among it."""

TEXTS: Final = ("ask", "what", "why", "try", "spec", "headline", "saw", "title", "text", "status")

FACT: Final = re.compile(r"\{([^{}]*)\}")
TERM: Final = re.compile(r"\[\[([^\]|]+)(?:\|[^\]]+)?\]\]")


def texts_of(entry: Mapping[str, Any]) -> Iterator[str]:
    """Every text of an entry, its variants included."""
    for tables in ([entry], entry.get("when", ()), [entry.get("otherwise", {})]):
        for table in tables:
            yield from (table[key] for key in TEXTS if isinstance(table.get(key), str))
    yield from entry.get("todo", ())
