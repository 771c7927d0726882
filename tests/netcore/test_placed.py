"""Units are found by the ranges that they have in channels."""

from __future__ import annotations

from netcore.channels import Span
from netcore.pdu import SLICED, Pdu
from netcore.placed import Placed

CHANNEL = "tcp:1.received"
FAR = 100_000  # octets: many blocks


def unit(number: int, *spans: Span) -> Pdu:
    made = Pdu("opaque", b"", spans, SLICED)
    made.number = number
    return made


def placed(*units: Pdu) -> Placed:
    return Placed((span, each) for each in units for span in each.origin)


def test_a_unit_is_near_every_octet_that_it_has() -> None:
    one = unit(1, Span(CHANNEL, 4_000, FAR))
    found = placed(one)
    for octet in (4_000, 4_095, 4_096, FAR // 2, FAR - 1):
        assert [each for _, each in found.near(CHANNEL, octet)] == [one]
    assert list(found.near("tcp:2.received", 4_000)) == []


def test_units_stay_in_the_order_in_which_they_were_told() -> None:
    units = [unit(at, Span(CHANNEL, at, at + 10)) for at in (3, 1, 2)]
    assert [each.number for _, each in placed(*units).near(CHANNEL, 5)] == [3, 1, 2]


def test_around_a_range_is_each_unit_that_has_octets_in_it_once() -> None:
    inside, outside = unit(1, Span(CHANNEL, 0, 10), Span(CHANNEL, 20, 9_000)), unit(2)
    far = unit(3, Span(CHANNEL, FAR, FAR + 1))
    assert list(placed(inside, outside, far).around(Span(CHANNEL, 0, 50_000))) == [inside]


def test_a_unit_without_octets_is_found_in_its_place() -> None:
    empty = unit(1, Span(CHANNEL, 8_192, 8_192))
    assert list(placed(empty).around(Span(CHANNEL, 8_192, 8_192))) == [empty]
    assert [each for _, each in placed(empty).near(CHANNEL, 8_192)] == [empty]
