"""Octets, large: every octet where it belongs, and names that do not cover each other."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import step_of
from web.fieldtree import paths
from web.player.octets import NARROW, WIDE, OctetStrip, Room, octet_strip

pytestmark = pytest.mark.wire


def test_the_rows_around_the_field_are_shown(told: Told) -> None:
    tale = told("tls13")
    step = step_of(tale, "server_name")
    pdu = tale.explanation.of_event(step.event)[step.unit - 1]
    keyed = paths(tale.explanation.tree(pdu))
    field = keyed[step.field][-1]
    strip = octet_strip(pdu.octets, keyed, field)
    first = field.start // 8 // 16 * 16
    assert strip.rows[0].digits == f"{first:04x}"
    assert len(strip.rows) <= WIDE.rows
    written = " ".join(run.text for row in strip.rows for run in row.runs)
    assert written == pdu.octets[first : first + 32].hex(" ") == strip.said
    assert any("sel" in run.css for row in strip.rows for run in row.runs)


@pytest.mark.parametrize("room", [WIDE, NARROW])
def test_names_do_not_cover_each_other_and_stay_inside(told: Told, room: Room) -> None:
    strip = hello_strip(told, room)
    names = [name for row in strip.rows for name in row.names]
    assert [name.text for name in names if "sel" in name.css] == ["length"]
    for name in names:
        assert 0 <= name.x <= room.width - len(name.text) * room.name + 1
        beside = [each for each in names if each.y == name.y and each.x > name.x]
        assert all(each.x > name.x + len(name.text) * room.name for each in beside)
        above = [each for each in names if name.from_y < each.y < name.y]
        assert not any(
            each.x <= name.from_x <= each.x + len(each.text) * room.name for each in above
        )


@pytest.mark.parametrize("room", [WIDE, NARROW])
def test_a_name_stands_at_the_first_octets_of_its_field_alone(told: Told, room: Room) -> None:
    strip = hello_strip(told, room)
    runs = {run.x: run.text for run in strip.rows[0].runs}
    under = [(name.text, runs[name.from_x - 6]) for name in strip.rows[0].names]
    if room is WIDE:
        assert set(under) >= {("length", "02 00"), ("length", "00 01"), ("legacy_version", "03 03")}
    assert ("length", "fc") not in under  # the last octet of the handshake's length


def test_narrow_rows_hold_the_same_octets_by_eight(told: Told) -> None:
    wide, narrow = hello_strip(told, WIDE), hello_strip(told, NARROW)
    assert (wide.said, wide.shown, wide.more) == (narrow.said, narrow.shown, narrow.more)
    assert [row.digits for row in narrow.rows] == ["0000", "0008", "0010", "0018"]
    for row in narrow.rows:
        assert len(" ".join(run.text for run in row.runs).split()) == 8
        assert all(run.x + run.width < NARROW.width for run in row.text)


def hello_strip(told: Told, room: Room) -> OctetStrip:
    """The first octets of a record with a ClientHello, its length selected."""
    tale = told("tls13")
    pdu = tale.explanation.of_event(step_of(tale, "record_length").event)[0]
    keyed = paths(tale.explanation.tree(pdu))
    return octet_strip(pdu.octets, keyed, keyed["24-40"][-1], room)


def test_a_unit_without_octets_has_no_rows() -> None:
    assert octet_strip(b"", {}, None).rows == ()
