"""The forms that the same octets have: as they crossed, decrypted, and with their codings undone.

Theory of operation. Every unit keeps the ranges that it was made from, so its other forms are
found by going down to the socket's channel, and up again from there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from netcore.channels import Span
from netcore.pdu import DE_CHUNKED, DE_FRAMED, DECOMPRESSED, DECRYPTED, INFLATED, SLICED, Pdu
from netcore.pdus import Explanation

_DECODED = (INFLATED, DE_CHUNKED, DE_FRAMED, DECOMPRESSED)


class Forms(NamedTuple):
    """The forms of one unit, itself among them. None: there is no such form."""

    wire: Pdu  # the unit of the socket's channel in which its first octet crossed
    decrypted: Pdu | None
    decoded: Pdu | None  # without chunks, frames, header compression and content codings

    @property
    def different(self) -> int:
        """How many forms there are."""
        return len({id(form) for form in self if form is not None})


def forms(explanation: Explanation, pdu: Pdu) -> Forms:
    """The forms of a unit of the explanation, none of which is inside another one's tree."""

    def shown(around: Span) -> list[Pdu]:
        found = explanation.placed.around(around)
        kept = (one for one in found if one.number not in explanation.inner)
        return sorted(kept, key=lambda one: one.number)

    ground = next(iter(explanation.ground(pdu.origin[0])), pdu.origin[0])
    wire = _first(each for each in shown(ground) if _holds(each, ground)) or pdu
    sealed = shown(wire.origin[0]) if wire.is_opened else []
    opened = _first(each for each in sealed if _is_opened_from(each, wire))
    if pdu.step in _DECODED:
        beside = shown(pdu.origin[0])
        cut = _first(each for each in beside if each.step == SLICED and _meet(each, pdu.origin[0]))
        return Forms(wire, (cut or opened) if opened else None, _last(shown, pdu))
    place = opened.place if opened and pdu is wire else pdu.place
    made = (each for each in shown(place) if each.step in _DECODED)
    decoded = _first(each for each in made if any(_overlap(place, span) for span in each.origin))
    decrypted = (opened if pdu is wire else pdu) if opened else None
    return Forms(wire, decrypted, _last(shown, decoded) if decoded else None)


def _holds(pdu: Pdu, ground: Span) -> bool:
    """Whether a unit was cut from a socket's channel and the range begins in it."""
    span = pdu.origin[0]
    begins = span.channel == ground.channel and span.start <= ground.start < span.end
    return begins and pdu.step != DECRYPTED


def _is_opened_from(pdu: Pdu, record: Pdu) -> bool:
    return pdu.step == DECRYPTED and pdu.origin[0] == record.origin[0]


def _last(shown: Callable[[Span], list[Pdu]], decoded: Pdu) -> Pdu:
    """The content without its codings, where these octets are it without chunks or frames."""
    if decoded.step not in (DE_CHUNKED, DE_FRAMED):
        return decoded
    made = (each for each in shown(decoded.place) if each.step == INFLATED)
    return _first(each for each in made if _overlap(decoded.place, each.origin[0])) or decoded


def _meet(pdu: Pdu, span: Span) -> bool:
    return _overlap(pdu.origin[0], span)


def _overlap(one: Span, other: Span) -> bool:
    return one.channel == other.channel and one.start < other.end and other.start < one.end


def _first(pdus: Iterable[Pdu]) -> Pdu | None:
    return next(iter(pdus), None)
