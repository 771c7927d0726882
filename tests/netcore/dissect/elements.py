"""Elements of DER made by hand, and looking into trees, for the tests of what reads them."""

from __future__ import annotations

from netcore.field import Field, find
from netcore.reader import Read, dissect


def tlv(tag: int, *contents: bytes) -> bytes:
    """An element: its tag, the shortest form of its length, its contents."""
    content = b"".join(contents)
    count = len(content)
    if count < 0x80:
        return bytes([tag, count]) + content
    octets = count.to_bytes((count.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def sequence(*contents: bytes) -> bytes:
    """A SEQUENCE."""
    return tlv(0x30, *contents)


def integer(number: int) -> bytes:
    """An INTEGER that is not negative."""
    return tlv(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(hexadecimal: str) -> bytes:
    """An OBJECT IDENTIFIER by its contents."""
    return tlv(6, bytes.fromhex(hexadecimal))


def read(function: Read, octets: bytes) -> Field:
    """The tree of octets; its root is called unit."""
    return dissect(function, octets, "unit")


def field(tree: Field, name: str) -> Field:
    """The first field of that name, which must be there."""
    found = find(tree, name)
    assert found is not None, name
    return found


def errors(tree: Field) -> list[str]:
    """All errors of a tree, in wire order."""
    return [each.error for each in tree.walk() if each.error]
