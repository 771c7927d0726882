"""Pdu: one protocol data unit, where its octets came from, and its field tree on demand."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from netcore.channels import Span
from netcore.decrypt.opened import Protection
from netcore.dissect import DISSECTORS
from netcore.field import Field
from netcore.reader import dissect

MOST_UNITS = 4_000
"""Units that one channel is cut into; the octets behind them are one unit, `uncut`.

A hostile server can make a unit of every five octets, and each costs some 100 µs to explain.
"""

SLICED = "sliced"  # the octets stand in one channel, side by side
REASSEMBLED = "reassembled"  # they stand in one channel, with octets of others in between
DE_CHUNKED = "de-chunked"
INFLATED = "inflated"
DE_FRAMED = "de-framed"  # what DATA frames of one stream carried, joined
DECOMPRESSED = "decompressed"  # the fields that a field block stands for, written down
UNMASKED = "unmasked"  # XORed with the masking key that stands before them
DECRYPTED = "decrypted"  # the octets were computed from whole records, and their tag verified


class Pdu:
    """One protocol data unit.

    `protocol` names the dissector, `origin` says which octets of which channel it was made
    from and `step` how. `missing` counts octets that belong to it and were not kept. `error`
    says why no other unit was made from this one, although it holds one.
    """

    def __init__(
        self,
        protocol: str,
        octets: bytes | memoryview,
        origin: tuple[Span, ...],
        step: str = SLICED,
        missing: int = 0,
        error: str = "",
    ) -> None:
        self.protocol = protocol
        self._octets: bytes | memoryview = octets
        self.origin = origin
        self.step: str = step
        self.missing: int = missing
        self.error: str = error
        self.carries: Span | None = None  # of a derived channel: what the unit's octets begin with
        self.is_opened = False  # an envelope: what matters in it is in other units
        self.protection: Protection | None = None  # what the record was verified with
        self.number = 0  # place among the units of its trace, from 1
        self.events: tuple[int, ...] = ()  # numbers of the calls that moved its octets
        self.inside: Sequence[Pdu] = ()  # the units sliced out of this one whole
        self._fields: Field | None = None

    @property
    def key(self) -> str:
        """A name for this unit that stays the same while a trace grows."""
        first = self.origin[0]
        return f"{first.channel}/{first.start}/{self.name}"

    @property
    def octets(self) -> bytes:
        """Its octets. A view is copied when they are first asked for, which for most is never."""
        if not isinstance(self._octets, bytes):
            self._octets = bytes(self._octets)
        return self._octets

    @property
    def view(self) -> memoryview:
        """Its octets without a copy."""
        return memoryview(self._octets)

    @property
    def size(self) -> int:
        """How many octets it has."""
        return len(self._octets)

    @property
    def place(self) -> Span:
        """Where its octets stand in the channel that units inside it are cut from."""
        return self.carries or self.origin[0]

    @property
    def name(self) -> str:
        """The family of the dissector, which is also the name of the tree's root."""
        return self.protocol.partition(".")[0]

    def fields(self) -> Field:
        """The field tree of these octets. Always a tree, whatever the octets."""
        if self._fields is None:
            self._fields = dissect(DISSECTORS[self.protocol], self.octets, self.name)
        # An error may become known after the tree was read.
        return _blame(self._fields, self.error) if self.error else self._fields


def _blame(tree: Field, error: str) -> Field:
    """The tree with an error on its last leaf, unless there is one already."""
    if tree.children:
        last = _blame(tree.children[-1], error)
        return msgspec.structs.replace(tree, children=(*tree.children[:-1], last))
    return msgspec.structs.replace(tree, error=tree.error or error)


def octets_of(pdu: Pdu, field: Field) -> bytes:
    """The octets that a field touches."""
    return pdu.octets[field.start // 8 : (field.end + 7) // 8]
