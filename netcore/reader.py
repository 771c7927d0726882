"""Reader: the only way to read octets, and none of its verbs reads without giving a name.

Theory of operation. A Reader stands at a bit of one protocol data unit and builds the field
tree while it moves forward; it cannot move back. `group` puts what is read under a name;
`block` does the same for a known number of octets and *contains* what goes wrong inside: the
error hangs on the block, what is left of it becomes one leaf named `not_explained`, and reading
goes on behind it. Octets that run out, and octets that make no sense (`malformed`), raise
`Stopped`, which never leaves `dissect`. So every input has a tree, every bit of the input is in
exactly one leaf, and the same input always has the same tree. A tree has at most `LEAVES`
leaves that were read, so that a hostile unit costs a bounded time to explain and to show: the
next one raises `Full`, which no block contains.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import NoReturn

import msgspec

from netcore.field import NOT_EXPLAINED, Field

LEAVES = 20_000  # the longest real ClientHellos have 250; 64 KiB of DNS records have 18,000

Read = Callable[["Reader"], None]
"""A dissector: reads one protocol data unit."""


class Stopped(Exception):
    """The octets ran out or make no sense: nothing more can be named in this block."""

    is_shown = False  # whether a field already carries the error


class Full(Stopped):
    """The tree has as many leaves as it may have: nothing more can be named in any block."""


class Reader:
    """A position in the octets of one protocol data unit, and the tree read so far."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0  # bits
        self._end = len(octets) * 8  # bits; the end of the innermost block
        self._children: list[Field] = []
        self._spec = ""  # of the innermost group or block that has one; its leaves share it
        self._leaves = 0

    @property
    def remaining(self) -> int:
        """Whole octets left in this block."""
        return (self._end - self._at) // 8

    @property
    def offset(self) -> int:
        """Octets from the start of the unit to here."""
        return self._at // 8

    @property
    def room(self) -> int:
        """How many leaves may still be read."""
        return LEAVES - self._leaves

    def peek(self, count: int) -> bytes:
        """Look at up to `count` octets ahead in this block, to choose who reads them."""
        start = self._at // 8
        return self._octets[start : min(start + count, self._end // 8)]

    def until(self, stop: bytes) -> int:
        """Octets from here up to the first `stop` in this block; -1 if there is none."""
        start = self._at // 8
        found = self._octets.find(stop, start, self._end // 8)
        return found - start if found >= 0 else -1

    def match(self, pattern: re.Pattern[bytes]) -> int:
        """Octets from here on that the pattern matches, within this block; 0 if it does not."""
        found = pattern.match(self._octets, self._at // 8, self._end // 8)
        return found.end() - found.start() if found else 0

    def malformed(self, error: str) -> NoReturn:
        """Say that what stands here cannot be read; `error` is a sentence for a reader."""
        raise Stopped(error)

    def blame(self, error: str) -> None:
        """Hang an error on the leaf that was just read, and go on reading behind it."""
        self._children[-1] = msgspec.structs.replace(self._children[-1], error=error)

    def uint(
        self,
        name: str,
        bits: int,
        registry: Mapping[int, str] | None = None,
        spec: str = "",
        label: str = "",
    ) -> int:
        """An unsigned integer, most significant bit first, with its registered name as label."""
        value = self._take_uint(name, bits)
        label = label if registry is None else registry.get(value, "unassigned")
        self._leaf(name, bits, value, label, spec)
        return value

    def flag(self, name: str, spec: str = "") -> bool:
        """One bit."""
        value = bool(self._take_uint(name, 1))
        self._leaf(name, 1, value, "", spec)
        return value

    def octets(self, name: str, count: int, label: str = "", spec: str = "") -> bytes:
        """`count` octets as one leaf without a value: its range says where they are."""
        data = self._take_octets(name, count)
        self._leaf(name, count * 8, None, label, spec)
        return data

    def text(self, name: str, count: int, label: str = "", spec: str = "") -> str:
        """`count` octets as text; each octet is one character (ISO 8859-1), as on the wire."""
        value = self._take_octets(name, count).decode("latin-1")
        self._leaf(name, count * 8, value, label, spec)
        return value

    def opaque(self, name: str, length_bits: int, label: str = "", spec: str = "") -> bytes:
        """A length in octets, named `<name>_length`, and a leaf of that many (RFC 8446 §3.4)."""
        return self.octets(name, self.uint(f"{name}_length", length_bits, spec=spec), label, spec)

    def rest(self, name: str, label: str = "", spec: str = "") -> bytes:
        """All octets that are left in this block, as one leaf; no leaf if there are none."""
        if not self.remaining:
            return b""
        return self.octets(name, self.remaining, label, spec)

    def add(self, field: Field) -> None:
        """Take a finished leaf that begins here, for values that no other verb reads."""
        assert field.start == self._at
        assert field.end <= self._end
        self._leaf(field.name, field.length, field.value, field.label, field.spec, field.error)

    def group(self, name: str, spec: str = "", label: str = "") -> Group:
        """What is read inside becomes the parts of one field."""
        return Group(self, name, spec, label)

    def block(self, name: str, count: int, spec: str = "", label: str = "") -> Group:
        """A group of exactly `count` octets; what goes wrong inside stays inside."""
        return Block(self, name, spec, label, count)

    def vector(self, name: str, length_bits: int, spec: str = "", label: str = "") -> Group:
        """A length in octets, named `<name>_length`, and a block of that many (RFC 8446 §3.4)."""
        count = self.uint(f"{name}_length", length_bits, spec=spec)
        return Block(self, name, spec, label, count)

    def _leaf(
        self,
        name: str,
        bits: int,
        value: int | str | bool | None,
        label: str,
        spec: str,
        error: str = "",
    ) -> None:
        if self._leaves >= LEAVES:
            raise Full(f"{LEAVES:,} fields are named already, the rest is left as it is")
        self._leaves += 1
        leaf = Field(name, self._at, bits, value, label, spec or self._spec, error)
        self._children.append(leaf)
        self._at += bits

    def _take_uint(self, name: str, bits: int) -> int:
        end = self._at + bits
        if end > self._end:
            raise Stopped(f"{name} needs {bits} bits, {self._end - self._at} are left")
        last = (end + 7) // 8
        whole = int.from_bytes(self._octets[self._at // 8 : last], "big")
        return (whole >> (last * 8 - end)) & ((1 << bits) - 1)

    def _take_octets(self, name: str, count: int) -> bytes:
        if count > self.remaining:
            raise Stopped(f"{name} needs {count:,} octets, {self.remaining:,} are left")
        assert self._at % 8 == 0, f"{name} does not begin at an octet"
        start = self._at // 8
        return self._octets[start : start + count]

    def _fill_gap(self, error: str) -> None:
        if self._at < self._end:
            self._children.append(Field(NOT_EXPLAINED, self._at, self._end - self._at, error=error))
            self._at = self._end

    def _finish(self, name: str, error: str) -> Field:
        self._fill_gap(error or f"nothing explains these octets of {name}")
        return Field(name, 0, self._end, error=error, children=tuple(self._children))


class Group:
    """A field whose parts are being read, and what it may still be given meanwhile."""

    __slots__ = ("_name", "_outer", "_reader", "_spec", "_start", "label", "value")

    def __init__(self, reader: Reader, name: str, spec: str, label: str) -> None:
        self._reader = reader
        self._name = name
        self._spec = spec
        self.value: int | str | bool | None = None
        self.label = label

    def __enter__(self) -> Group:
        reader = self._reader
        self._start = reader._at
        self._outer = (reader._children, reader._end, reader._spec)
        reader._children = []
        reader._spec = self._spec or reader._spec
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        stop: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        error, is_contained = "", False
        if isinstance(stop, Stopped):
            error = "" if stop.is_shown else str(stop)
            stop.is_shown = True
        self._leave(error, keep=self._reader._at > self._start or bool(error))
        return is_contained

    def _leave(self, error: str, *, keep: bool) -> None:
        reader, start, spec = self._reader, self._start, self._reader._spec
        parts = tuple(reader._children)
        reader._children, reader._end, reader._spec = self._outer
        if keep:
            length = reader._at - start
            field = Field(self._name, start, length, self.value, self.label, spec, error, parts)
            reader._children.append(field)


class Block(Group):
    """A group whose length is known before it is read."""

    __slots__ = ("_count", "_error")

    def __init__(self, reader: Reader, name: str, spec: str, label: str, count: int) -> None:
        super().__init__(reader, name, spec, label)
        self._count = count
        self._error = ""

    def __enter__(self) -> Group:
        super().__enter__()
        reader = self._reader
        there = reader.remaining
        if self._count > there:
            length = f"{self._count:,} octet{'' if self._count == 1 else 's'}"
            self._error = f"{self._name} should be {length} long, {there:,} are there"
        reader._end = reader._at + min(self._count, there) * 8
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        stop: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        is_stopped, is_full = isinstance(stop, Stopped), isinstance(stop, Full)
        error = self._error or (str(stop) if is_stopped else "")
        if is_stopped or stop is None:
            self._reader._fill_gap(error or f"nothing explains these octets of {self._name}")
        self._leave(error, keep=True)
        return is_stopped and not is_full


def dissect(read: Read, octets: bytes, name: str) -> Field:
    """Read one protocol data unit. Any octets give a tree; its root has the given name."""
    reader = Reader(octets)
    error = ""
    try:
        read(reader)
    except Stopped as stop:
        error = str(stop)
    return reader._finish(name, error)
