"""Field sections: every field with how it was packed, and what it did to the dynamic table.

What is said of one holds for HPACK and QPACK alike: a representation, an index with so many bits
of prefix, strings with or without Huffman code, and a table that both sides keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from netcore.dissect.hpack import INCREMENTAL, INDEXED, NEVER, SIZE_UPDATE, WITHOUT
from netcore.field import Field
from netcore.framing.hpack import Decoder, Line, Table
from netcore.framing.http2 import FieldBlock
from netcore.registries.hpack import STATIC_TABLE, Entry
from web import words
from web.addresses import part_hrefs, unit_href
from web.facts import Raw, clean
from web.spoken import N_, ngettext
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

SHOWN_SECTIONS = 40
SHOWN_ROWS = 200  # of all sections together
SHOWN_ENTRIES = 12  # of a table, the newest
_AROUND = 4  # ": " and a line's end, around a field that is written as text
_REPRESENTATIONS = {
    INDEXED: N_("indexed"),
    INCREMENTAL: N_("literal, and kept"),
    WITHOUT: N_("literal, not kept"),
    NEVER: N_("literal, never to be kept"),
    SIZE_UPDATE: N_("new size of the table"),
}


@dataclass(frozen=True)
class EntryView:
    """An entry of a dynamic table."""

    index: int
    text: str
    size: int
    css: str  # "added", "evicted" or ""


@dataclass(frozen=True)
class TableChange:
    """A dynamic table before and after a field."""

    said: str
    before: tuple[EntryView, ...]
    after: tuple[EntryView, ...]
    older: tuple[int, int]  # entries that are not listed, before and after


@dataclass(frozen=True)
class FieldRow:
    """A field, or another instruction to the table."""

    name: str
    value: str
    representation: str
    href: str
    pattern: str  # the first bits, which say what it is
    index: str  # which entry, and of which table
    prefix: str  # how many bits the index had, "" if there is none
    coding: str  # of its strings
    wire: int  # octets
    plain: int  # as a line of text, in octets
    table: TableChange | None  # None: it left the table as it was
    left: str  # the table as it was, in words


@dataclass(frozen=True)
class SectionView:
    """A field section."""

    stream: int
    direction: str
    title: str
    href: str
    count: int
    wire: int
    plain: int
    percent: int
    what: words.Text
    rows: tuple[FieldRow, ...]
    error: str


def section_views(
    blocks: Sequence[FieldBlock], decoders: dict[str, Decoder], tale: Tale, base: str
) -> tuple[tuple[SectionView, ...], int]:
    """The sections of a connection, and how many are not shown.

    In: `blocks` of both directions; `decoders` know the entries of all tables; `base`, the path
    of the trace.
    """
    ordered = sorted(blocks, key=lambda block: (block.pdu.events or (1 << 62,))[-1])
    views: list[SectionView] = []
    room = SHOWN_ROWS
    for block in ordered[:SHOWN_SECTIONS]:
        view = _section(block, decoders[block.direction], tale, base, room)
        room -= len(view.rows)
        views.append(view)
    return tuple(views), max(0, len(ordered) - SHOWN_SECTIONS)


def _section(block: FieldBlock, decoder: Decoder, tale: Tale, base: str, room: int) -> SectionView:
    lines = block.block.lines
    trees = block.pdu.fields().children
    names = frozenset(_REPRESENTATIONS)
    hrefs = part_hrefs(block.pdu, tale, base, names) if room else {}
    rows = tuple(
        _row(line, tree, decoder, hrefs.get(tree.start, ""))
        for line, tree in zip(lines[:room], trees, strict=False)
    )
    fields = block.block.fields
    wire, plain = block.pdu.size, sum(plain_octets(entry) for entry in fields)
    percent = round(100 * wire / plain) if plain else 0
    facts: dict[str, Raw] = {
        "count": len(fields),
        "wire": wire,
        "plain": plain,
        "percent": percent,
        "indexed": sum(line.representation == INDEXED for line in lines),
        "entries": block.block.after.end - block.block.after.first,
        "remembered": sum(
            _from_dynamic(line, tree) for line, tree in zip(lines, trees, strict=False)
        ),
        "direction": block.direction,
    }
    return SectionView(
        stream=block.stream,
        direction=block.direction,
        title=clean(unit_title(block.section)),
        href=unit_href(block.section if fields else block.pdu, tale, base),
        count=len(fields),
        wire=wire,
        plain=plain,
        percent=percent,
        what=words.streams("section", facts).what,
        rows=rows,
        error=clean(block.block.error or block.pdu.error, 200),
    )


def plain_octets(entry: Entry) -> int:
    """A field as a line of text, in octets."""
    return len(entry.name) + len(entry.value) + _AROUND


def part_of(tree: Field, name: str) -> Field | None:
    """The part of that name, or None."""
    return next((child for child in tree.children if child.name == name), None)


def _index(tree: Field) -> int:
    index = part_of(tree, "index")
    return int(index.value or 0) if index else 0


def _from_dynamic(line: Line, tree: Field) -> bool:
    return line.entry is not None and _index(tree) > len(STATIC_TABLE)


def _row(line: Line, tree: Field, decoder: Decoder, href: str) -> FieldRow:
    entry = line.entry
    number = part_of(tree, "index") or part_of(tree, "max_size")
    pattern = part_of(tree, "pattern")
    return FieldRow(
        name=clean(entry.name, 80) if entry else "",
        value=clean(entry.value, 160) if entry else at_most(line.after.max_size),
        representation=_(_REPRESENTATIONS[line.representation]),
        href=href,
        pattern=pattern.label if pattern else "",
        index=_which(line, tree),
        prefix=prefix_said(number) if number else "",
        coding=", ".join(codings(tree)),
        wire=line.end - line.start,
        plain=plain_octets(entry) if entry else 0,
        table=_change(line, decoder) if line.before != line.after else None,
        left=table_said(line.after),
    )


def _which(line: Line, tree: Field) -> str:
    if line.representation == SIZE_UPDATE:
        return ""
    index = _index(tree)
    if not index:
        return _("new name")
    is_static, is_whole = index in STATIC_TABLE, line.representation == INDEXED
    sentences = {
        (True, True): _("%(index)s static", index=index),
        (True, False): _("%(index)s static, its name", index=index),
        (False, True): _("%(index)s dynamic", index=index),
        (False, False): _("%(index)s dynamic, its name", index=index),
    }
    return sentences[is_static, is_whole]


def at_most(octets: int) -> str:
    """A bound on a table."""
    return _("%(size)s at most", size=f"{octets:,} bytes")


def prefix_said(number: Field) -> str:
    """How an integer is written (RFC 7541 §5.1)."""
    first = number.children[0] if number.children else number
    more = sum(child.name == "seven_bits" for child in number.children)
    if not more:
        return _("%(bits)s bits", bits=first.length)
    return ngettext(
        "%(bits)s bits, then %(count)s byte",
        "%(bits)s bits, then %(count)s bytes",
        more,
        bits=first.length,
        count=more,
    )


def codings(tree: Field) -> Iterator[str]:
    """How each string is written: the flag in front of its length says so."""
    flags = [child for child in tree.children if child.name == "h"]
    names = ("name", "value")[-len(flags) :] if flags else ()
    for name, flag in zip(names, flags, strict=True):
        length = part_of(tree, f"{name}_length")
        octets = int(length.value or 0) if length else 0
        string = part_of(tree, f"{name}_string")
        plain = len(str(string.value or "")) if string else 0
        if flag.value and plain:
            sentences = {
                "name": _("name Huffman, %(plain)s → %(octets)s", plain=plain, octets=octets),
                "value": _("value Huffman, %(plain)s → %(octets)s", plain=plain, octets=octets),
            }
        else:
            sentences = {
                "name": _("name plain, %(octets)s", octets=octets),
                "value": _("value plain, %(octets)s", octets=octets),
            }
        yield sentences[name]


def table_said(table: Table) -> str:
    """A dynamic table in a few words."""
    entries = table.end - table.first
    return ngettext(
        "%(count)s entry, %(size)s of %(most)s",
        "%(count)s entries, %(size)s of %(most)s",
        entries,
        count=entries,
        size=f"{table.size:,}",
        most=f"{table.max_size:,}",
    )


def moved_said(added: int, evicted: int) -> list[str]:
    """How many entries came and went."""
    said = []
    if added:
        said.append(ngettext("%(count)s added", "%(count)s added", added, count=added))
    if evicted:
        said.append(ngettext("%(count)s evicted", "%(count)s evicted", evicted, count=evicted))
    return said


def _change(line: Line, decoder: Decoder) -> TableChange:
    before, after = line.before, line.after
    added, evicted = after.end - before.end, after.first - before.first
    gone, new = range(before.first, after.first), range(before.end, after.end)
    said = moved_said(added, evicted)
    if line.representation == INCREMENTAL and not added:
        said.append(_("too large to be kept"))
    if line.representation == SIZE_UPDATE:
        said.append(_("at most %(size)s", size=f"{after.max_size:,}"))
    return TableChange(
        said=f"{', '.join(said)}: {table_said(after)}",
        before=entry_views(before, decoder.added, gone, "evicted", _index_in(before)),
        after=entry_views(after, decoder.added, new, "added", _index_in(after)),
        older=(older(before), older(after)),
    )


def _index_in(table: Table) -> Callable[[int], int]:
    """RFC 7541 §2.3.3: the newest entry comes first behind the static table."""
    return lambda at: len(STATIC_TABLE) + table.end - at


def older(table: Table) -> int:
    """How many entries of a table are not listed."""
    return max(0, table.end - table.first - SHOWN_ENTRIES)


def entry_views(
    table: Table, added: Sequence[Entry], marked: range, css: str, index: Callable[[int], int]
) -> tuple[EntryView, ...]:
    """The newest entries of a table.

    In: all entries that were ever added; those that are marked with `css`; what index an entry
    has, by its place among all of them.
    """
    first = max(table.first, table.end - SHOWN_ENTRIES)
    return tuple(
        EntryView(
            index=index(at),
            text=clean(str(added[at]), 100),
            size=added[at].size,
            css=css if at in marked else "",
        )
        for at in range(table.end - 1, first - 1, -1)
    )
