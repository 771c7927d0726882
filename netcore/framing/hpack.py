"""What field blocks stand for: the walk over the dynamic table of one direction (RFC 7541 §2.3).

Theory of operation. A leaf of a field block says what its own bits say; an index of the dynamic
table means what the blocks before it have put there. So the blocks of a direction are decoded in
order, from their trees, and each representation is resolved beside its tree: with the field that
it stands for and with the table before and after it. Entries are only ever added at one end of the
table and evicted at the other, so all entries that were ever added stand in one list, and a table
is a range of it: any number of tables costs no more than the entries.

After an error nobody can know the table, so no later block of the direction is decoded. What is
decoded is bounded, going in and coming out: a representation of one octet may stand for a field as
large as the table.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from netcore.dissect.hpack import INCREMENTAL, INDEXED, NEVER, SIZE_UPDATE, WITHOUT
from netcore.field import Field
from netcore.registries.hpack import STATIC_TABLE, Entry

TABLE_SIZE: Final = 4_096  # octets, where no SETTINGS_HEADER_TABLE_SIZE says otherwise
BLOCKS_OCTETS: Final = 131_072  # of all field blocks of a direction, that are decoded
FIELDS_OCTETS: Final = 1_048_576  # of all fields that come out of them, counted as table entries
_REPRESENTATIONS: Final = frozenset({INDEXED, INCREMENTAL, WITHOUT, NEVER, SIZE_UPDATE})


class Table(NamedTuple):
    """A dynamic table: a range of all entries that were ever added."""

    first: int = 0  # the oldest entry that is left
    end: int = 0
    size: int = 0  # octets (RFC 7541 §4.1)
    max_size: int = TABLE_SIZE


class Line(NamedTuple):
    """A representation, resolved."""

    start: int  # octets from the beginning of the block
    end: int
    representation: str  # the name of its field in the block's tree
    entry: Entry | None  # the field that it stands for; None for a table's new size
    before: Table
    after: Table


class Block(NamedTuple):
    """A field block, resolved up to an error."""

    lines: tuple[Line, ...]
    before: Table
    after: Table
    error: str

    @property
    def fields(self) -> list[Entry]:
        """The fields that it stands for, in order."""
        return [line.entry for line in self.lines if line.entry is not None]


class Undecodable(Exception):
    """A representation that nobody can resolve; says why."""


class Decoder:
    """One direction of a connection."""

    def __init__(self) -> None:
        self.added: list[Entry] = []
        self.table = Table()
        self.error = ""  # why nothing is decoded any more
        self._octets_left = BLOCKS_OCTETS
        self._fields_left = FIELDS_OCTETS

    def entries(self, table: Table) -> list[Entry]:
        """What was in a table, the newest first: the order of its indices, from 62 on."""
        return self.added[table.first : table.end][::-1]

    def decode(self, tree: Field, max_size: int) -> Block:
        """The next block, by its tree; `max_size` is the most that the receiver has allowed."""
        before, lines = self.table, list[Line]()
        try:
            if self.error:
                raise Undecodable(f"the table is not known since an error before: {self.error}")
            self._octets_left -= tree.length // 8
            if self._octets_left < 0:
                raise Undecodable(f"hpack.too_much: {BLOCKS_OCTETS:,} octets were decoded before")
            for representation in tree.children:
                lines.append(self._resolve(representation, max_size))
        except Undecodable as error:
            self.error = self.error or str(error)
            return Block(tuple(lines), before, self.table, str(error))
        return Block(tuple(lines), before, self.table, "")

    def _resolve(self, representation: Field, max_size: int) -> Line:
        error = next((field.error for field in representation.walk() if field.error), "")
        if error or representation.name not in _REPRESENTATIONS:
            raise Undecodable(error or "hpack: this is no representation")
        parts = {part.name: part.value for part in representation.children}
        index, before = int(parts.get("index") or 0), self.table
        if representation.name == SIZE_UPDATE:
            self._resize(int(parts["max_size"] or 0), max_size)
            entry = None
        else:
            entry = self._entry(representation.name, index, parts)
            self._fields_left -= entry.size
            if self._fields_left < 0:
                raise Undecodable(f"hpack.too_much: {FIELDS_OCTETS:,} octets of fields came before")
            if representation.name == INCREMENTAL:
                self._add(entry)
        start, end = representation.start // 8, representation.end // 8
        return Line(start, end, representation.name, entry, before, self.table)

    def _entry(self, name: str, index: int, parts: dict[str, int | str | bool | None]) -> Entry:
        known = self._at(index) if index else Entry(str(parts.get("name_string") or ""), "")
        return known if name == INDEXED else Entry(known.name, str(parts.get("value_string") or ""))

    def _at(self, index: int) -> Entry:
        """RFC 7541 §2.3.3: the static table, then the dynamic one from its newest entry on."""
        if index in STATIC_TABLE:
            return STATIC_TABLE[index]
        place = self.table.end - (index - len(STATIC_TABLE))
        if place < self.table.first:
            most = len(STATIC_TABLE) + self.table.end - self.table.first
            raise Undecodable(f"hpack.index: there is no entry {index:,}, the last is {most:,}")
        return self.added[place]

    def _add(self, entry: Entry) -> None:
        """RFC 7541 §4.4: evict until it fits; what is larger than the table empties it."""
        self._evict(self.table.max_size - entry.size)
        if entry.size <= self.table.max_size:
            self.added.append(entry)
            size = self.table.size + entry.size
            self.table = self.table._replace(end=len(self.added), size=size)

    def _resize(self, size: int, most: int) -> None:
        """RFC 7541 §4.3 and §6.3."""
        if size > most:
            raise Undecodable(f"hpack.size_update: {size:,} octets, of {most:,} that are allowed")
        self.table = self.table._replace(max_size=size)
        self._evict(size)

    def _evict(self, room: int) -> None:
        first, size = self.table.first, self.table.size
        while size > room and first < self.table.end:
            size -= self.added[first].size
            first += 1
        self.table = self.table._replace(first=first, size=size)
