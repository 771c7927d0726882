"""Octets, large: every octet where it belongs, and names that do not cover each other."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import step_of
from web.fieldtree import paths
from web.player.octets import NAME, SHOWN_ROWS, WIDTH, octet_strip

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
    assert len(strip.rows) <= SHOWN_ROWS
    written = " ".join(run.text for row in strip.rows for run in row.runs)
    assert written == pdu.octets[first : first + 32].hex(" ") == strip.said
    assert any("sel" in run.css for row in strip.rows for run in row.runs)


def test_names_do_not_cover_each_other_and_stay_inside(told: Told) -> None:
    tale = told("tls13")
    pdu = tale.explanation.of_event(step_of(tale, "record_length").event)[0]
    keyed = paths(tale.explanation.tree(pdu))
    strip = octet_strip(pdu.octets, keyed, keyed["24-40"][-1])
    names = [name for row in strip.rows for name in row.names]
    assert [name.text for name in names if "sel" in name.css] == ["length"]
    for name in names:
        assert 0 <= name.x <= WIDTH - len(name.text) * NAME + 1
        beside = [each for each in names if each.y == name.y and each.x > name.x]
        assert all(each.x > name.x + len(name.text) * NAME for each in beside)


def test_a_unit_without_octets_has_no_rows() -> None:
    assert octet_strip(b"", {}, None).rows == ()
