"""Crossed: how much of the wire a unit took that was decrypted out of records."""

from __future__ import annotations

from collections.abc import Sequence

from netcore.channels import Span
from netcore.figures import size
from netcore.pdu import DECRYPTED, Pdu
from netcore.pdus import Explanation
from web.spoken import gettext as _


def on_the_wire(explanation: Explanation, pdu: Pdu) -> str:
    """How long the records of a unit were, in words; "" if it was not decrypted.

    So sizes of units and of the call that moved them do not seem to contradict each other.
    """
    records = _records(explanation, pdu)
    return _("%(octets)s on the wire", octets=_size(records)) if records else ""


def opened_from(explanation: Explanation, pdu: Pdu) -> str:
    """Out of how many records a unit was decrypted, in words; "" if it was not."""
    records = _records(explanation, pdu)
    if not records:
        return ""
    octets = _size(records)
    if len(records) == 1:
        return _("Decrypted from a record of %(octets)s, whose seal was verified.", octets=octets)
    text = _("Decrypted from %(records)s records of %(octets)s, whose seals were verified.")
    return text % {"records": f"{len(records):,}", "octets": octets}


def _records(explanation: Explanation, pdu: Pdu) -> list[Span]:
    channel = explanation.channels[pdu.origin[0].channel]
    if pdu.step != DECRYPTED and not any(piece.whole for piece in channel.pieces[:1]):
        return []
    return [ground for span in pdu.origin for ground in explanation.ground(span)]


def _size(records: Sequence[Span]) -> str:
    return size(sum(record.end - record.start for record in records))
