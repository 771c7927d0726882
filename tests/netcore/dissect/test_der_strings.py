"""Characters and moments."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect import der
from netcore.dissect.der_strings import GENERALIZED_TIME, STRINGS, UTC_TIME, moment_of
from netcore.field import find
from tests.netcore.dissect.elements import errors, field, read, tlv


@pytest.mark.parametrize(
    ("tag", "name", "octets", "text"),
    [
        (0x0C, "utf8_string", "c3bc", "ü"),
        (0x13, "printable_string", "41", "A"),
        (0x14, "teletex_string", "fc", "ü"),
        (0x16, "ia5_string", "40", "@"),
        (0x1C, "universal_string", "000000fc", "ü"),
        (0x1E, "bmp_string", "00fc", "ü"),
    ],
)
def test_octets_are_the_characters_of_their_kind(
    tag: int, name: str, octets: str, text: str
) -> None:
    tree = read(lambda r: _drop(der.read_string(r, "text")), tlv(tag, bytes.fromhex(octets)))
    assert field(tree, name).value == text
    assert field(tree, "text").value == text
    assert errors(tree) == []


@given(st.sampled_from(STRINGS), st.binary(max_size=20))
def test_octets_that_are_no_characters_are_shown_and_blamed(tag: int, octets: bytes) -> None:
    tree = read(lambda r: _drop(der.read_string(r, "text")), tlv(tag, octets))
    value = field(tree, "text").value
    assert isinstance(value, str)
    assert errors(tree) == [] or value == octets.decode("latin-1")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("491231235959Z", "31 December 2049, 23:59:59 UTC"),
        ("500101000000Z", "1 January 1950, 00:00:00 UTC"),
        ("000229120000Z", "29 February 2000, 12:00:00 UTC"),
        ("010229120000Z", ""),
        ("2601010000Z", ""),
        ("260101000000+0100", ""),
        ("٢٦0101000000Z", ""),
    ],
)
def test_two_digits_of_a_year_are_of_1950_to_2049(text: str, shown: str) -> None:
    assert moment_of(text.encode(), UTC_TIME) == shown


@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)))  # noqa: DTZ001
def test_a_moment_with_four_digits_is_the_same_moment(at: datetime) -> None:
    text = f"{at.year:04}{at:%m%d%H%M%S}Z"
    shown = moment_of(text.encode(), GENERALIZED_TIME)
    day, month, year, clock, zone = shown.split(" ")
    assert (int(day), month, int(year.rstrip(",")), clock, zone) == (
        at.day,
        f"{at:%B}",
        at.year,
        f"{at:%H:%M:%S}",
        "UTC",
    )


def test_fractions_of_a_second_are_no_time_of_a_certificate() -> None:
    tree = read(lambda r: der.read_time(r, "at"), tlv(0x18, b"20260101000000.5Z"))
    assert errors(tree) == ["no time in the form that RFC 5280 asks for"]
    assert field(tree, "at").label == ""


def test_a_time_may_stand_in_a_tag_of_its_own() -> None:
    octets = tlv(0xA0, tlv(0x18, b"20260101000000Z"))
    tree = read(lambda r: der.read_time(r, "at", explicit=0), octets)
    assert field(tree, "at").label == "1 January 2026, 00:00:00 UTC"
    assert find(tree, "not_explained") is None


def _drop(_: object) -> None:
    """A reader returns nothing."""
