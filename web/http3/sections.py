"""Field sections of HTTP/3 and the instructions that fill the table they refer to (RFC 9204).

Unlike HPACK's a section changes no table: instructions do, on a stream of their own. So what an
encoder said is a section of its own here, with the table before and after each instruction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcore.dissect.qpack import (
    DUPLICATE,
    INDEXED,
    INDEXED_POST_BASE,
    INSERT_LITERAL,
    INSERT_NAMED,
    LITERAL,
    NAMED,
    NAMED_POST_BASE,
    SET_CAPACITY,
)
from netcore.field import Field
from netcore.framing.http3 import FieldBlock, Http3, Instructed
from netcore.framing.qpack import Decoder, Instruction, Line
from web import words
from web.addresses import part_hrefs, unit_href
from web.facts import Raw, clean
from web.http3.marks import place
from web.spoken import N_
from web.spoken import gettext as _
from web.streams.sections import (
    SHOWN_ROWS,
    SHOWN_SECTIONS,
    FieldRow,
    SectionView,
    TableChange,
    at_most,
    codings,
    entry_views,
    moved_said,
    older,
    part_of,
    plain_octets,
    prefix_said,
    table_said,
)
from web.tale import Tale
from web.titles import unit_title

_REPRESENTATIONS = {
    INDEXED: N_("indexed"),
    INDEXED_POST_BASE: N_("indexed, post-base"),
    NAMED: N_("literal, name referred to"),
    NAMED_POST_BASE: N_("literal, name referred to, post-base"),
    LITERAL: N_("literal"),
    SET_CAPACITY: N_("set the capacity"),
    INSERT_NAMED: N_("insert, name referred to"),
    INSERT_LITERAL: N_("insert"),
    DUPLICATE: N_("duplicate"),
}
_INDICES = ("index", "name_index", "post_base_index", "relative_index")


def section_views(http3: Http3, tale: Tale, base: str) -> tuple[tuple[SectionView, ...], int]:
    """What both encoders said, then all field sections; and how many are not shown.

    In: `base`, the path of the trace.
    """
    views: list[SectionView] = []
    room = SHOWN_ROWS
    for direction, decoder in http3.decoders.items():
        own = [each for each in http3.instructions if each.direction == direction]
        if own:
            views.append(_instructions(own, decoder, tale, base, room // 2))
            room -= len(views[-1].rows)
    ordered = sorted(http3.blocks, key=lambda block: (block.pdu.events or (1 << 62,))[-1])
    for block in ordered[:SHOWN_SECTIONS]:
        views.append(_section(block, tale, base, room))
        room -= len(views[-1].rows)
    return tuple(views), max(0, len(ordered) - SHOWN_SECTIONS)


def _section(block: FieldBlock, tale: Tale, base: str, room: int) -> SectionView:
    lines = block.block.lines
    trees = block.pdu.fields().children[1:]
    hrefs = part_hrefs(block.pdu, tale, base, frozenset(_REPRESENTATIONS)) if room else {}
    rows = tuple(
        _line(line, tree, block, hrefs.get(tree.start, ""))
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
        "indexed": sum(line.representation in (INDEXED, INDEXED_POST_BASE) for line in lines),
        "remembered": sum(line.absolute_index is not None for line in lines),
        "required": block.block.required_insert_count,
        "base": block.block.base,
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
        what=words.quic("http3_section", facts).what,
        rows=rows,
        error=clean(block.block.error or block.pdu.error, 200),
    )


def _line(line: Line, tree: Field, block: FieldBlock, href: str) -> FieldRow:
    never = part_of(tree, "never_indexed")
    kept = _representation(line.representation)
    return FieldRow(
        name=clean(line.entry.name, 80),
        value=clean(line.entry.value, 160),
        representation=_never(kept) if never and never.value else kept,
        href=href,
        pattern=_pattern(tree),
        index=_which(tree, line.absolute_index),
        prefix=_prefix(tree),
        coding=", ".join(codings(tree)),
        wire=line.end - line.start,
        plain=plain_octets(line.entry),
        table=None,
        left=table_said(block.block.table),
    )


def _never(representation: str) -> str:
    return _("%(representation)s, never to be kept", representation=representation)


def _instructions(
    own: Sequence[Instructed], decoder: Decoder, tale: Tale, base: str, room: int
) -> SectionView:
    entries = [each.instruction.entry for each in own]
    wire = sum(each.pdu.size for each in own)
    plain = sum(plain_octets(entry) for entry in entries if entry)
    percent = round(100 * wire / plain) if plain else 0
    stream, direction = place(own[0].pdu)
    facts: dict[str, Raw] = {
        "count": len(own),
        "wire": wire,
        "added": sum(entry is not None for entry in entries),
        "entries": decoder.table.end - decoder.table.first,
        "who": "client" if direction == "sent" else "server",
    }
    return SectionView(
        stream=stream,
        direction=direction,
        title=_("QPACK encoder stream: what it put into its table"),
        href=unit_href(own[0].pdu, tale, base),
        count=len(own),
        wire=wire,
        plain=plain,
        percent=percent,
        what=words.quic("http3_instructions", facts).what,
        rows=tuple(_instruction(each, decoder, tale, base) for each in own[:room]),
        error=clean(decoder.error, 200),
    )


def _instruction(each: Instructed, decoder: Decoder, tale: Tale, base: str) -> FieldRow:
    done = each.instruction
    tree = next(iter(each.pdu.fields().children), each.pdu.fields())
    entry = done.entry
    return FieldRow(
        name=clean(entry.name, 80) if entry else "",
        value=clean(entry.value, 160) if entry else at_most(done.after.max_size),
        representation=_representation(done.name),
        href=unit_href(each.pdu, tale, base),
        pattern=_pattern(tree),
        index=_which(tree, None),
        prefix=_prefix(tree),
        coding=", ".join(codings(tree)),
        wire=each.pdu.size,
        plain=plain_octets(entry) if entry else 0,
        table=_change(done, decoder) if done.before != done.after else None,
        left=table_said(done.after),
    )


def _change(done: Instruction, decoder: Decoder) -> TableChange:
    before, after = done.before, done.after
    gone, new = range(before.first, after.first), range(before.end, after.end)
    said = moved_said(len(new), len(gone))
    if done.name == SET_CAPACITY:
        said.append(_("at most %(size)s", size=f"{after.max_size:,}"))
    return TableChange(
        said=f"{', '.join(said)}: {table_said(after)}",
        before=entry_views(before, decoder.added, gone, "evicted", int),
        after=entry_views(after, decoder.added, new, "added", int),
        older=(older(before), older(after)),
    )


def _representation(name: str) -> str:
    return _(_REPRESENTATIONS.get(name, N_("unreadable")))


def _pattern(tree: Field) -> str:
    pattern = part_of(tree, "pattern")
    return pattern.label if pattern else ""


def _which(tree: Field, absolute: int | None) -> str:
    """Which entry, of which table: RFC 9204 counts in four ways, only the absolute one stays."""
    index = next(_numbers(tree), None)
    if index is None:
        return "" if tree.name == SET_CAPACITY else _("new name")
    said = [_counted(tree, index)]
    if tree.name not in (INDEXED, INDEXED_POST_BASE, DUPLICATE):
        said.append(_("its name"))
    if not _is_static(tree) and absolute is not None:
        said.append(_("entry %(number)s", number=f"{absolute:,}"))
    return ", ".join(said)


def _is_static(tree: Field) -> bool:
    static = part_of(tree, "static_table")
    return static is not None and bool(static.value)


def _counted(tree: Field, index: Field) -> str:
    """An index, and from where it counts."""
    if _is_static(tree):
        return _("%(index)s static", index=index.value)
    if index.name == "post_base_index":
        return _("%(index)s after the base, dynamic", index=index.value)
    return _("%(index)s back, dynamic", index=index.value)


def _numbers(tree: Field) -> Iterator[Field]:
    return (child for child in tree.children if child.name in _INDICES)


def _prefix(tree: Field) -> str:
    number = next(_numbers(tree), None) or part_of(tree, "capacity")
    return prefix_said(number) if number else ""
