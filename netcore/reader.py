"""Reader: the only way to read octets, and none of its verbs reads without giving a name.

Theory of operation. A Reader stands at a bit of one protocol data unit and builds the field
tree while it moves forward; it cannot move back. `group` puts what is read under a name;
`block` does the same for a known number of octets and *contains* what goes wrong inside: the
error hangs on the block, what is left of it becomes one leaf named `not_explained`, and reading
goes on behind it. Octets that run out, and octets that make no sense (`malformed`), raise
`Stopped`, which never leaves `dissect`. So every input has a tree, every bit of the input is in
exactly one leaf, and the same input always has the same tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from netcore.field import NOT_EXPLAINED, Field

Read = Callable[["Reader"], None]
"""A dissector: reads one protocol data unit."""


class Stopped(Exception):
    """The octets ran out or make no sense: nothing more can be named in this block."""


class Reader:
    """A position in the octets of one protocol data unit, and the tree read so far."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._at = 0  # bits
        self._end = len(octets) * 8  # bits; the end of the innermost block
        self._children: list[Field] = []

    @property
    def remaining(self) -> int:
        """Whole octets left in this block."""
        return (self._end - self._at) // 8

    @property
    def offset(self) -> int:
        """Octets from the start of the unit to here."""
        return self._at // 8

    def peek(self, count: int) -> bytes:
        """Look at up to `count` octets ahead in this block, to choose who reads them."""
        start = self._at // 8
        return self._octets[start : min(start + count, self._end // 8)]

    def malformed(self, error: str) -> NoReturn:
        """Say that what stands here cannot be read; `error` is a sentence for a reader."""
        raise Stopped(error)

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
        self._children.append(Field(name, self._at, bits, value=value, label=label, spec=spec))
        self._at += bits
        return value

    def flag(self, name: str, spec: str = "") -> bool:
        """One bit."""
        value = bool(self._take_uint(name, 1))
        self._children.append(Field(name, self._at, 1, value=value, spec=spec))
        self._at += 1
        return value

    def octets(self, name: str, count: int, label: str = "", spec: str = "") -> bytes:
        """`count` octets as one leaf without a value: its range says where they are."""
        data = self._take_octets(name, count)
        self._children.append(Field(name, self._at, count * 8, label=label, spec=spec))
        self._at += count * 8
        return data

    def text(self, name: str, count: int, label: str = "", spec: str = "") -> str:
        """`count` octets as text; each octet is one character (ISO 8859-1), as on the wire."""
        value = self._take_octets(name, count).decode("latin-1")
        self._children.append(Field(name, self._at, count * 8, value=value, label=label, spec=spec))
        self._at += count * 8
        return value

    def rest(self, name: str, label: str = "", spec: str = "") -> bytes:
        """All octets that are left in this block, as one leaf; no leaf if there are none."""
        if not self.remaining:
            return b""
        return self.octets(name, self.remaining, label, spec)

    def add(self, field: Field) -> None:
        """Take a finished leaf that begins here, for values that no other verb reads."""
        assert field.start == self._at
        assert field.end <= self._end
        self._children.append(field)
        self._at = field.end

    @contextmanager
    def group(self, name: str, spec: str = "", label: str = "") -> Iterator[Group]:
        """What is read inside becomes the parts of one field."""
        outer, start = self._children, self._at
        self._children = []
        group = Group(label)
        error = ""
        try:
            yield group
        except Stopped as stop:
            error = str(stop)
            raise
        finally:
            parts = tuple(self._children)
            self._children = outer
            if self._at > start or error:
                outer.append(
                    Field(
                        name,
                        start,
                        self._at - start,
                        value=group.value,
                        label=group.label,
                        spec=spec,
                        error=error if not _has_error(parts) else "",
                        children=parts,
                    )
                )

    @contextmanager
    def block(self, name: str, count: int, spec: str = "", label: str = "") -> Iterator[Group]:
        """A group of exactly `count` octets; what goes wrong inside stays inside."""
        outer, start, outer_end = self._children, self._at, self._end
        short = start + count * 8 - outer_end
        self._end = min(start + count * 8, outer_end)
        self._children = []
        group = Group(label)
        error = ""
        if short > 0:
            there = (outer_end - start) // 8
            error = f"{name} should be {count:,} octets long, {there:,} are there"
        try:
            yield group
        except Stopped as stop:
            error = error or str(stop)
        self._fill_gap(error or f"nothing explains these octets of {name}")
        parts = tuple(self._children)
        self._children, self._end = outer, outer_end
        outer.append(
            Field(
                name,
                start,
                self._at - start,
                value=group.value,
                label=group.label,
                spec=spec,
                error=error,
                children=parts,
            )
        )

    @contextmanager
    def vector(
        self, name: str, length_bits: int, spec: str = "", label: str = ""
    ) -> Iterator[Group]:
        """A length in octets, named `<name>_length`, and a block of that many (RFC 8446 §3.4)."""
        count = self.uint(f"{name}_length", length_bits, spec=spec)
        with self.block(name, count, spec, label) as group:
            yield group

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
    """What a group or block may still be given while it is read."""

    def __init__(self, label: str) -> None:
        self.value: int | str | bool | None = None
        self.label = label


def _has_error(parts: tuple[Field, ...]) -> bool:
    return any(part.error for part in parts)


def dissect(read: Read, octets: bytes, name: str) -> Field:
    """Read one protocol data unit. Any octets give a tree; its root has the given name."""
    reader = Reader(octets)
    error = ""
    try:
        read(reader)
    except Stopped as stop:
        error = str(stop)
    return reader._finish(name, error)
