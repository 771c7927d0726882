"""HPACK: a field block, representation by representation and bit by bit (RFC 7541 §6).

A leaf says what its own bits say. An index is a number, with the entry of the static table as its
label; what an index of the dynamic table stands for depends on all blocks before, so it is not
here but with `netcore.framing.hpack`, which walks them. Of a string in Huffman code each symbol is
a leaf with the bits that led to it; a long one is one leaf, for a tree has room for so many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.dissect.huffman import decode
from netcore.field import Field
from netcore.reader import Reader
from netcore.registries.hpack import STATIC_TABLE

BLOCK_OCTETS: Final = 131_072  # that are read of one block; clients refuse lists over 64 KiB
STRING_OCTETS: Final = 65_536
_SYMBOLS: Final = 4_096  # of one string that are shown as leaves
_CONTINUATIONS: Final = 8  # octets of an integer behind its prefix
_EOS_BITS: Final = 29  # fewer bits than EOS has may be padding, if perhaps a wrong one
_RESERVE: Final = 1_000  # leaves that strings leave to what follows them

INDEXED = "indexed_header_field"
INCREMENTAL = "literal_header_field_with_incremental_indexing"
WITHOUT = "literal_header_field_without_indexing"
NEVER = "literal_header_field_never_indexed"
SIZE_UPDATE = "dynamic_table_size_update"


def read_field_block(r: Reader) -> None:
    """RFC 7541 §3.1 and §6; RFC 9113 §4.3 calls it a field block."""
    before = 0  # representations of fields
    while r.remaining:
        if r.offset >= BLOCK_OCTETS:
            r.malformed(f"hpack.block_too_long: {BLOCK_OCTETS:,} octets are read, not those after")
        first = r.peek(1)[0]
        if first & 0x80:
            _read_indexed(r)
        elif first & 0xE0 == 0x20:
            _read_size_update(r, before)
            continue
        else:
            _read_literal(r, first)
        before += 1


def read_integer(
    r: Reader, name: str, prefix_bits: int, label: Callable[[int], str] | None = None
) -> int:
    """RFC 7541 §5.1: a leaf where the prefix holds the number, else a group with its octets."""
    most = (1 << prefix_bits) - 1
    first = r.peek(1)
    if first and first[0] & most != most:
        value = first[0] & most
        return r.uint(name, prefix_bits, spec="RFC 7541 §5.1", label=label(value) if label else "")
    with r.group(name, "RFC 7541 §5.1") as group:
        value = r.uint("prefix", prefix_bits)
        for place in range(_CONTINUATIONS):
            more = r.flag("continuation")
            value += r.uint("seven_bits", 7) << 7 * place
            if not more:
                break
        else:
            r.malformed(f"hpack.integer: more than {_CONTINUATIONS} octets follow the prefix")
        group.value = value
        group.label = label(value) if label else ""
    return value


def _read_indexed(r: Reader) -> None:
    """RFC 7541 §6.1."""
    with r.group(INDEXED, "RFC 7541 §6.1"):
        r.uint("pattern", 1, label="1")
        if not read_integer(r, "index", 7, _entry):
            r.malformed("hpack.index: there is no entry 0")


def _read_size_update(r: Reader, before: int) -> None:
    """RFC 7541 §6.3."""
    with r.group(SIZE_UPDATE, "RFC 7541 §6.3"):
        r.uint("pattern", 3, label="001")
        read_integer(r, "max_size", 5)
        if before:
            r.malformed("hpack.size_update: the table changes its size in front of all fields")


def _read_literal(r: Reader, first: int) -> None:
    """RFC 7541 §6.2."""
    name, spec, bits = _LITERALS[first >> 4 if first < 0x40 else 4]
    with r.group(name, spec):
        r.uint("pattern", bits, label=f"{first >> (8 - bits):0{bits}b}")
        if not read_integer(r, "index", 8 - bits, _entry_name):
            read_string(r, "name")
        read_string(r, "value")


_LITERALS: Final = {
    4: (INCREMENTAL, "RFC 7541 §6.2.1", 2),
    1: (NEVER, "RFC 7541 §6.2.3", 4),
    0: (WITHOUT, "RFC 7541 §6.2.2", 4),
}


def _entry(index: int) -> str:
    return str(STATIC_TABLE[index]) if index in STATIC_TABLE else _elsewhere(index)


def _entry_name(index: int) -> str:
    if not index:
        return "new name"
    return STATIC_TABLE[index].name if index in STATIC_TABLE else _elsewhere(index)


def _elsewhere(index: int) -> str:
    return f"dynamic table, entry {index - len(STATIC_TABLE)}" if index else ""


def read_string(r: Reader, name: str, prefix_bits: int = 7) -> None:
    """RFC 7541 §5.2; RFC 9204 §4.1.2 has strings whose length has fewer bits in its first octet."""
    is_coded = r.flag("h", "RFC 7541 §5.2")
    length = read_integer(r, f"{name}_length", prefix_bits)
    if length > min(r.remaining, STRING_OCTETS):
        there = min(r.remaining, STRING_OCTETS)
        r.malformed(f"hpack.string: {length:,} octets should follow, {there:,} can be read")
    if is_coded and length:
        _read_huffman(r, f"{name}_string", length)
    elif length:
        r.text(f"{name}_string", length, spec="RFC 7541 §5.2")


def _read_huffman(r: Reader, name: str, length: int) -> None:
    """RFC 7541 §5.2 and appendix B."""
    found = decode(r.peek(length))
    with r.block(name, length, "RFC 7541 §5.2") as string:
        string.value = found.text
        if len(found.symbols) > min(_SYMBOLS, r.room - _RESERVE):
            r.octets("huffman_code", length)
            if found.error:
                r.blame(found.error)
            return
        at = r.offset * 8
        for symbol in found.symbols:
            r.add(Field("symbol", at, symbol.bits, chr(symbol.octet), symbol.path))
            at += symbol.bits
        if found.padding > _EOS_BITS:
            r.malformed(found.error)
        if found.padding:
            r.uint("padding", found.padding)
            if found.error:
                r.blame(found.error)
