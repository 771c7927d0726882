"""The examples that the authors of JA3 and JA4 publish, and hellos that have little in them.

JA3: README.md of github.com/salesforce/ja3. JA4: technical_details/JA4.md of
github.com/FoxIO-LLC/ja4.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.field import Field
from netcore.handshake.fingerprints import ja3, ja4
from netcore.reader import dissect
from tests.netcore.decrypt import rfc8448

Extension = tuple[int, bytes]

GREASE = 0x3A3A
CIPHERS = (
    *(0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8),
    *(0xC013, 0xC014, 0x009C, 0x009D, 0x002F, 0x0035),
)
SCHEMES = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)
ORDER = (
    *(0x001B, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002D, 0x000D),
    *(0x0005, 0x0023, 0x0012, 0x002B, 0xFF01, 0x000B, 0x000A, 0x0015),
)


def numbers(values: Sequence[int], size: int = 2, length: int = 2) -> bytes:
    """A vector of numbers of that size behind a length of so many octets."""
    octets = b"".join(value.to_bytes(size, "big") for value in values)
    return len(octets).to_bytes(length, "big") + octets


def names(*protocols: bytes) -> bytes:
    listed = b"".join(bytes([len(each)]) + each for each in protocols)
    return len(listed).to_bytes(2, "big") + listed


def hello(version: int, ciphers: Sequence[int], extensions: Sequence[Extension] | None) -> bytes:
    """A ClientHello with what a fingerprint reads; `None` leaves the extensions out."""
    body = version.to_bytes(2, "big") + bytes(32) + b"\0" + numbers(ciphers) + b"\1\0"
    if extensions is not None:
        octets = b"".join(
            number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data
            for number, data in extensions
        )
        body += len(octets).to_bytes(2, "big") + octets
    return b"\1" + len(body).to_bytes(3, "big") + body


def tree_of(octets: bytes) -> Field:
    return dissect(DISSECTORS["tls_handshake"], octets, "tls_handshake")


def of_ja4(octets: bytes) -> str:
    return ja4(tree_of(octets), octets).value


def example(*, alpn: bytes = b"h2", grease: bool = False, order: Sequence[int] = ORDER) -> bytes:
    """The hello of the example in JA4.md."""
    forms = {
        0x0000: b"\0\x0e\0\0\x0bexample.org",
        0x0010: names(alpn, b"http/1.1"),
        0x000D: numbers(SCHEMES),
        0x002B: numbers((*(GREASE,) * grease, 0x0304, 0x0303), 2, 1),
        0x000A: numbers((*(GREASE,) * grease, 29, 23, 24)),
        0x000B: numbers((0,), 1, 1),
    }
    extensions = [(number, forms.get(number, b"")) for number in order]
    ends = [(GREASE, b""), (0x4A4A, b"\0")] if grease else []
    ciphers = (*(GREASE,) * grease, *CIPHERS)
    return hello(0x0303, ciphers, [*ends[:1], *extensions, *ends[1:]])


@pytest.mark.parametrize(
    ("octets", "text", "digest"),
    [
        (
            hello(
                769,
                (47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4),
                [(0, b""), (10, numbers((23, 24, 25))), (11, numbers((0,), 1, 1))],
            ),
            "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0",
            "ada70206e40642a3e4461f35503241d5",
        ),
        (
            hello(769, (4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99), None),
            "769,4-5-10-9-100-98-3-6-19-18-99,,,",
            "de350869b8c85de67a350c8d186f11e6",
        ),
    ],
)
def test_the_examples_of_ja3(octets: bytes, text: str, digest: str) -> None:
    found = ja3(tree_of(octets))
    assert (found.text, found.value) == (text, digest)


def test_the_example_of_ja4() -> None:
    octets = example()
    found = ja4(tree_of(octets), octets)
    assert found.value == "t13d1516h2_8daaf6152771_e5627efa2ab1"
    assert found.text == (
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_"
        "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_"
        "0403,0804,0401,0503,0805,0501,0806,0601"
    )


def test_ja4_without_signature_algorithms_is_that_of_its_example() -> None:
    # The document hashes the same list, 000d in it, without what 000d would hold.
    octets = example().replace(numbers(SCHEMES), bytes(len(numbers(SCHEMES))))
    assert of_ja4(octets).endswith("_6d807ffa2a79")


def test_grease_changes_neither() -> None:
    plain, greased = example(), example(grease=True)
    assert len(greased) > len(plain)
    assert of_ja4(greased) == of_ja4(plain)
    assert ja3(tree_of(greased)) == ja3(tree_of(plain))


def test_shuffled_extensions_change_ja3_alone() -> None:
    shuffled = example(order=ORDER[::-1])
    assert of_ja4(shuffled) == of_ja4(example())
    assert ja3(tree_of(shuffled)).value != ja3(tree_of(example())).value


@pytest.mark.parametrize(
    ("alpn", "shown"),
    [
        (b"h2", "h2"),
        (b"http/1.1", "h1"),
        (b"h", "hh"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"\x30\xab", "3b"),
        (b"\x30\x31\xab\xcd", "3d"),
        (b"\x30\xab\xcd\x31", "01"),
    ],
)
def test_the_protocol_is_told_by_its_ends(alpn: bytes, shown: str) -> None:
    assert of_ja4(example(alpn=alpn)).partition("_")[0] == f"t13d1516{shown}"


@pytest.mark.parametrize(
    ("version", "shown"), [(0x0303, "12"), (0x0301, "10"), (0x0300, "s3"), (0x0505, "00")]
)
def test_without_supported_versions_the_version_of_the_hello_counts(
    version: int, shown: str
) -> None:
    assert of_ja4(hello(version, (47,), None)) == (
        f"t{shown}i010000_{hashlib.sha256(b'002f').hexdigest()[:12]}_000000000000"
    )


def test_a_hello_without_cipher_suites_has_zeros() -> None:
    assert of_ja4(hello(0x0303, (), [(23, b"")])).split("_")[1] == "000000000000"


def test_more_than_two_digits_can_count_are_99() -> None:
    assert of_ja4(hello(0x0303, range(1, 130), None)).startswith("t12i9900")


def test_parts_say_where_they_come_from() -> None:
    octets = example()
    for found in (ja3(tree_of(octets)), ja4(tree_of(octets), octets)):
        names_in_tree = {field.name for field in tree_of(octets).walk()}
        assert {part.field for part in found.parts} <= names_in_tree
        assert all(part.text in found.text for part in found.parts)


def test_a_real_hello_has_both() -> None:
    octets = rfc8448.CLIENT_HELLO[5:]
    assert ja3(tree_of(octets)).text.startswith("771,4865-4867-4866,0-65281-10-35-51-43-13-45-28,")
    assert of_ja4(octets).startswith("t13d030900_")


@given(st.binary(max_size=200))
def test_no_octets_raise(tail: bytes) -> None:
    octets = (rfc8448.CLIENT_HELLO[5:90] + tail)[:250]
    for each in (octets, tail):
        assert len(ja3(tree_of(each)).value) == 32
        assert of_ja4(each).count("_") == 2
