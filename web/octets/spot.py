"""Spot: what is selected among the octets of a unit, exactly: a field, a byte, a bit, a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netcore.field import Field
from web.fieldtree import Path
from web.octets.bits import OctetBits, ruler
from web.octets.place import Place, read_place
from web.octets.readings import Reading, readings
from web.spoken import gettext as _

BYTES, TEXT, BITS = "bytes", "text", "bits"
RULER_OCTETS = 8  # that the ruler shows at once
NAMED_FIELDS = 6  # of those that a range touches


@dataclass(frozen=True)
class Asked:
    """What an address asks for, as it says it."""

    place: str = ""
    view: str = ""


NOTHING_ASKED = Asked()


@dataclass(frozen=True)
class Way:
    """One way to look at the octets."""

    name: str
    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class Spot:
    """What is selected, in words, in bits and in readings."""

    text: str
    state: str  # why the place that was asked for is not shown, or ""
    place: str  # as an address says it, "" for none
    field: str  # the key of the selected field, "" for none
    view: str
    href: str  # of this very selection
    ways: tuple[Way, ...]
    chosen: tuple[int, int]  # octets, from the first to before the last
    cursor: int  # the octet that is marked, -1 for none
    cursor_bit: int
    is_range: bool
    ruler: tuple[OctetBits, ...]
    readings: tuple[Reading, ...]

    @property
    def keep(self) -> str:
        """What links of the same unit append, to stay in this view."""
        return "" if self.view == BYTES else f"&v={self.view}"


def spot(octets: bytes, keyed: Mapping[str, Path], key: str, asked: Asked, link: str) -> Spot:
    """What is selected.

    Args:
        octets: of the unit.
        keyed: its fields, see `web.fieldtree.paths`.
        key: of the field that was asked for, "" for none. A place alone selects the field there.
        asked: the place and the view that were asked for.
        link: of the unit, "/t/<id>/e/<n>?u=1", which parts are appended to.
    """
    place = read_place(asked.place, len(octets))
    view = asked.view if asked.view in (TEXT, BITS) else BYTES
    if place is not None and not _touches(keyed.get(key), place):
        key = _owner(keyed, place)
    field = keyed[key][-1] if key else None
    chosen = _chosen(field, place)
    here = f"{link}&f={key}" if key else link
    here += f"&b={place}" if place else ""
    shown = _ruler_octets(field, place) if _in_bits(view, field, place) else range(0)
    return Spot(
        text=_text(keyed, field, place),
        state=_state(asked.place, len(octets)) if asked.place and place is None else "",
        place=str(place or ""),
        field=key,
        view=view,
        href=here + ("" if view == BYTES else f"&v={view}"),
        ways=_ways(here, view),
        chosen=chosen,
        cursor=place.first if place else -1,
        cursor_bit=place.bit if place else -1,
        is_range=place is not None and place.is_range,
        ruler=ruler(octets, keyed, shown, _bits(field, place), place, link),
        readings=readings(octets[place.first : place.end]) if place and place.is_range else (),
    )


def _touches(path: Path | None, place: Place) -> bool:
    """Whether the place lies in the field, so that the address names two things that agree."""
    if path is None:
        return False
    start, end = place.start_bit, place.start_bit + 1 if place.bit >= 0 else place.end * 8
    return path[-1].start < end and path[-1].end > start


def _owner(keyed: Mapping[str, Path], place: Place) -> str:
    """The key of the leaf that has the first bit of a place."""
    at = place.start_bit
    leaves = (key for key, path in keyed.items() if not path[-1].children)
    return next((key for key in leaves if keyed[key][-1].start <= at < keyed[key][-1].end), "")


def _chosen(field: Field | None, place: Place | None) -> tuple[int, int]:
    if place is not None and place.is_range:
        return place.first, place.end
    return (field.start // 8, (field.end + 7) // 8) if field is not None else (0, 0)


def _bits(field: Field | None, place: Place | None) -> tuple[int, int]:
    if place is not None and place.is_range:
        return place.first * 8, place.end * 8
    return (field.start, field.end) if field is not None else (0, 0)


def _in_bits(view: str, field: Field | None, place: Place | None) -> bool:
    """Whether bits are shown: asked for, or what is selected is not made of whole octets."""
    if view == BITS or (place is not None and place.bit >= 0):
        return True
    if place is not None and place.is_range:
        return False
    return field is not None and bool(field.length) and bool(field.start % 8 or field.end % 8)


def _ruler_octets(field: Field | None, place: Place | None) -> range:
    """Which octets the ruler shows: those of the field, or as many of them around the place."""
    if place is not None and (place.is_range or field is None):
        return range(place.first, min(place.end, place.first + RULER_OCTETS))
    if field is None:
        return range(0)
    first, end = field.start // 8, (field.end + 7) // 8
    if end - first > RULER_OCTETS and place is not None and place.first < end:
        first += max(0, place.first - first) // RULER_OCTETS * RULER_OCTETS
    return range(first, min(end, first + RULER_OCTETS))


def _ways(here: str, view: str) -> tuple[Way, ...]:
    titles = {BYTES: _("Hex"), TEXT: _("Text"), BITS: _("Bits")}
    return tuple(
        Way(name, title, here + ("" if name == BYTES else f"&v={name}"), name == view)
        for name, title in titles.items()
    )


def _text(keyed: Mapping[str, Path], field: Field | None, place: Place | None) -> str:
    """The place in words."""
    if place is None:
        return _field_text(field)
    name = field.name if field else ""
    if place.bit >= 0:
        return str(
            _(
                "bit %(bit)s at offset %(octet)s, %(field)s",
                bit=place.bit,
                octet=f"{place.first:,}",
                field=name,
            )
        )
    if not place.is_range or place.end - place.first == 1:
        return str(_("offset %(octet)s, %(field)s", octet=f"{place.first:,}", field=name))
    return str(
        _(
            "offsets %(first)s to %(last)s, %(count)s bytes: %(fields)s",
            first=f"{place.first:,}",
            last=f"{place.end - 1:,}",
            count=f"{place.end - place.first:,}",
            fields=_names(keyed, place),
        )
    )


def _field_text(field: Field | None) -> str:
    if field is None:
        return str(_("Nothing is selected. Choose a field, or drag over bytes."))
    first, last = field.start // 8, max(field.start, field.end - 1) // 8
    if first == last and field.length % 8:
        return _bits_text(field)
    if first == last:
        return str(_("offset %(octet)s, %(field)s", octet=f"{first:,}", field=field.name))
    return str(
        _(
            "offsets %(first)s to %(last)s, %(field)s",
            first=f"{first:,}",
            last=f"{last:,}",
            field=field.name,
        )
    )


def _bits_text(field: Field) -> str:
    """The bits of a field that is part of one octet."""
    octet = f"{field.start // 8:,}"
    high, low = 7 - field.start % 8, 7 - (field.end - 1) % 8
    if high == low:
        said = _(
            "bit %(bit)s at offset %(octet)s, %(field)s", bit=high, octet=octet, field=field.name
        )
    else:
        said = _(
            "bits %(high)s to %(low)s at offset %(octet)s, %(field)s",
            high=high,
            low=low,
            octet=octet,
            field=field.name,
        )
    return str(said)


def _names(keyed: Mapping[str, Path], place: Place) -> str:
    """The names of the leaves that a range touches, the first few."""
    names: list[str] = []
    for path in keyed.values():
        leaf = path[-1]
        if leaf.children or leaf.end <= place.first * 8 or leaf.start >= place.end * 8:
            continue
        if leaf.name not in names:
            names.append(leaf.name)
        if len(names) > NAMED_FIELDS:
            names[-1] = "…"
            break
    return ", ".join(names)


def _state(untrusted: str, size: int) -> str:
    return str(
        _(
            "The address asks for the place “%(place)s”, and this unit of %(size)s bytes has "
            "none of that name.",
            place=untrusted[:20],
            size=f"{size:,}",
        )
    )
