"""What encoded field sections stand for: the dynamic table of one direction (RFC 9204 §3 and §4).

Theory of operation. The table is changed by instructions on a stream of its own, which may arrive
before or behind the sections that use it. Each entry has an absolute index that never changes, and
a section says how many entries must be there and where it counts from; so all instructions are
read first, in order, and a section means the same whenever it came. Entries are only ever added at
one end of the table and evicted at the other, so all that were ever added stand in one list, and a
table is a range of it. Only the count of entries that a section needs is told modulo twice the
largest number that the table can hold, and so depends on how many had been added when it came.

What is decoded is bounded, going in and coming out, as with HPACK.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from netcore.dissect.qpack import (
    DUPLICATE,
    INDEXED,
    INDEXED_POST_BASE,
    INSERT_LITERAL,
    INSERT_NAMED,
    LITERAL,
    NAMED,
    REPRESENTATIONS,
    SET_CAPACITY,
)
from netcore.field import Field
from netcore.framing.hpack import BLOCKS_OCTETS, FIELDS_OCTETS, Table, Undecodable
from netcore.registries.hpack import Entry
from netcore.registries.qpack import STATIC_TABLE

_Parts = dict[str, int | str | bool | None]
_ENTRY: Final = 32  # octets that the smallest entry counts (RFC 9204 §3.2.1)


class Instruction(NamedTuple):
    """An instruction of an encoder, resolved."""

    name: str  # of its field in the tree
    entry: Entry | None  # that was added; None for a new capacity
    before: Table
    after: Table
    error: str = ""


class Line(NamedTuple):
    """A representation of a field line, resolved."""

    start: int  # octets from the beginning of the section
    end: int
    representation: str  # the name of its field in the section's tree
    entry: Entry
    absolute_index: int | None  # of the entry in the dynamic table that was referred to


class Section(NamedTuple):
    """An encoded field section, resolved up to an error."""

    lines: tuple[Line, ...]
    required_insert_count: int
    base: int
    table: Table  # as it was once the entries were there that the section needs
    error: str

    @property
    def fields(self) -> list[Entry]:
        """The fields that it stands for, in order."""
        return [line.entry for line in self.lines]


class Decoder:
    """One direction of a connection: the entries that its encoder adds, and its sections."""

    def __init__(self, max_capacity: int) -> None:
        """`max_capacity` is what the other side allowed: SETTINGS_QPACK_MAX_TABLE_CAPACITY."""
        self.max_capacity = max_capacity
        self.added: list[Entry] = []
        self.table = Table(max_size=0)
        self.tables: list[Table] = [self.table]  # by how many entries had been added
        self.error = ""  # why no more instructions are read
        self._octets_left = BLOCKS_OCTETS
        self._fields_left = FIELDS_OCTETS

    def entries(self, table: Table) -> list[Entry]:
        """What was in a table, the newest first: the order of relative indices."""
        return self.added[table.first : table.end][::-1]

    def instruct(self, tree: Field) -> Instruction:
        """The next instruction, by its tree (RFC 9204 §4.3)."""
        before, name = self.table, tree.children[0].name if tree.children else ""
        try:
            if self.error:
                raise Undecodable(f"the table is not known since an error before: {self.error}")
            _check(tree)
            entry = self._apply(name, _parts(tree.children[0]))
        except Undecodable as error:
            self.error = self.error or str(error)
            return Instruction(name, None, before, before, str(error))
        return Instruction(name, entry, before, self.table)

    def _apply(self, name: str, parts: _Parts) -> Entry | None:
        if name == SET_CAPACITY:
            self._resize(int(parts.get("capacity") or 0))
            return None
        value = str(parts.get("value_string") or "")
        if name == INSERT_LITERAL:
            entry = Entry(str(parts.get("name_string") or ""), value)
        elif name == DUPLICATE:
            entry = self._relative(int(parts.get("relative_index") or 0), self.table.end)
        elif name == INSERT_NAMED and parts.get("static_table"):
            entry = Entry(STATIC_TABLE[int(parts.get("name_index") or 0)].name, value)
        else:
            named = self._relative(int(parts.get("name_index") or 0), self.table.end)
            entry = Entry(named.name, value)
        self._add(entry)
        return entry

    def _add(self, entry: Entry) -> None:
        """RFC 9204 §3.2.2: evict until it fits; what is larger than the table is an error."""
        if entry.size > self.table.max_size:
            most = self.table.max_size
            raise Undecodable(f"qpack.capacity: {entry.size:,} octets in a table of {most:,}")
        self._fields_left -= entry.size
        if self._fields_left < 0:
            raise Undecodable(f"qpack.too_much: {FIELDS_OCTETS:,} octets of fields came before")
        self._evict(self.table.max_size - entry.size)
        self.added.append(entry)
        size = self.table.size + entry.size
        self.table = self.table._replace(end=len(self.added), size=size)
        self.tables.append(self.table)

    def _resize(self, capacity: int) -> None:
        """RFC 9204 §3.2.3 and §4.3.1."""
        if capacity > self.max_capacity:
            most = self.max_capacity
            raise Undecodable(f"qpack.capacity: {capacity:,} octets, of {most:,} that are allowed")
        self.table = self.table._replace(max_size=capacity)
        self._evict(capacity)
        self.tables[-1] = self.table

    def _evict(self, room: int) -> None:
        first, size = self.table.first, self.table.size
        while size > room and first < self.table.end:
            size -= self.added[first].size
            first += 1
        self.table = self.table._replace(first=first, size=size)

    def _relative(self, index: int, base: int, first: int | None = None) -> Entry:
        """RFC 9204 §3.2.5: counted back from the newest entry, or from the base."""
        return self._absolute(base - 1 - index, self.table.first if first is None else first)

    def _absolute(self, index: int, first: int) -> Entry:
        if not first <= index < len(self.added):
            raise Undecodable(f"qpack.index: the dynamic table has no entry {index:,}")
        return self.added[index]

    # Field sections

    def decode(self, tree: Field, inserted: int) -> Section:
        """A section, by its tree (RFC 9204 §4.5).

        In: how many entries had been added when it came, to which more or less may be needed.
        """
        lines: list[Line] = []
        required = base = 0
        table = self.tables[0]
        try:
            self._octets_left -= tree.length // 8
            if self._octets_left < 0:
                raise Undecodable(f"qpack.too_much: {BLOCKS_OCTETS:,} octets were decoded before")
            required, base = self._prefix(tree, inserted)
            table = self.tables[required]
            for field in tree.children[1:]:
                lines.append(self._line(field, required, base, table))
        except Undecodable as error:
            return Section(tuple(lines), required, base, table, str(error))
        return Section(tuple(lines), required, base, table, "")

    def _prefix(self, tree: Field, inserted: int) -> tuple[int, int]:
        """RFC 9204 §4.5.1.1 and §4.5.1.2."""
        prefix = tree.children[0] if tree.children else tree
        _check(prefix)
        parts = _parts(prefix)
        encoded = int(parts.get("encoded_required_insert_count") or 0)
        required = self._required(encoded, inserted)
        delta = int(parts.get("delta_base") or 0)
        base = required - delta - 1 if parts.get("sign_bit") else required + delta
        if base < 0:
            raise Undecodable("qpack.base: it lies below 0")
        if required > len(self.added):
            there = len(self.added)
            raise Undecodable(
                f"qpack.blocked: the section needs {required:,} entries, {there:,} were recorded"
            )
        return required, base

    def _required(self, encoded: int, inserted: int) -> int:
        if not encoded:
            return 0
        most_entries = self.max_capacity // _ENTRY
        full = 2 * most_entries
        if encoded > full:
            raise Undecodable("qpack.required_insert_count: no such count can be encoded")
        most = inserted + most_entries
        required = most // full * full + encoded - 1
        if required > most:
            required -= full
        if required <= 0:
            raise Undecodable("qpack.required_insert_count: it lies below 1")
        return required

    def _line(self, field: Field, required: int, base: int, table: Table) -> Line:
        _check(field)
        if field.name not in REPRESENTATIONS:
            raise Undecodable("qpack: this is no representation")
        parts = _parts(field)
        entry, index = self._entry(field.name, parts, base, table)
        if index is not None and index >= required:
            raise Undecodable(f"qpack.index: entry {index:,} lies behind the {required:,} required")
        self._fields_left -= entry.size
        if self._fields_left < 0:
            raise Undecodable(f"qpack.too_much: {FIELDS_OCTETS:,} octets of fields came before")
        return Line(field.start // 8, field.end // 8, field.name, entry, index)

    def _entry(self, name: str, parts: _Parts, base: int, table: Table) -> tuple[Entry, int | None]:
        value = str(parts.get("value_string") or "")
        if name == LITERAL:
            return Entry(str(parts.get("name_string") or ""), value), None
        number = int(parts.get("name_index" if name == NAMED else "index") or 0)
        index: int | None = None
        if parts.get("static_table"):
            known = STATIC_TABLE[number]
        else:
            after = int(parts.get("post_base_index") or 0)
            index = base - 1 - number if name in (INDEXED, NAMED) else base + after
            known = self._absolute(index, table.first)
        whole = name in (INDEXED, INDEXED_POST_BASE)
        return (known if whole else Entry(known.name, value)), index


def _check(tree: Field) -> None:
    """Raises: Undecodable for a field that could not be read."""
    error = next((field.error for field in tree.walk() if field.error), "")
    if error:
        raise Undecodable(error)


def _parts(field: Field) -> _Parts:
    return {part.name: part.value for part in field.children}
