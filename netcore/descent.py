"""From any octet of a unit down to the call that moved it, and up to all that was made of it.

Theory of operation. A unit's octets stand in a channel, and a channel is moved by calls or made of
another channel. So one step down leads from an octet to the unit that holds it one layer below: the
frame around a field block, the decrypted record around that frame, the record as it crossed. The
unit below is the smallest one that stands in the same channel and has more in it, and where there
is none, the one whose contents the channel is. Where octets were computed (decrypted, inflated,
decompressed) no octet stands for one octet; then a stretch stands for a stretch, and `exact` says
that it does. A step up is the same relation read backwards, so that going up and down again always
leads to the same octet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple, Protocol

from netcore.channels import Span
from netcore.field import Field
from netcore.framing.http2 import written
from netcore.pdu import DECOMPRESSED, DECRYPTED, INFLATED, Pdu
from netcore.pdus import Explanation
from netcore.placed import Placed
from netcore.registries.hpack import Entry

_COMPUTED = frozenset({DECRYPTED, INFLATED, DECOMPRESSED})
_MOST_STEPS = 16
"""More layers than any protocol here has; what is deeper would be a fault of ours."""


class Stretch(NamedTuple):
    """Octets `start` to `end` of a unit.

    `exact` says of a step between two stretches that each octet of one is an octet of the other.
    """

    pdu: Pdu
    start: int
    end: int
    exact: bool = True


class _Line(Protocol):
    """A line of a field block, in HPACK or QPACK."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def entry(self) -> Entry | None: ...


class Descent:
    """The layers of one explanation."""

    def __init__(self, explanation: Explanation) -> None:
        self._explanation = explanation

    @cached_property
    def _standing(self) -> Placed:
        """The units whose octets stand in channels, the smallest first."""
        units = (pdu for pdu in self._explanation.pdus if pdu.step not in _COMPUTED)
        return Placed(
            (span, pdu) for pdu in sorted(units, key=lambda each: each.size) for span in pdu.origin
        )

    @cached_property
    def _computed(self) -> Placed:
        """The units whose octets were computed, by what they were computed from."""
        units = (pdu for pdu in self._explanation.pdus if pdu.step in _COMPUTED)
        return Placed((pdu.origin[0], pdu) for pdu in units)

    @cached_property
    def _carriers(self) -> Placed:
        """The units whose contents a channel is made of."""
        units = (pdu for pdu in self._explanation.pdus if pdu.carries is not None)
        return Placed((pdu.place, pdu) for pdu in units)

    @cached_property
    def _lines(self) -> dict[int, list[tuple[int, int, int, int]]]:
        """By the number of a field section: its lines, each with its range in the field block."""
        known = self._explanation
        of_http2 = (block for spoken in known.http2.values() for block in spoken.blocks)
        of_http3 = (block for spoken in known.http3.values() for block in spoken.blocks)
        found = {block.section.number: _edges(block.block.lines) for block in of_http2}
        found |= {block.section.number: _edges(block.block.lines) for block in of_http3}
        return found

    def down(self, pdu: Pdu, start: int, end: int) -> list[Stretch]:
        """The chain from octets of a unit down to the unit of a socket's channel, that one last.

        It follows the first of the octets. In: `end` is exclusive. Out: the first is the unit's
        own stretch; none where the unit has no octet there.
        """
        if not 0 <= start < pdu.size:
            return []
        way = [Stretch(pdu, start, max(start + 1, min(end, pdu.size)))]
        while len(way) < _MOST_STEPS:
            below = self.under(*way[-1][:3])
            if below is None:
                break
            way.append(below)
        return way

    def up(self, pdu: Pdu, start: int, end: int) -> list[Stretch]:
        """The chain from octets of a unit up to what they mean, without the unit's own stretch."""
        way = [Stretch(pdu, start, end)]
        while len(way) < _MOST_STEPS:
            above = self.above(*way[-1][:3])
            if not above:
                break
            way.append(above[0])
        return way[1:]

    def under(self, pdu: Pdu, start: int, end: int) -> Stretch | None:
        """One step down: where the first of these octets stands a layer below; None at the bottom.

        At the bottom stand the units of sockets' channels that nothing larger holds.
        """
        if pdu.step == DECOMPRESSED:
            return self._block_under(pdu, start)
        if pdu.step == DECRYPTED:
            return self._whole(pdu.origin[0])
        if pdu.step == INFLATED:
            return self._at(pdu.origin[0], 0, exact=False)
        span = _place_of(pdu, start, end)
        return self._at(span, pdu.size) if span else None

    def above(self, pdu: Pdu, start: int, end: int) -> list[Stretch]:
        """One step up: the stretches whose step down leads to these octets, the largest first."""
        found = {
            (id(stretch.pdu), stretch.start): stretch
            for unit in self._near(pdu, start)
            for stretch in self._made_of(unit, pdu, start, end)
        }
        return sorted(found.values(), key=lambda each: (-each.pdu.size, each.pdu.number))

    def ground(self, pdu: Pdu, start: int) -> list[Span]:
        """The ranges of sockets' channels that an octet of a unit crossed in."""
        bottom = self.down(pdu, start, start + 1)[-1]
        span = _place_of(bottom.pdu, bottom.start, bottom.end)
        return self._explanation.ground(span) if span else []

    def _near(self, pdu: Pdu, start: int) -> Iterator[Pdu]:
        """The units that may have been made from octet `start` of another one, and more."""
        standing = (
            unit
            for place in _places_of(pdu, start)
            for _, unit in self._standing.near(place.channel, place.start)
        )
        ranges = (*pdu.origin, pdu.carries) if pdu.carries is not None else pdu.origin
        computed = (unit for span in ranges for unit in self._computed.around(span))
        found = {unit.number: unit for unit in chain(standing, computed)}
        return (unit for unit in found.values() if unit is not pdu)

    def _made_of(self, unit: Pdu, pdu: Pdu, start: int, end: int) -> Iterator[Stretch]:
        """The stretches of `unit` that these octets became."""
        for at in self._candidates(unit, pdu, start):
            below = self.under(unit, at, unit.size)
            if below is None or below.pdu is not pdu or not below.start <= start < below.end:
                continue
            if below.exact:
                width = min(end - start, below.end - start)
                yield Stretch(unit, at, at + max(1, width))
            else:
                yield Stretch(unit, at, self._reach(unit, at), exact=False)
            return

    def _candidates(self, unit: Pdu, pdu: Pdu, start: int) -> Iterator[int]:
        """Octets of `unit` whose step down may lead to octet `start` of `pdu`."""
        if unit.step == DECOMPRESSED:
            yield from (line[0] for line in self._lines.get(unit.number, ()) if unit.size > line[0])
        elif unit.step in _COMPUTED:
            yield from (0,) if unit.size else ()
        else:
            found = (_octet_at(unit, place) for place in _places_of(pdu, start))
            yield from (at for at in found if at >= 0)

    def _reach(self, unit: Pdu, at: int) -> int:
        """To where the octets of `unit` from `at` on were computed from the same ones."""
        lines = self._lines.get(unit.number, ()) if unit.step == DECOMPRESSED else ()
        return next((end for start, end, *_ in lines if start == at), unit.size)

    def _block_under(self, section: Pdu, at: int) -> Stretch | None:
        lines = self._lines.get(section.number, ())
        line = next((line for line in lines if line[0] <= at < line[1]), None)
        if line is None:
            return None
        origin = section.origin[0]
        for span, pdu in self._standing.near(origin.channel, origin.start):
            if span == origin and pdu.name in ("hpack_field_block", "qpack_field_section"):
                return Stretch(pdu, line[2], line[3], exact=False)
        return None

    def _whole(self, origin: Span) -> Stretch | None:
        """The unit that stands in exactly that range of a channel."""
        placed = self._standing.near(origin.channel, origin.start)
        found = next((pdu for span, pdu in placed if span == origin), None)
        return Stretch(found, 0, found.size, exact=False) if found else None

    def _at(self, span: Span, size: int, *, exact: bool = True) -> Stretch | None:
        """The smallest unit that holds the first octet of a range and is larger than `size`."""
        for place, pdu in self._standing.near(span.channel, span.start):
            if place.start <= span.start < place.end and pdu.size > size:
                start = _before(pdu, place) + span.start - place.start
                return Stretch(pdu, start, start + min(span.end, place.end) - span.start, exact)
        for place, pdu in self._carriers.near(span.channel, span.start):
            if place.start <= span.start < place.end:
                start = span.start - place.start
                return Stretch(pdu, start, start + min(span.end, place.end) - span.start, exact)
        return None


def leaf_at(tree: Field, octet: int) -> tuple[Field, ...]:
    """The fields that an octet belongs to, the outermost first: those with its first bit."""
    path, bit = [tree], octet * 8
    while True:
        inner = (each for each in path[-1].children if each.start <= bit < each.end)
        found = next(inner, None)
        if found is None:
            return tuple(path)
        path.append(found)


def _edges(lines: Iterable[_Line]) -> list[tuple[int, int, int, int]]:
    """Of each line that stands for a field: its range as text, and in the field block."""
    found, at = [], 0
    for line in lines:
        if line.entry is not None:
            end = at + len(written([line.entry])[0])
            found.append((at, end, line.start, line.end))
            at = end
    return found


def _before(pdu: Pdu, place: Span) -> int:
    """How many octets of a unit stand before one of its ranges."""
    before = 0
    for span in pdu.origin:
        if span == place:
            break
        before += span.end - span.start
    return before


def _place_of(pdu: Pdu, start: int, end: int) -> Span | None:
    """Where octets of a unit stand in its channel, as far as they stand side by side there."""
    if pdu.step in _COMPUTED:
        return None
    for span in pdu.origin:
        length = span.end - span.start
        if start < length:
            return Span(span.channel, span.start + start, span.start + min(end, length))
        start, end = start - length, end - length
    return None


def _places_of(pdu: Pdu, start: int) -> list[Span]:
    """Where an octet of a unit stands: in its channel, and in the one made of its contents."""
    stands = _place_of(pdu, start, start + 1)
    places = [] if stands is None else [stands]
    if pdu.carries is not None:
        at = pdu.carries.start + start
        places.append(Span(pdu.carries.channel, at, at + 1))
    return places


def _octet_at(pdu: Pdu, place: Span) -> int:
    """Which octet of a unit stands at the beginning of a range; -1 for none."""
    before = 0
    for span in pdu.origin:
        if span.channel == place.channel and span.start <= place.start < span.end:
            return before + place.start - span.start
        before += span.end - span.start
    return -1
