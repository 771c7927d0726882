"""Traces for the ways: one of HTTP/1.1 over TLS, made in memory, and what the lab gives."""

from __future__ import annotations

from collections.abc import Sequence

from lab import Lab
from netcore import fetch
from netcore.options import Options
from netcore.pdu import Pdu
from netcore.trace import Trace
from web.panes import Panes, Selection, panes
from web.tale import Tale, tell

BASE = "/t/x"


def lab_trace(lab: Lab, name: str) -> Trace:
    """A trace of a target of the lab."""
    target = next(target for target in lab.targets if target.name == name)
    ask = {} if target.ask.http == "auto" else {"http": target.ask.http}
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **ask)
    return fetch(f"{target.url}?secret-path", options)


def lab_tale(lab: Lab, name: str) -> Tale:
    """The same, explained."""
    return tell(lab_trace(lab, name))


def find(pdus: Sequence[Pdu], name: str, direction: str = "received") -> Pdu:
    """The first unit of that name that crossed in a direction."""
    return next(
        pdu for pdu in pdus if pdu.name == name and pdu.origin[0].channel.endswith(direction)
    )


def opened(tale: Tale, pdu: Pdu, field: str = "") -> Panes:
    """The panes with a unit open, and a field of that key."""
    number = pdu.events[0]
    index = tale.explanation.of_event(number).index(pdu) + 1
    return panes(tale, BASE, number, Selection(index, field))
