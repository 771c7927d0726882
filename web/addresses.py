"""Addresses: where something is opened, as links say it."""

from __future__ import annotations

from collections.abc import Iterator

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


def certificate_href(pdu: Pdu, tale: Tale, base: str, place: int, part: str) -> str:
    """Where a certificate of a Certificate message is opened, or a field of it.

    Args:
        pdu: the message.
        tale: the trace.
        base: the path of the trace, "/t/<id>".
        place: which of its certificates, from 1.
        part: the name of a field of the certificate; where it has none, all of it is selected.
    """
    certificates = 0
    found = ""
    for key, field in _keyed(pdu, tale):
        certificates += field.name == _CERTIFICATE
        if certificates > place:
            break
        if certificates == place and field.name in (_CERTIFICATE, part):
            found = key
            if field.name == part:
                break
    return _href(pdu, tale, base, found)


_CERTIFICATE = "cert_data"


def handshake_href(tale: Tale, base: str, event: int = 0) -> str:
    """The page of the TLS connection that an event belongs to; "" if it belongs to none.

    In: `event`, its number; 0 for the first connection of the trace.
    """
    found = tale.trace.events[event - 1] if event else None
    socket = found.socket if isinstance(found, Called) else ""
    number = socket.rpartition(":")[2] if event else next(iter(tale.explanation.tls), "")
    of_tls = not event or socket.startswith("tcp:")
    return f"{base}/tls/{number}" if of_tls and number in tale.explanation.tls else ""


def _href(pdu: Pdu, tale: Tale, base: str, key: str) -> str:
    at, _ = _opened(pdu, tale)
    unit = f"?u={at}" + (f"&f={key}" if key else "")
    return f"{base}/e/{pdu.events[0]}" + (unit if at else "")


def _opened(pdu: Pdu, tale: Tale) -> tuple[int, Pdu]:
    """The unit that it is opened with, and its place among those of the event; 0 for none."""
    for at, unit in enumerate(tale.explanation.of_event(pdu.events[0]), start=1):
        if unit is pdu or any(inner is pdu for inner in unit.inside):
            return at, unit
    return 0, pdu


def _keyed(pdu: Pdu, tale: Tale) -> Iterator[tuple[str, Field]]:
    """The fields of that unit by their keys, parents first."""
    _, unit = _opened(pdu, tale)
    return ((key, path[-1]) for key, path in paths(tale.explanation.tree(unit)).items())


def _keys(pdu: Pdu, tale: Tale, name: str) -> list[str]:
    return [key for key, field in _keyed(pdu, tale) if field.name == name]
