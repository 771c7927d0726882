"""Transport parameters: what each side allows the other, from its hello (RFC 9000 §18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from netcore.field import Field, find
from netcore.pdu import Pdu, octets_of
from web import words
from web.addresses import part_hrefs
from web.facts import clean
from web.fieldtree import paths
from web.spoken import figure
from web.spoken import gettext as _
from web.tale import Tale

SHOWN_PARAMETERS = 60
_HELLOS = {(1, "sent"), (8, "received")}  # ClientHello, EncryptedExtensions
_SHOWN = 48  # characters of a value


@dataclass(frozen=True)
class Said:
    """What one side said of a parameter."""

    value: str  # "" if it said nothing
    href: str = ""


@dataclass(frozen=True)
class ParameterRow:
    """A transport parameter."""

    name: str
    ask: words.Text
    why: words.Text
    client: Said
    server: Said


def parameter_rows(tale: Tale, number: str, base: str) -> tuple[ParameterRow, ...]:
    """The parameters of both sides of a connection, in the order in which they were told.

    In: the number of its socket; `base`, the path of the trace. Of hellos that were sent again
    the last one counts.
    """
    said: dict[str, dict[str, Said]] = {"sent": {}, "received": {}}
    told: dict[str, words.Explanation] = {}
    for pdu in hellos(tale, number):
        direction = pdu.origin[0].channel.rpartition(".")[2]
        hrefs = part_hrefs(pdu, tale, base, {"transport_parameter"})
        for name, value, start, explained in _parameters(pdu):
            said[direction][name] = Said(value, hrefs.get(start, ""))
            told.setdefault(name, explained)
    return tuple(
        ParameterRow(
            name=clean(name, 60),
            ask=explained.ask,
            why=explained.why,
            client=said["sent"].get(name, Said("")),
            server=said["received"].get(name, Said("")),
        )
        for name, explained in list(told.items())[:SHOWN_PARAMETERS]
    )


def hellos(tale: Tale, number: str) -> Iterator[Pdu]:
    """The messages that carry transport parameters: ClientHello and EncryptedExtensions."""
    for pdu in tale.explanation.pdus:
        connection, _, way = pdu.origin[0].channel.rpartition(".")
        is_message = pdu.name == "tls_handshake" and connection.startswith(f"quic:{number}/")
        if is_message and pdu.size and (pdu.octets[0], way) in _HELLOS:
            yield pdu


def _parameters(pdu: Pdu) -> Iterator[tuple[str, str, int, words.Explanation]]:
    for path in paths(pdu.fields()).values():
        field = path[-1]
        if field.name != "transport_parameter":
            continue
        identifier = find(field, "transport_parameter_id")
        name = field.label or _("unreadable")
        if name in ("GREASE", "unassigned") and identifier is not None:
            name = f"{name} {identifier.value:#x}"
        body = find(field, "transport_parameter_value")
        leaf = body.children[0] if body and len(body.children) == 1 else None
        trail = (*path, body, leaf) if body and leaf else path
        explained = words.explain_field(pdu.protocol, trail, pdu.octets)
        yield name, _value(pdu, field, body, leaf), field.start, explained


def _value(pdu: Pdu, field: Field, body: Field | None, leaf: Field | None) -> str:
    body = body or find(field, "transport_parameter_data")
    if body is None or not body.length:
        return _("yes") if body is None else _("empty")
    if leaf is not None and isinstance(leaf.value, int):
        return figure(f"{leaf.value:,}")
    shown = octets_of(pdu, body).hex()
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
