"""The static table and the Huffman code of HPACK (RFC 7541 appendices A and B)."""

from __future__ import annotations

from typing import Final, NamedTuple

from netcore.registries.tables import read_rows


class Entry(NamedTuple):
    """A field of the static or the dynamic table."""

    name: str  # an octet a character (ISO 8859-1), as all text from the wire
    value: str

    @property
    def size(self) -> int:
        """What it counts in the dynamic table, in octets (RFC 7541 §4.1)."""
        return len(self.name) + len(self.value) + 32

    def __str__(self) -> str:
        return f"{self.name}: {self.value}" if self.value else self.name


STATIC_TABLE: Final = {
    int(index): Entry(name, value) for index, name, value in read_rows("hpack_static_table.csv")
}
"""By index, from 1 to 61."""

EOS: Final = 256

HUFFMAN_CODE: Final = {
    (len(code), int(code, 2)): int(symbol) for symbol, code in read_rows("hpack_huffman_code.csv")
}
"""How many bits, and these bits as a number -> the octet that they stand for, or EOS."""
