"""Names in certificates (RFC 5280 §4.1.2.4 and §4.2.1.6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from netcore.dissect import der
from netcore.dissect.der import context
from netcore.dissect.der_strings import STRINGS
from netcore.field import Field
from netcore.reader import Reader
from netcore.registries.oids import OIDS, SHORT_NAMES

VALUE_CHARACTERS: Final = 64  # RFC 5280 appendix A.1: ub-common-name
NAME_CHARACTERS: Final = 200  # of a name as one text, for a label

_NAME = "RFC 5280 §4.1.2.4"
_GENERAL_NAME = "RFC 5280 §4.2.1.6"


def read_name(r: Reader, name: str, spec: str = _NAME, explicit: int = -1) -> None:
    """RFC 5280 §4.1.2.4: a Name, perhaps in an explicit tag; its text becomes the label."""
    with der.element(r, name, spec) as group:
        if explicit >= 0:
            der.read_explicit(r, explicit, der.SEQUENCE)
        else:
            der.read_whole_header(r, der.SEQUENCE)
        while r.remaining:
            text = read_relative_distinguished_name(r)
            together = f"{group.label}, {text}" if group.label else text
            group.label = together[:NAME_CHARACTERS]


def read_relative_distinguished_name(
    r: Reader, name: str = "relative_distinguished_name", tag: int = der.SET
) -> str:
    """RFC 5280 §4.1.2.4. Returns it as text: "CN=example.com"."""
    with der.element(r, name) as group:
        der.read_header(r, tag)
        while r.remaining:
            text = _read_attribute(r)
            together = f"{group.label}+{text}" if group.label else text
            group.label = together[:NAME_CHARACTERS]
    return group.label


def _read_attribute(r: Reader) -> str:
    with der.element(r, "attribute_type_and_value") as group:
        der.read_header(r, der.SEQUENCE)
        oid = der.read_oid(r, "type")
        if der.next_tag(r) in STRINGS:
            text = der.read_string(r, "value")
        else:
            der.read_any(r, "value")
            text = "…"
        kind = SHORT_NAMES.get(oid) or OIDS.get(oid) or oid
        group.label = f"{kind}={text[:VALUE_CHARACTERS]}"
    return group.label


def read_general_names(
    r: Reader, name: str, spec: str = _GENERAL_NAME, tag: int = der.SEQUENCE
) -> None:
    """RFC 5280 §4.2.1.6: GeneralNames."""
    with der.element(r, name, spec):
        der.read_header(r, tag)
        read_general_names_contents(r)


def read_general_names_contents(r: Reader) -> None:
    """RFC 5280 §4.2.1.6: GeneralName, as many as there are."""
    while r.remaining:
        read_general_name(r)


def read_general_name(r: Reader, is_subtree: bool = False) -> None:
    """RFC 5280 §4.2.1.6; where it is the base of a subtree, §4.2.1.10."""
    tag = der.next_tag(r)
    if is_subtree and tag == _IP_ADDRESS:
        _read_address_range(r)
    elif tag in _KINDS:
        _KINDS[tag](r)
    else:
        der.read_any(r, "general_name", _GENERAL_NAME)
        r.blame("a name of a kind that RFC 5280 does not have")


def _read_other_name(r: Reader) -> None:
    with der.element(r, "other_name", _GENERAL_NAME) as group:
        der.read_header(r, context(0, constructed=True))
        oid = der.read_oid(r, "type_id")
        group.label = OIDS.get(oid, oid)
        with der.element(r, "value"):
            der.read_header(r, context(0, constructed=True))
            der.read_any(r)


def _read_x400_address(r: Reader) -> None:
    der.read_any(r, "x400_address", _GENERAL_NAME)


def _read_directory_name(r: Reader) -> None:
    read_name(r, "directory_name", _GENERAL_NAME, explicit=4)


def _read_edi_party_name(r: Reader) -> None:
    with der.element(r, "edi_party_name", _GENERAL_NAME):
        der.read_header(r, context(5, constructed=True))
        for number, name in ((0, "name_assigner"), (1, "party_name")):
            if der.next_tag(r) == context(number, constructed=True):
                with der.element(r, name):
                    der.read_header(r, context(number, constructed=True))
                    der.read_string(r, "directory_string")


def _string_reader(name: str, number: int) -> Callable[[Reader], None]:
    def read(r: Reader) -> None:
        der.read_string(r, name, _GENERAL_NAME, tag=context(number))

    return read


def _read_ip_address(r: Reader) -> None:
    with der.element(r, "ip_address", _GENERAL_NAME) as group:
        der.read_header(r, _IP_ADDRESS)
        if r.remaining not in (4, 16):
            r.malformed(f"an address has 4 or 16 octets, not {r.remaining:,}")
        group.value = _read_address(r, "address", r.remaining)


def _read_address_range(r: Reader) -> None:
    with der.element(r, "ip_address", "RFC 5280 §4.2.1.10") as group:
        der.read_header(r, _IP_ADDRESS)
        if r.remaining not in (8, 32):
            r.malformed(f"an address and a mask have 8 or 32 octets, not {r.remaining:,}")
        half = r.remaining // 2
        address = _read_address(r, "address", half)
        group.label = f"{address}/{_read_address(r, 'mask', half)}"


def _read_address(r: Reader, name: str, octets: int) -> str:
    value = str(ipaddress.ip_address(r.peek(octets)))
    r.add(Field(name, r.offset * 8, octets * 8, value))
    return value


def _read_registered_id(r: Reader) -> None:
    der.read_oid(r, "registered_id", _GENERAL_NAME, tag=context(8))


_IP_ADDRESS = context(7)
_KINDS: Final = MappingProxyType[int, Callable[[Reader], None]](
    {
        context(0, constructed=True): _read_other_name,
        context(1): _string_reader("rfc822_name", 1),
        context(2): _string_reader("dns_name", 2),
        context(3, constructed=True): _read_x400_address,
        context(4, constructed=True): _read_directory_name,
        context(5, constructed=True): _read_edi_party_name,
        context(6): _string_reader("uniform_resource_identifier", 6),
        _IP_ADDRESS: _read_ip_address,
        context(8): _read_registered_id,
    }
)
