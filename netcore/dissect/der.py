"""Distinguished Encoding Rules of ASN.1 (ITU-T X.690), the form of certificates.

Theory of operation. Everything is an element: a tag, a length, contents; the contents of a
constructed element are elements again. `element` opens a block as large as the element ahead says
that it is, `read_header` reads the bits of its tag and its length, and whoever called reads the
contents. What breaks a rule of DER but can be read all the same bears an error and is read on.
An element whose end cannot be known, or whose tag is not the one that must stand there, is left
unexplained from there to its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from netcore.dissect.der_identifiers import MOST_OCTETS, dotted_oid
from netcore.dissect.der_strings import STRINGS, TIMES, read_moment, read_text
from netcore.field import Field
from netcore.reader import Group, Reader
from netcore.registries.oids import OIDS

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
NULL: Final = 0x05
OBJECT_IDENTIFIER: Final = 0x06
ENUMERATED: Final = 0x0A
IA5_STRING: Final = 0x16
SEQUENCE: Final = 0x30
SET: Final = 0x31

CLASSES: Final = MappingProxyType(
    {0: "universal", 1: "application", 2: "context-specific", 3: "private"}
)
UNIVERSAL_TAGS: Final = MappingProxyType(
    {
        1: "BOOLEAN",
        2: "INTEGER",
        3: "BIT STRING",
        4: "OCTET STRING",
        5: "NULL",
        6: "OBJECT IDENTIFIER",
        10: "ENUMERATED",
        12: "UTF8String",
        16: "SEQUENCE",
        17: "SET",
        18: "NumericString",
        19: "PrintableString",
        20: "TeletexString",
        22: "IA5String",
        23: "UTCTime",
        24: "GeneralizedTime",
        26: "VisibleString",
        27: "GeneralString",
        28: "UniversalString",
        30: "BMPString",
    }
)

DEPTH: Final = 8  # of elements in elements whose form is not known; real ones nest 4 deep
LENGTH_OCTETS: Final = 4  # no certificate needs more; a handshake message is counted in 3
VALUE_BITS: Final = 64  # longer integers are keys and serial numbers, which have no use as such

_TAG = "X.690 §8.1.2"
_LENGTH = "X.690 §8.1.3"
_LONG_FORM = 0x80
_CONSTRUCTED = 0x20
_MANY_OCTETS = 0x1F  # the tag number stands in the octets that follow


def context(number: int, constructed: bool = False) -> int:
    """The identifier octet of the context-specific tag of that number."""
    return 0x80 | (_CONSTRUCTED if constructed else 0) | number


def tag_name(identifier: int) -> str:
    """What the identifier octet says: "SEQUENCE", "[0]"."""
    number = identifier & 0x1F
    if identifier >> 6:
        return f"[{number}]"
    return UNIVERSAL_TAGS.get(number, f"[UNIVERSAL {number}]")


def element(r: Reader, name: str, spec: str = "", label: str = "") -> Group:
    """A block for the element ahead, whose header is then to be read inside.

    Raises:
        Stopped: nothing is left where the element must stand.
    """
    if not r.remaining:
        r.malformed(f"{name} is missing")
    size = _size(r.peek(2 + LENGTH_OCTETS))
    return r.block(name, r.remaining if size < 0 else size, spec, label)


def _size(ahead: bytes) -> int:
    """Octets of the element that begins with these, -1 if it does not tell."""
    if len(ahead) < 2 or ahead[0] & _MANY_OCTETS == _MANY_OCTETS:
        return -1
    if ahead[1] < _LONG_FORM:
        return 2 + ahead[1]
    count = ahead[1] - _LONG_FORM
    if not 0 < count <= min(LENGTH_OCTETS, len(ahead) - 2):
        return -1
    return 2 + count + int.from_bytes(ahead[2 : 2 + count], "big")


def next_tag(r: Reader) -> int:
    """The identifier octet ahead, -1 at the end: what stands here, or whether it was left out."""
    ahead = r.peek(1)
    return ahead[0] if ahead else -1


def read_header(r: Reader, *wanted: int) -> int:
    """X.690 §8.1.2, §8.1.3: the tag and the length of an element.

    Args:
        r: stands at the element.
        wanted: identifier octets, one of which must stand here; any may if there are none.

    Returns:
        The length of the contents in octets.
    """
    identifier = next_tag(r)
    tag_class = r.uint("tag_class", 2, CLASSES, _TAG)
    r.flag("constructed", _TAG)
    number = r.uint("tag_number", 5, None if tag_class else UNIVERSAL_TAGS, _TAG)
    if number == _MANY_OCTETS:
        r.malformed("a tag number above 30, which nothing here has")
    length = _read_length(r)
    if wanted and identifier not in wanted:
        names = " or ".join(dict.fromkeys(map(tag_name, wanted)))
        r.malformed(f"{names} should stand here, not {tag_name(identifier)}")
    return length


def _read_length(r: Reader) -> int:
    if next_tag(r) < _LONG_FORM:
        return r.uint("length", 8, spec=_LENGTH)
    r.flag("long_form", _LENGTH)
    count = r.uint("length_octets", 7, spec=_LENGTH)
    if not count:
        r.malformed("a length that is told later, which DER forbids")
    if count > LENGTH_OCTETS:
        r.malformed(f"a length of {count} octets, more than anything here needs")
    length = r.uint("length", count * 8, spec=_LENGTH)
    if length < _LONG_FORM or length >> (count - 1) * 8 == 0:
        r.blame("the length could be written shorter, as DER demands")
    return length


def read_whole_header(r: Reader, *wanted: int) -> None:
    """X.690 §8.1: the header of an element that must fill the block around it."""
    length = read_header(r, *wanted)
    if length != r.remaining:
        r.blame(f"the length is {length:,}, and what is there has {r.remaining:,}")


def read_explicit(r: Reader, number: int, *wanted: int) -> None:
    """X.690 §8.14: a context-specific tag around an element; both headers, one after the other."""
    read_header(r, context(number, constructed=True))
    read_whole_header(r, *wanted)


def read_boolean(r: Reader, name: str, spec: str = "") -> bool:
    """X.690 §8.2, §11.1."""
    with element(r, name, spec) as group:
        read_header(r, BOOLEAN)
        _boolean(r, group)
    return bool(group.value)


def _boolean(r: Reader, group: Group) -> None:
    value = r.uint("boolean", 8, {0: "FALSE", 0xFF: "TRUE"})
    if value not in (0, 0xFF):
        r.blame("DER writes 00 for FALSE and ff for TRUE")
    group.value = bool(value)
    group.label = "TRUE" if value else "FALSE"


def read_integer(
    r: Reader,
    name: str,
    spec: str = "",
    registry: Mapping[int, str] | None = None,
    tag: int = INTEGER,
    explicit: int = -1,
) -> int:
    """X.690 §8.3. Returns -1 for what could not be read, and for what is too long for a value."""
    with element(r, name, spec) as group:
        if explicit >= 0:
            read_explicit(r, explicit, tag)
        else:
            read_header(r, tag)
        integer_contents(r, group, registry)
    return group.value if isinstance(group.value, int) else -1


def integer_contents(r: Reader, group: Group, registry: Mapping[int, str] | None = None) -> None:
    """X.690 §8.3: the contents of an INTEGER; a short one becomes the group's value as well."""
    octets = r.peek(r.remaining)
    if not octets:
        r.malformed("a number without an octet")
    first, second = octets[0], octets[1] if len(octets) > 1 else -1
    is_padded = second >= 0 and (first, second >> 7) in ((0, 0), (0xFF, 1))
    if first == 0 and second >= 0x80:
        r.uint("leading_zero", 8)
    if first >= 0x80:
        r.octets("integer", r.remaining, "negative")
    elif r.remaining * 8 <= VALUE_BITS:
        group.value = r.uint("integer", r.remaining * 8, registry)
        group.label = registry.get(group.value, "unassigned") if registry else group.label
    else:
        r.octets("integer", r.remaining)
    if is_padded:
        r.blame("the number could be written shorter, as DER demands")


def read_null(r: Reader, name: str, spec: str = "", tag: int = NULL) -> None:
    """X.690 §8.8."""
    with element(r, name, spec):
        read_header(r, tag)


def read_oid(r: Reader, name: str, spec: str = "", tag: int = OBJECT_IDENTIFIER) -> str:
    """X.690 §8.19. Returns the identifier in dots and digits, "" for what could not be read."""
    with element(r, name, spec) as group:
        read_header(r, tag)
        _oid(r, group)
    return group.value if isinstance(group.value, str) else ""


def _oid(r: Reader, group: Group) -> None:
    dotted = dotted_oid(r.peek(min(r.remaining, MOST_OCTETS + 1)))
    if not dotted:
        r.malformed("no object identifier is written so")
    label = OIDS.get(dotted, "")
    r.add(Field("object_identifier", r.offset * 8, r.remaining * 8, dotted, label))
    group.value, group.label = dotted, label


def read_string(r: Reader, name: str, spec: str = "", tag: int = -1, kind: int = IA5_STRING) -> str:
    """X.690 §8.23: characters. Returns them, "" for what could not be read.

    Args:
        r: stands at the element.
        name: of the field.
        spec: where it is defined.
        tag: the tag in place of its own if it has one; then `kind` is which string it is. Without
            it the string is the one that its tag says.
        kind: see `tag`.
    """
    with element(r, name, spec) as group:
        own = next_tag(r)
        read_header(r, *([tag] if tag >= 0 else STRINGS))
        group.value = read_text(r, kind if tag >= 0 else own)
    return str(group.value or "")


def read_time(r: Reader, name: str, spec: str = "", explicit: int = -1) -> None:
    """X.690 §11.7, §11.8: a UTCTime or a GeneralizedTime, perhaps in an explicit tag."""
    with element(r, name, spec) as group:
        if explicit >= 0:
            read_header(r, context(explicit, constructed=True))
        kind = next_tag(r)
        read_whole_header(r, *TIMES)
        group.value, group.label = read_moment(r, kind)


def read_octet_string(
    r: Reader, name: str, spec: str = "", tag: int = OCTET_STRING, label: str = ""
) -> bytes:
    """X.690 §8.7. Returns the octets."""
    octets = b""
    with element(r, name, spec, label):
        read_header(r, tag)
        octets = r.rest("octet_string", label)
    return octets


def read_unused_bits(r: Reader) -> int:
    """X.690 §8.6.2.2: how many bits at the end of a BIT STRING do not count."""
    unused = r.uint("unused_bits", 8, spec="X.690 §8.6.2.2")
    if unused > 7 or (unused and not r.remaining):
        r.blame("a BIT STRING leaves 0 to 7 bits unused")
        return 0
    return unused


def read_bit_string(r: Reader, name: str, spec: str = "", tag: int = BIT_STRING) -> None:
    """X.690 §8.6."""
    with element(r, name, spec):
        read_header(r, tag)
        read_unused_bits(r)
        r.rest("bit_string")


def read_flags(
    r: Reader, name: str, flags: tuple[str, ...], spec: str = "", tag: int = BIT_STRING
) -> list[str]:
    """X.690 §8.6: a BIT STRING whose bits have names. Returns the names of those that are set."""
    is_set: list[str] = []
    with element(r, name, spec) as group:
        read_header(r, tag)
        unused = read_unused_bits(r)
        count = r.remaining * 8 - unused
        is_set += [flag for flag in flags[:count] if r.flag(flag)]
        group.label = ", ".join(is_set)
        for at in range(len(flags), count, VALUE_BITS):
            r.uint("further_bits", min(VALUE_BITS, count - at))
        if unused:
            r.uint("padding", unused)
    return is_set


def _bits(r: Reader, group: Group) -> None:
    read_unused_bits(r)
    r.rest("bit_string")


def _octets(r: Reader, group: Group) -> None:
    r.rest("octet_string")


def _nothing(r: Reader, group: Group) -> None:
    """X.690 §8.8: NULL has no contents."""


def read_any(r: Reader, name: str = "element", spec: str = "", depth: int = 0) -> None:
    """X.690 §8.1: an element of a form that is not known here, and the elements inside it."""
    with element(r, name, spec) as group:
        identifier = next_tag(r)
        read_header(r)
        group.label = tag_name(identifier)
        if not identifier & _CONSTRUCTED:
            _read_primitive(r, group, identifier)
        elif depth >= DEPTH:
            r.rest("contents", "nested too deeply to be read")
        else:
            while r.remaining:
                read_any(r, "element", depth=depth + 1)


def _read_primitive(r: Reader, group: Group, identifier: int) -> None:
    label = group.label
    if identifier in STRINGS:
        group.value = read_text(r, identifier)
    elif identifier in TIMES:
        group.value, _ = read_moment(r, identifier)
    elif identifier in _PRIMITIVES:
        _PRIMITIVES[identifier](r, group)
    else:
        r.rest("contents")
    group.label = label


def is_element(octets: bytes) -> bool:
    """Whether these octets begin as an element that is exactly as long as they are."""
    return len(octets) > 1 and _size(octets[: 2 + LENGTH_OCTETS]) == len(octets)


_PRIMITIVES: Final = MappingProxyType(
    {
        BOOLEAN: _boolean,
        INTEGER: integer_contents,
        ENUMERATED: integer_contents,
        BIT_STRING: _bits,
        OCTET_STRING: _octets,
        NULL: _nothing,
        OBJECT_IDENTIFIER: _oid,
    }
)
