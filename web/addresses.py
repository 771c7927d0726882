"""Addresses: where something is opened, as links say it."""

from __future__ import annotations

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
    event = pdu.events[0]
    for at, unit in enumerate(tale.explanation.of_event(event), start=1):
        if unit is pdu or any(inner is pdu for inner in unit.inside):
            key = _key(unit, tale, field) if field else ""
            return f"{base}/e/{event}?u={at}" + (f"&f={key}" if key else "")
    return f"{base}/e/{event}"


def handshake_href(tale: Tale, base: str, event: int = 0) -> str:
    """The page of the TLS connection that an event belongs to; "" if it belongs to none.

    In: `event`, its number; 0 for the first connection of the trace.
    """
    found = tale.trace.events[event - 1] if event else None
    socket = found.socket if isinstance(found, Called) else ""
    number = socket.rpartition(":")[2] if event else next(iter(tale.explanation.tls), "")
    of_tls = not event or socket.startswith("tcp:")
    return f"{base}/tls/{number}" if of_tls and number in tale.explanation.tls else ""


def _key(unit: Pdu, tale: Tale, name: str) -> str:
    keyed = paths(tale.explanation.tree(unit))
    return next((key for key, path in keyed.items() if path[-1].name == name), "")
