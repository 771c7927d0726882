"""Addresses: where something is opened, as links say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from netcore.field import Field
from netcore.pdu import Pdu
from netcore.trace import Called
from web.fieldtree import paths
from web.tale import Tale


def unit_href(pdu: Pdu, tale: Tale, base: str, field: str = "") -> str:
    """Where a unit is opened: in the panes of the first call that moved its octets.

    Args:
        pdu: a unit; one that is inside another's tree is opened with that one.
        tale: the trace.
        base: the path of the trace, "/t/<id>".
        field: the name of a field to select, if the unit has one of that name.
    """
    keys = _keys(pdu, tale, field) if field else []
    return _href(pdu, tale, base, next(iter(keys), ""))


def certificate_hrefs(
    pdu: Pdu, tale: Tale, base: str, parts: Collection[str]
) -> list[Mapping[str, str]]:
    """Where the certificates of a Certificate message are opened, and fields of them.

    All of them at once: a message may have ten thousands of fields.

    Args:
        pdu: the message.
        tale: the trace.
        base: the path of the trace, "/t/<id>".
        parts: the names of the fields.

    Returns:
        For each certificate, in their order, the address of each field that it has, by its name,
        and of all of it, by "".
    """
    found: list[dict[str, str]] = []
    unit = _href(pdu, tale, base, "")
    for key, field in _keyed(pdu, tale):
        href = f"{unit}&f={key}" if "?" in unit else unit
        if field.name == _CERTIFICATE:
            found.append({"": href})
        elif found and field.name in parts:
            found[-1].setdefault(field.name, href)
    return list(found)


_CERTIFICATE = "cert_data"


def part_hrefs(pdu: Pdu, tale: Tale, base: str, names: Collection[str]) -> Mapping[int, str]:
    """Where the fields of these names are opened, by where they start in their unit, in bits.

    In: `pdu`, a unit; one that is inside another's tree is opened with that one; `base`, the path
    of the trace. All of them at once, as a unit may have thousands.
    """
    unit = _href(pdu, tale, base, "")
    _, outer = opened_with(pdu, tale)
    start = 0 if outer is pdu else (pdu.origin[0].start - outer.place.start) * 8
    end = start + pdu.size * 8
    return {
        field.start - start: f"{unit}&f={key}" if "?" in unit else unit
        for key, field in _keyed(pdu, tale)
        if field.name in names and start <= field.start < end
    }


def streams_href(tale: Tale, base: str, event: int = 0) -> str:
    """The page of the connection with streams that an event belongs to; "" if it belongs to none.

    In: `event`, its number; 0 for the first such connection of the trace.
    """
    if not event:
        return f"{base}/http2" if tale.explanation.http2 else ""
    units = tale.explanation.of_event(event)
    socket = getattr(tale.trace.events[event - 1], "socket", "")
    number = socket.rpartition(":")[2] if socket.startswith("tcp:") else ""
    speaks = any(unit.name.startswith(("http2_", "hpack_")) for unit in units)
    return f"{base}/http2/{number}" if speaks and number in tale.explanation.http2 else ""


def quic_href(tale: Tale, base: str, event: int = 0) -> str:
    """The page of the QUIC connection that an event belongs to; "" if it belongs to none.

    In: `event`, its number; 0 for the first such connection of the trace.
    """
    known = tale.explanation.quic
    if not event:
        return f"{base}/quic" if known else ""
    socket = getattr(tale.trace.events[event - 1], "socket", "")
    number = socket.rpartition(":")[2] if socket.startswith("udp:") else ""
    moved = bool(tale.explanation.of_event(event))
    return f"{base}/quic/{number}" if moved and number in known else ""


def handshake_href(tale: Tale, base: str, event: int = 0) -> str:
    """The page of the TLS handshake that an event belongs to; "" if it belongs to none.

    In: `event`, its number; 0 for the first connection of the trace, one of QUIC if that speaks
    HTTP/3.
    """
    known = tale.explanation
    over_quic = [f"quic-{number}" for number in known.quic]
    if not event:
        first = [*(f"quic-{number}" for number in known.http3), *known.tls, *over_quic]
        return f"{base}/tls/{first[0]}" if first else ""
    found = tale.trace.events[event - 1]
    protocol, _, number = (found.socket if isinstance(found, Called) else "").rpartition(":")
    if protocol == "udp" and number in known.quic:
        has_said = any(unit.name == "tls_handshake" for unit in known.of_event(event))
        return f"{base}/tls/quic-{number}" if has_said else ""
    return f"{base}/tls/{number}" if protocol == "tcp" and number in known.tls else ""


def _href(pdu: Pdu, tale: Tale, base: str, key: str) -> str:
    at, _ = opened_with(pdu, tale)
    unit = f"?u={at}" + (f"&f={key}" if key else "")
    return f"{base}/e/{pdu.events[0]}" + (unit if at else "")


def opened_with(pdu: Pdu, tale: Tale) -> tuple[int, Pdu]:
    """The unit that it is opened with, and its place among those of the event; 0 for none."""
    for at, unit in enumerate(tale.explanation.of_event(pdu.events[0]), start=1):
        if unit is pdu or any(inner is pdu for inner in unit.inside):
            return at, unit
    return 0, pdu


def _keyed(pdu: Pdu, tale: Tale) -> Iterator[tuple[str, Field]]:
    """The fields of that unit by their keys, parents first."""
    _, unit = opened_with(pdu, tale)
    return ((key, path[-1]) for key, path in paths(tale.explanation.tree(unit)).items())


def _keys(pdu: Pdu, tale: Tale, name: str) -> list[str]:
    return [key for key, field in _keyed(pdu, tale) if field.name == name]
