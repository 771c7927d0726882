"""Numbers in fields: amounts have commas, tokens are hex, codes are plain."""

from __future__ import annotations

import pytest

from netcore.field import Field
from web.facts import FieldFacts
from web.fieldtree import value_of
from web.numerals import numeral


@pytest.mark.parametrize(
    ("name", "bits", "value", "shown"),
    [
        ("id", 16, 5_692, "0x163c"),
        ("id", 16, 7, "0x0007"),
        ("identification", 16, 0x1234, "0x1234"),
        ("legacy_version", 16, 0x0303, "0x0303"),
        ("version", 4, 4, "4"),
        ("cipher_suite", 16, 0x1301, "0x1301"),
        ("destination_port", 16, 50_001, "50001"),
        ("stream_identifier", 31, 1_001, "1001"),
        ("packet_number", 16, 1_200, "1200"),
        ("qtype", 16, 65_280, "65280"),
        ("ttl", 32, 3_600, "3,600"),
        ("length", 16, 1_024, "1,024"),
        ("window", 16, 64_240, "64,240"),
        ("value", 32, 1_048_576, "1,048,576"),
    ],
)
def test_a_number_is_written_as_what_it_is(name: str, bits: int, value: int, shown: str) -> None:
    field = Field(name, 0, bits, value)
    assert numeral(field) == shown
    assert value_of(field, b"") == shown
    assert FieldFacts((field,), b"").shown("value") == shown


def test_a_name_in_a_sentence_has_no_dot_for_the_root() -> None:
    def shown(value: str, spec: str = "RFC 1035 §4.1.4") -> str | None:
        return FieldFacts((Field("qname", 0, 8, value, spec=spec),), b"").shown("value")

    assert shown("h3-lossy.lab.test.") == "h3-lossy.lab.test"
    assert shown(".") == "."
    assert shown("a text.", spec="RFC 1035 §3.3.14") == "a text."
