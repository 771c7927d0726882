"""The switch between the forms of a unit: Wire, Decrypted, Decoded; with why one is not there."""

from __future__ import annotations

from dataclasses import dataclass

from netcore.descent import Stretch
from netcore.lineage import Forms, forms
from netcore.pdu import Pdu
from netcore.pdus import Explanation
from web.addresses import unit_href
from web.fieldtree import Path
from web.spoken import gettext as _
from web.tale import Tale
from web.ways.lineage import octets_href


@dataclass(frozen=True)
class Form:
    """One form. Where there is none, `why` says so and `href` is ""."""

    title: str
    href: str
    event: int
    current: bool
    why: str


def switch_of(tale: Tale, base: str, pdu: Pdu, path: Path, *, selected: bool) -> tuple[Form, ...]:
    """All three forms of a unit, each with the selected field, or with its octets, selected.

    In: `base`, the path of the trace; `path`, the fields down to the selected one; `selected`,
    whether a field is selected at all.
    """
    found = forms(tale.explanation, pdu)
    titles = (_("Wire"), _("Decrypted"), _("Decoded"))
    whys = ("", _why_not_decrypted(tale.explanation, found.wire), _why_not_decoded(found))
    made: list[Form] = []
    for title, form, why in zip(titles, found, whys, strict=True):
        if form is None:
            made.append(Form(title, "", 0, False, why))
            continue
        href = _href(tale, base, pdu, form, path) if selected else unit_href(form, tale, base)
        made.append(Form(title, href, form.events[0], form is pdu, ""))
    return tuple(made)


def _href(tale: Tale, base: str, pdu: Pdu, form: Pdu, path: Path) -> str:
    """The octets in another form; where none stands for them, the field of the same name."""
    field = path[-1]
    descent = tale.descent
    own = Stretch(pdu, field.start // 8, (field.end + 7) // 8)
    if form is pdu:
        return octets_href(tale, base, own)[0]
    chain = [*descent.down(*own[:3]), *descent.up(*own[:3])]
    there = next((each for each in chain if each.pdu is form), None)
    named = unit_href(form, tale, base, field.name)
    if there is not None and (there.exact or named == unit_href(form, tale, base)):
        return octets_href(tale, base, there)[0]
    return named


def _why_not_decrypted(explanation: Explanation, wire: Pdu) -> str:
    if wire.name in ("tls_ciphertext", "quic_packet"):
        return _("No key was recorded that opens this, so it stays closed.")
    if wire.origin[0].channel.partition(":")[2].partition(".")[0] in explanation.tls:
        return _("It crossed before there were keys, so nothing was encrypted.")
    return _("Nothing here was encrypted.")


def _why_not_decoded(found: Forms) -> str:
    if found.decrypted is None and found.wire.name == "tls_ciphertext":
        return _("What stays closed cannot be decoded.")
    return _("These bytes have no coding to undo: no compressed fields, chunks or frames.")
