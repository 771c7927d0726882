"""The static table of QPACK (RFC 9204 appendix A)."""

from __future__ import annotations

from typing import Final

from netcore.registries.hpack import Entry
from netcore.registries.tables import read_rows

STATIC_TABLE: Final = tuple(
    Entry(name, value) for _, name, value in read_rows("qpack_static_table.csv")
)
"""By index, from 0 to 98."""
