"""Lineage: where the selected octets came from, and what they became, as steps with links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.channels import Span
from netcore.descent import Descent, Stretch
from netcore.figures import duration
from netcore.packet_places import packets_of
from netcore.pdu import DECRYPTED, INFLATED, Pdu
from netcore.trace import Called, Captured
from web.addresses import opened_with
from web.both_ends import clock_lines
from web.calls import call_text
from web.facts import clean
from web.fieldtree import Path, paths
from web.panes import layer_of
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

MOST_CALLS = 4


@dataclass(frozen=True)
class Step:
    """One layer of the way. `how` says what lies between it and the step below."""

    layer: str
    title: str
    field: str  # the innermost field that holds the octets
    place: str
    how: str
    href: str
    event: int
    current: bool


@dataclass(frozen=True)
class Moved:
    """A call that moved the octets, or a packet that carried them, at the bottom."""

    text: str
    place: str
    kernel: str  # what the kernel's clock says of it, or ""
    href: str
    event: int


@dataclass(frozen=True)
class Lineage:
    """The whole way, what the octets mean first and the calls last."""

    steps: tuple[Step, ...]
    packets: tuple[Moved, ...]  # that carried them, where packets were captured
    calls: tuple[Moved, ...]
    more_calls: int


def lineage_of(tale: Tale, base: str, pdu: Pdu, path: Path) -> Lineage:
    """The way through the layers of the selected field, or of a whole unit.

    In: `base`, the path of the trace; `path`, the fields from the root of the unit's tree to the
    selected one. It follows the first octet.
    """
    descent = tale.descent
    start, end = path[-1].start // 8, (path[-1].end + 7) // 8
    down = descent.down(pdu, start, end)
    if not down:
        return Lineage((), (), (), 0)
    up = descent.up(pdu, *down[0][1:3])
    chain = [*reversed(up), *down]
    steps = tuple(
        _step(tale, base, stretch, _how(chain, at), current=stretch is down[0])
        for at, stretch in enumerate(chain)
    )
    grounds = _ground(descent, pdu, start, end)
    numbers = _calls(tale, grounds)
    calls = tuple(_moved(tale, base, number, grounds) for number in numbers[:MOST_CALLS])
    packets = _packets(tale, base, grounds[0]) if grounds and tale.captured else ()
    return Lineage(steps, packets, calls, max(0, len(numbers) - MOST_CALLS))


def _ground(descent: Descent, pdu: Pdu, start: int, end: int) -> list[Span]:
    """The ranges of sockets' channels that octets of a unit crossed in, from the first to the last
    of them where both crossed in one range."""
    first, last = descent.ground(pdu, start), descent.ground(pdu, max(start, end - 1))
    if len(first) != 1 or len(last) != 1 or first[0].channel != last[0].channel:
        return first
    low, high = min(first[0].start, last[0].start), max(first[0].end, last[0].end)
    return [Span(first[0].channel, low, high)]


def octets_href(tale: Tale, base: str, stretch: Stretch) -> tuple[str, str]:
    """Where octets are opened, with the innermost field selected that holds them, and its name."""
    at, outer = opened_with(stretch.pdu, tale)
    href = f"{base}/e/{stretch.pdu.events[0]}?u={at}" if at else f"{base}/e/{stretch.pdu.events[0]}"
    shift = 0 if outer is stretch.pdu else stretch.pdu.origin[0].start - outer.place.start
    start, end = (shift + stretch.start) * 8, (shift + stretch.end) * 8
    found, name = "", outer.name
    for key, path in paths(tale.explanation.tree(outer)).items():
        field = path[-1]
        if field.start <= start and end <= field.end:
            found, name = key, _said(path)
    return (f"{href}&f={found}" if at and found else href), name


def _said(path: Path) -> str:
    """A field by its name; a part of one line of many with what the line is called."""
    field = path[-1]
    named = [
        part.value
        for outer in path[1:]
        for part in outer.children
        if part.name == "field_name" and isinstance(part.value, str)
    ]
    return f"{clean(named[-1])}, {field.name}" if named else field.name


def _step(tale: Tale, base: str, stretch: Stretch, how: str, *, current: bool) -> Step:
    href, field = octets_href(tale, base, stretch)
    pdu = stretch.pdu
    return Step(
        layer=layer_of(pdu.name, "wait"),
        title=clean(unit_title(pdu)),
        field=field,
        place=_place(stretch.start, stretch.end, pdu.size),
        how=how,
        href=href,
        event=pdu.events[0],
        current=current,
    )


def _how(chain: Sequence[Stretch], at: int) -> str:
    """What was done to the step below to get this one, in words."""
    if at + 1 == len(chain):
        return ""
    pdu, below = chain[at].pdu, chain[at + 1]
    if pdu.step == DECRYPTED:
        return _("decrypted, all of it at once, from")
    if pdu.step == INFLATED:
        return _("inflated, as a whole, from")
    if pdu.name.endswith("_field_section") and below.pdu.name in _BLOCKS:
        return _("decompressed from")
    if pdu.step == "unmasked":
        return _("unmasked, byte by byte, from")
    return _("the same bytes, in")


_BLOCKS = ("hpack_field_block", "qpack_field_section")


def _place(start: int, end: int, size: int) -> str:
    if end - start == size:
        return _("all %(size)s bytes", size=f"{size:,}")
    if end - start == 1:
        return _("offset %(start)s of %(size)s bytes", start=f"{start:,}", size=f"{size:,}")
    return _(
        "offsets %(start)s to %(last)s of %(size)s bytes",
        start=f"{start:,}",
        last=f"{end - 1:,}",
        size=f"{size:,}",
    )


def _packets(tale: Tale, base: str, ground: Span) -> tuple[Moved, ...]:
    """The first packets that carried the octets."""
    found: list[Moved] = []
    for number, start, end in packets_of(tale.trace.events, ground)[:MOST_CALLS]:
        event, units = tale.trace.events[number - 1], tale.explanation.of_event(number)
        if not isinstance(event, Captured) or not units:
            continue
        href, _field = octets_href(tale, base, Stretch(units[0], start, min(end, units[0].size)))
        interface = clean(event.interface)
        text = _(
            "packet on %(interface)s, %(way)s", interface=interface, way=clean(event.direction)
        )
        passed = _("It passed there at %(time)s.", time=duration(event.time_ns))
        found.append(Moved(text, _place(start, end, event.length), passed, href, number))
    return tuple(found)


def _calls(tale: Tale, grounds: Sequence[Span]) -> list[int]:
    channels = tale.explanation.channels
    numbers = {
        number
        for ground in grounds
        for number in channels[ground.channel].events(ground.start, ground.end)
    }
    return sorted(numbers)


def _moved(tale: Tale, base: str, number: int, grounds: Sequence[Span]) -> Moved:
    event = tale.trace.events[number - 1]
    if not isinstance(event, Called):
        return Moved(_("a captured packet"), "", "", f"{base}/e/{number}", number)
    own = [ground for ground in grounds if ground.channel == event.channel]
    start = max(own[0].start, event.offset) - event.offset
    end = min(own[-1].end, event.offset + event.length) - event.offset
    return Moved(
        text=call_text(event),
        place=_place(start, max(end, start + 1), event.length),
        kernel=clock_lines(tale, event),
        href=f"{base}/e/{number}",
        event=number,
    )
