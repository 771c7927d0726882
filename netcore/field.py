"""Field: one named run of bits."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

NOT_EXPLAINED = "not_explained"
"""The name of a leaf whose octets no dissector could name."""


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """One named run of bits of a protocol data unit, perhaps with parts.

    The children of a field touch each other, stand in wire order and cover their parent, so
    the leaves of a tree cover its root exactly once. A leaf's value comes from its own bits.
    """

    name: str  # the RFC's name, in snake_case: "legacy_session_id"
    start: int  # bits from the start of the unit
    length: int  # bits
    value: int | str | bool | None = None  # raw octets are never copied here
    label: str = ""  # the registry's word for the value: "TLS_AES_128_GCM_SHA256"
    spec: str = ""  # "RFC 8446 §4.1.2"
    error: str = ""  # why reading stopped here
    children: tuple[Field, ...] = ()

    @property
    def end(self) -> int:
        """The bit after the last one."""
        return self.start + self.length

    def leaves(self) -> Iterator[Field]:
        """The fields without parts, in wire order; empty leaves are included."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def walk(self) -> Iterator[Field]:
        """This field and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


def find(field: Field, name: str) -> Field | None:
    """The first field of that name in wire order, or None."""
    return next(find_all(field, name), None)


def find_all(field: Field, name: str) -> Iterator[Field]:
    """All fields of that name in wire order."""
    return (each for each in field.walk() if each.name == name)
