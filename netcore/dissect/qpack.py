"""QPACK: field sections and the instructions of both its streams, bit by bit (RFC 9204 §4).

A leaf says what its own bits say. An index is a number, with the entry of the static table as its
label; what an index of the dynamic table stands for depends on the instructions that came before,
so it is not here but with `netcore.framing.qpack`. Strings and integers are HPACK's (RFC 7541 §5).
"""

from __future__ import annotations

from typing import Final

from netcore.dissect.hpack import BLOCK_OCTETS, read_integer, read_string
from netcore.reader import Reader
from netcore.registries.qpack import STATIC_TABLE

INDEXED = "indexed_field_line"
INDEXED_POST_BASE = "indexed_field_line_with_post_base_index"
NAMED = "literal_field_line_with_name_reference"
NAMED_POST_BASE = "literal_field_line_with_post_base_name_reference"
LITERAL = "literal_field_line_with_literal_name"
REPRESENTATIONS: Final = frozenset({INDEXED, INDEXED_POST_BASE, NAMED, NAMED_POST_BASE, LITERAL})

SET_CAPACITY = "set_dynamic_table_capacity"
INSERT_NAMED = "insert_with_name_reference"
INSERT_LITERAL = "insert_with_literal_name"
DUPLICATE = "duplicate"

SECTION_ACKNOWLEDGMENT = "section_acknowledgment"
STREAM_CANCELLATION = "stream_cancellation"
INSERT_COUNT_INCREMENT = "insert_count_increment"


def read_field_section(r: Reader) -> None:
    """RFC 9204 §4.5."""
    with r.group("encoded_field_section_prefix", "RFC 9204 §4.5.1"):
        read_integer(r, "encoded_required_insert_count", 8)
        r.flag("sign_bit", "RFC 9204 §4.5.1.2")
        read_integer(r, "delta_base", 7)
    while r.remaining:
        if r.offset >= BLOCK_OCTETS:
            r.malformed(f"qpack.too_long: {BLOCK_OCTETS:,} octets are read, not those after")
        _read_representation(r, r.peek(1)[0])


def _read_representation(r: Reader, first: int) -> None:
    """RFC 9204 §4.5.2 to §4.5.6, told apart by their first bits."""
    if first & 0x80:
        with r.group(INDEXED, "RFC 9204 §4.5.2"):
            r.uint("pattern", 1, label="1")
            _read_reference(r, "index", 6)
    elif first & 0x40:
        with r.group(NAMED, "RFC 9204 §4.5.4"):
            r.uint("pattern", 2, label="01")
            r.flag("never_indexed", "RFC 9204 §4.5.4")
            _read_reference(r, "name_index", 4)
            read_string(r, "value")
    elif first & 0x20:
        with r.group(LITERAL, "RFC 9204 §4.5.6"):
            r.uint("pattern", 3, label="001")
            r.flag("never_indexed", "RFC 9204 §4.5.6")
            read_string(r, "name", 3)
            read_string(r, "value")
    elif first & 0x10:
        with r.group(INDEXED_POST_BASE, "RFC 9204 §4.5.3"):
            r.uint("pattern", 4, label="0001")
            read_integer(r, "post_base_index", 4, _post_base)
    else:
        with r.group(NAMED_POST_BASE, "RFC 9204 §4.5.5"):
            r.uint("pattern", 4, label="0000")
            r.flag("never_indexed", "RFC 9204 §4.5.5")
            read_integer(r, "post_base_index", 3, _post_base)
            read_string(r, "value")


def _read_reference(r: Reader, name: str, prefix_bits: int) -> None:
    """RFC 9204 §3.2: a bit says which table the index is of."""
    is_static = r.flag("static_table", "RFC 9204 §3.1")
    label = _relative
    if is_static:
        label = _static if name == "index" else _static_name
    value = read_integer(r, name, prefix_bits, label)
    if is_static and value >= len(STATIC_TABLE):
        last = len(STATIC_TABLE) - 1
        r.malformed(f"qpack.index: the static table has no entry {value:,}, the last is {last}")


def _static(index: int) -> str:
    return str(STATIC_TABLE[index]) if index < len(STATIC_TABLE) else ""


def _static_name(index: int) -> str:
    return STATIC_TABLE[index].name if index < len(STATIC_TABLE) else ""


def _relative(index: int) -> str:
    return f"dynamic table, {index:,} back"


def _post_base(index: int) -> str:
    return f"dynamic table, {index:,} after the base"


def read_encoder_instruction(r: Reader) -> None:
    """RFC 9204 §4.3."""
    first = r.peek(1)[0] if r.remaining else 0
    if first & 0x80:
        with r.group(INSERT_NAMED, "RFC 9204 §4.3.2"):
            r.uint("pattern", 1, label="1")
            _read_reference(r, "name_index", 6)
            read_string(r, "value")
    elif first & 0x40:
        with r.group(INSERT_LITERAL, "RFC 9204 §4.3.3"):
            r.uint("pattern", 2, label="01")
            read_string(r, "name", 5)
            read_string(r, "value")
    elif first & 0x20:
        with r.group(SET_CAPACITY, "RFC 9204 §4.3.1"):
            r.uint("pattern", 3, label="001")
            read_integer(r, "capacity", 5)
    else:
        with r.group(DUPLICATE, "RFC 9204 §4.3.4"):
            r.uint("pattern", 3, label="000")
            read_integer(r, "relative_index", 5, _relative)


def read_decoder_instruction(r: Reader) -> None:
    """RFC 9204 §4.4."""
    first = r.peek(1)[0] if r.remaining else 0
    if first & 0x80:
        with r.group(SECTION_ACKNOWLEDGMENT, "RFC 9204 §4.4.1"):
            r.uint("pattern", 1, label="1")
            read_integer(r, "stream_id", 7)
    elif first & 0x40:
        with r.group(STREAM_CANCELLATION, "RFC 9204 §4.4.2"):
            r.uint("pattern", 2, label="01")
            read_integer(r, "stream_id", 6)
    else:
        with r.group(INSERT_COUNT_INCREMENT, "RFC 9204 §4.4.3"):
            r.uint("pattern", 2, label="00")
            if not read_integer(r, "increment", 6):
                r.malformed("qpack.increment: it is at least 1")


def _integer_end(octets: bytes, at: int, prefix_bits: int) -> tuple[int, int]:
    """The integer whose prefix stands at `at`, and where it ends; an end of -1: it is not whole.

    Source: RFC 7541 §5.1.
    """
    most = (1 << prefix_bits) - 1
    if at >= len(octets):
        return 0, -1
    value = octets[at] & most
    if value < most:
        return value, at + 1
    for place in range(8):
        at += 1
        if at >= len(octets):
            return 0, -1
        value += (octets[at] & 0x7F) << 7 * place
        if not octets[at] & 0x80:
            return value, at + 1
    return 0, -1


def instruction_end(octets: bytes, at: int, *, is_encoder: bool) -> int:
    """Where the instruction that begins at `at` ends; -1 if it is not there whole."""
    first = octets[at]
    if not is_encoder:
        return _integer_end(octets, at, 7 if first & 0x80 else 6)[1]
    if first & 0x80:
        _, at = _integer_end(octets, at, 6)
    elif first & 0x40:
        at = _string_end(octets, at, 5)
    else:
        return _integer_end(octets, at, 5)[1]
    return _string_end(octets, at, 7) if at >= 0 else -1


def _string_end(octets: bytes, at: int, prefix_bits: int) -> int:
    length, at = _integer_end(octets, at, prefix_bits)
    return at + length if 0 <= at <= len(octets) - length else -1
