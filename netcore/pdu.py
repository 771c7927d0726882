"""Pdu: one protocol data unit, where its octets came from, and its field tree on demand."""

from __future__ import annotations

from collections.abc import Sequence

from netcore.channels import Span
from netcore.dissect import DISSECTORS
from netcore.field import Field
from netcore.reader import dissect
from netcore.titles import title

MOST_UNITS = 4_000
"""Units that one channel is cut into; the octets behind them are one unit, `uncut`.

A hostile server can make a unit of every five octets, and each costs some 100 µs to explain.
"""

SLICED = "sliced"  # the octets stand in one channel, side by side
REASSEMBLED = "reassembled"  # they stand in one channel, with octets of others in between
DE_CHUNKED = "de-chunked"
INFLATED = "inflated"


class Pdu:
    """One protocol data unit.

    `protocol` names the dissector, `origin` says which octets of which channel it was made
    from and `step` how. `missing` counts octets that belong to it and were not kept.
    """

    def __init__(
        self,
        protocol: str,
        octets: bytes,
        origin: tuple[Span, ...],
        step: str = SLICED,
        missing: int = 0,
    ) -> None:
        self.protocol = protocol
        self.octets: bytes = octets
        self.origin = origin
        self.step: str = step
        self.missing: int = missing
        self.number = 0  # place among the units of its trace, from 1
        self.events: tuple[int, ...] = ()  # numbers of the calls that moved its octets
        self.inside: Sequence[Pdu] = ()  # the units sliced out of this one whole
        self._fields: Field | None = None
        self._title = ""

    @property
    def key(self) -> str:
        """A name for this unit that stays the same while a trace grows."""
        first = self.origin[0]
        return f"{first.channel}/{first.start}/{self.protocol}"

    @property
    def name(self) -> str:
        """The family of the dissector, which is also the name of the tree's root."""
        return self.protocol.partition(".")[0]

    @property
    def title(self) -> str:
        """What it is called in a timeline: "ClientHello", "GET /"."""
        self._title = self._title or title(self)
        return self._title

    def fields(self) -> Field:
        """The field tree of these octets. Always a tree, whatever the octets."""
        if self._fields is None:
            self._fields = dissect(DISSECTORS[self.protocol], self.octets, self.name)
        return self._fields


def octets_of(pdu: Pdu, field: Field) -> bytes:
    """The octets that a field touches."""
    return pdu.octets[field.start // 8 : (field.end + 7) // 8]
