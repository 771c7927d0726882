"""Places: where something stands in a trace, said so that another recording of it has it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from netcore.trace import Called
from web.fieldtree import Path, paths
from web.tale import Tale


class NoSuchPlace(Exception):
    """The trace has nothing of that name."""


@dataclass(frozen=True)
class Place:
    """An event of a trace; of a unit its place among those of the event, and a field of it."""

    event: int
    unit: int = 0  # counted from 1; 0: the event itself
    field: str = ""  # a key of `web.fieldtree`
    path: Path = ()  # to the field, or to the unit where no field is meant
    octets: bytes = b""  # of the unit

    @property
    def query(self) -> str:
        """What selects it on the page of its event, with the question mark; "" for no unit."""
        if not self.unit:
            return ""
        return f"?u={self.unit}&f={self.field}" if self.field else f"?u={self.unit}"


def find_place(tale: Tale, wanted: Mapping[str, Any]) -> Place:
    """The place that is wanted.

    Args:
        tale: the trace.
        wanted: `call`, the name of a function on a TCP socket; or `unit`, a unit's name. `field`
            names a field in it: "host_name", or with its label "extension:key_share". `nth` of
            those that fit is meant, from 1.

    Raises:
        NoSuchPlace: there is none.
    """
    if "call" in wanted:
        return _call(tale, wanted["call"])
    name, _, label = wanted.get("field", "").partition(":")
    left = wanted.get("nth", 1)
    for pdu in tale.explanation.pdus:
        if pdu.name != wanted["unit"]:
            continue
        keyed = paths(tale.explanation.tree(pdu))
        found = [
            (key, path)
            for key, path in keyed.items()
            if path[-1].name == name and (not label or path[-1].label == label)
        ]
        if name and not found:
            continue
        left -= 1
        if not left:
            key, path = found[0] if name else ("", next(iter(keyed.values())))
            event = pdu.events[0]
            units = tale.explanation.of_event(event)
            at = next((at for at, unit in enumerate(units, start=1) if unit is pdu), 0)
            return Place(event, at, key, path, pdu.octets)
    raise NoSuchPlace(f"{dict(wanted)} is nowhere in the trace of {tale.trace.url}")


def _call(tale: Tale, name: str) -> Place:
    for number, event in enumerate(tale.trace.events, start=1):
        if isinstance(event, Called) and event.call == name and event.socket.startswith("tcp"):
            return Place(number)
    raise NoSuchPlace(f"no call of {name}() is in the trace of {tale.trace.url}")
