"""Codings: how the value of a field is written in its bits, and the Python that reads it there.

Nothing is looked up: a coding is named only where undoing it gives the value that the tree has.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from netcore.field import Field
from web.octets.readings import prefix_integer
from web.spoken import gettext as _

_VARINT_OCTETS = (1, 2, 4, 8)  # RFC 9000 §16
_PREFIX_BITS = range(3, 8)  # RFC 7541 and RFC 9204


@dataclass(frozen=True)
class Coding:
    """A way to write a value. `python` reads it from `data`, the octets of the unit."""

    name: str
    python: str


def coding_of(field: Field, octets: bytes) -> Coding | None:
    """How the value of a field is written, None where that is not known.

    In: the octets of the unit that the field's positions refer to.
    """
    if field.length == 0 or field.children:
        return None
    own = octets[field.start // 8 : -(-field.end // 8)]
    place = f"data[{field.start // 8}:{-(-field.end // 8)}]"
    if isinstance(field.value, str):
        return next(_texts(field.value, own, place), None)
    if field.value is None:
        return None
    if field.length % 8 or field.start % 8:
        return _bits(field, own, place)
    return next(_numbers(int(field.value), own, place), None)


def _bits(field: Field, own: bytes, place: str) -> Coding | None:
    """Bits that share octets with others, the most significant first."""
    shift = -field.end % 8
    most = (1 << field.length) - 1
    if int.from_bytes(own) >> shift & most != field.value:
        return _prefixed(field, own, place)
    number = f"data[{field.start // 8}]" if len(own) == 1 else f'int.from_bytes({place}, "big")'
    if field.length == 1:
        return Coding(_("one bit: 1 is yes, 0 is no"), f"bool({number} & 0x{1 << shift:02x})")
    moved = f"{number} >> {shift}" if shift else number
    name = _("%(bits)s bits, the most significant first", bits=field.length)
    return Coding(name, f"{moved} & 0x{most:x}")


def _prefixed(field: Field, own: bytes, place: str) -> Coding | None:
    bits = 8 - field.start % 8
    if bits not in _PREFIX_BITS or prefix_integer(own, bits) != field.value:
        return None
    return Coding(_("HPACK integer, %(bits)s-bit prefix", bits=bits), f"{place}.hex()")


def _numbers(value: int, own: bytes, place: str) -> Iterator[Coding]:
    if int.from_bytes(own) == value:
        bits = len(own) * 8
        one = place.partition(":")[0] + "]"
        if bits == 8:
            yield Coding(_("u8: one byte, 0 to 255"), one)
        name = _("u%(bits)s, big-endian: the first byte counts most", bits=bits)
        yield Coding(name, f'int.from_bytes({place}, "big")')
    if len(own) in _VARINT_OCTETS and len(own) == 1 << (own[0] >> 6):
        most = (1 << len(own) * 8 - 2) - 1
        if int.from_bytes(own) & most == value:
            name = _("QUIC variable-length integer: its first two bits say how long it is")
            yield Coding(name, f'int.from_bytes({place}, "big") & 0x{most:x}')
    yield from _digits(value, own, place)


def _digits(value: int, own: bytes, place: str) -> Iterator[Coding]:
    written = own.decode("latin-1")
    if written.isascii() and written.isdigit() and int(written) == value:
        yield Coding(_("decimal digits, one byte each (ASCII)"), f"int({place})")
    elif written.isascii() and written.isalnum() and written.lower().lstrip("0") == f"{value:x}":
        yield Coding(_("hexadecimal digits, one byte each (ASCII)"), f"int({place}, 16)")


def _texts(value: str, own: bytes, place: str) -> Iterator[Coding]:
    if own.isascii() and own.decode("ascii") == value:
        yield Coding(_("text, one byte a character (ASCII)"), f'{place}.decode("ascii")')
    if len(own) in (4, 16) and str(ipaddress.ip_address(own)) == value:
        name = _("an address, %(bits)s bits as they are", bits=len(own) * 8)
        yield Coding(name, f"ipaddress.ip_address({place})")
    if own.decode("utf-8", "replace") == value:
        yield Coding(_("text, in UTF-8"), f'{place}.decode("utf-8")')
