"""The bits of a few octets, each with the field that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netcore.field import Field
from web.facts import clean
from web.fieldtree import Path, value_of
from web.octets.place import Place
from web.spoken import gettext as _
from web.spoken import number

NUMBER_BITS, TERMS = 32, 3  # of a number whose bits are added up; of a sum that is read at a glance
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Cell:
    """One bit."""

    bit: int  # 7 is the highest
    value: int
    said: str  # "bit 7 at offset 2, value 1, qr: response"
    key: str  # of its field
    href: str
    css: str
    is_cursor: bool


@dataclass(frozen=True)
class Bar:
    """The bits of one field in an octet, under their cells."""

    css: str
    column: int  # of its first bit, 0 to 7
    end: int  # the column after its last bit
    name: str
    value: str
    part: str  # which of its bits these are, "" if all
    weights: (
        str  # what its set bits here are worth in its number, "2⁹ = 512"; "" if that is no help
    )
    key: str
    href: str
    selected: bool


@dataclass(frozen=True)
class OctetBits:
    """An octet of the ruler."""

    octet: int
    digits: str  # "81"
    cells: tuple[Cell, ...]
    numbers: tuple[
        int, ...
    ]  # over the cells: of the field's bits, where it goes on in other octets
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class _Leaf:
    key: str
    field: Field
    css: str
    is_on: bool
    said: str
    value: str


def ruler(
    octets: bytes,
    keyed: Mapping[str, Path],
    shown: range,
    chosen: tuple[int, int],
    cursor: Place | None,
    link: str,
) -> tuple[OctetBits, ...]:
    """The ruler of some octets.

    Args:
        octets: of the unit.
        keyed: its fields, see `web.fieldtree.paths`.
        shown: which octets.
        chosen: the bits that are selected, from the first to before the last.
        cursor: the place that is marked; where it names no bit, the first one of its octet.
        link: of the unit, to which a field and a place are appended.
    """
    leaves = _leaves(octets, keyed, shown, chosen)
    marked = cursor.start_bit if cursor is not None else max(chosen[0], shown.start * 8)
    return tuple(_octet(octets, at, leaves, marked, link) for at in shown)


def _leaves(
    octets: bytes, keyed: Mapping[str, Path], shown: range, chosen: tuple[int, int]
) -> list[_Leaf]:
    leaves = []
    number = 0
    for key, path in keyed.items():
        field = path[-1]
        if field.children or not field.length:
            continue
        number += 1
        if field.end <= shown.start * 8 or field.start >= shown.stop * 8:
            continue
        value = field_value(field, octets)
        said = f"{field.name}: {value}" if value else field.name
        on = field.start < chosen[1] and field.end > chosen[0]
        leaves.append(_Leaf(key, field, "ab"[(number + 1) % 2], on, said, value))
    return leaves


def field_value(field: Field, octets: bytes) -> str:
    """The word for its value, else the value, as far as it has one."""
    return clean(field.label) or value_of(field, octets)


def _octet(octets: bytes, at: int, leaves: list[_Leaf], marked: int, link: str) -> OctetBits:
    low, high = at * 8, at * 8 + 8
    own = [leaf for leaf in leaves if leaf.field.start < high and leaf.field.end > low]
    cells, numbers = [], []
    for position in range(low, high):
        leaf = next((one for one in own if one.field.start <= position < one.field.end), None)
        bit = high - 1 - position
        value = octets[at] >> bit & 1
        numbers.append(leaf.field.end - 1 - position if leaf and _is_split(leaf, low) else bit)
        key = leaf.key if leaf else ""
        cells.append(
            Cell(
                bit=bit,
                value=value,
                said=_said(bit, at, value, leaf),
                key=key,
                href=f"{link}&f={key}&b={at}.{bit}",
                css=f"bit {leaf.css if leaf else ''}{' on' if leaf and leaf.is_on else ''}",
                is_cursor=position == marked,
            )
        )
    bars = tuple(_bar(leaf, low, octets[at], link) for leaf in own)
    return OctetBits(at, f"{octets[at]:02x}", tuple(cells), tuple(numbers), bars)


def _is_split(leaf: _Leaf, low: int) -> bool:
    return leaf.field.start < low or leaf.field.end > low + 8


def _weights(leaf: _Leaf, low: int, octet: int) -> str:
    """What the set bits of an octet are worth in a number that goes on in other octets."""
    field = leaf.field
    if not _is_split(leaf, low) or not isinstance(field.value, int) or field.length > NUMBER_BITS:
        return ""
    positions = range(max(field.start, low), min(field.end, low + 8))
    powers = [field.end - 1 - each for each in positions if octet >> (low + 7 - each) & 1]
    if not 0 < len(powers) <= TERMS:
        return ""
    terms = " + ".join(f"2{str(power).translate(_RAISED)}" for power in powers)
    return f"{terms} = {number(f'{sum(1 << power for power in powers):,}')}"


def _said(bit: int, octet: int, value: int, leaf: _Leaf | None) -> str:
    field = leaf.said if leaf else ""
    said = _(
        "bit %(bit)s at offset %(octet)s, value %(value)s, %(field)s",
        bit=bit,
        octet=octet,
        value=value,
        field=field,
    )
    return str(said)


def _bar(leaf: _Leaf, low: int, octet: int, link: str) -> Bar:
    field, high = leaf.field, low + 8
    first, end = max(field.start, low), min(field.end, high)
    part = ""
    if end - first < field.length:
        part = _(
            "bits %(first)s to %(last)s of its %(all)s",
            first=field.end - first - 1,
            last=field.end - end,
            all=field.length,
        )
    return Bar(
        css=f"bar c{first - low}",
        column=first - low,
        end=end - low,
        name=field.name,
        value=leaf.value,
        part=part,
        weights=_weights(leaf, low, octet),
        key=leaf.key,
        href=f"{link}&f={leaf.key}&b={low // 8}.{high - 1 - first}",
        selected=leaf.is_on,
    )
