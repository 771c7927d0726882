"""The breadcrumb of units."""

from __future__ import annotations

import pytest
from flask import Flask

from lab import Lab
from tests.web.ways.recordings import BASE, find, lab_tale, opened
from web.fieldtree import paths
from web.tale import Tale
from web.ways.crumbs import Crumbs
from web.ways.whole import ways

pytestmark = pytest.mark.wire


def of_section(tale: Tale, name: str = "") -> Crumbs:
    section = find(tale.explanation.pdus, "http2_field_section")
    keyed = paths(section.fields())
    key = next((key for key, path in keyed.items() if path[-1].name == name), "")
    found = ways(tale, BASE, opened(tale, section, key)).crumbs
    assert found is not None
    return found


def test_the_units_stand_in_each_other_outermost_first(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "h2")
    with app.test_request_context():
        texts = [level.text for level in of_section(tale, "field_value").levels]
    assert texts[0].startswith("read ")
    assert texts[1].startswith("TLS record ")
    assert texts[2:4] == ["decrypted application data", "HEADERS, stream 1"]
    assert texts[-3:] == ["200 OK", ":status", "field_value"]


def test_the_last_level_alone_is_the_current_one(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "h2")
    with app.test_request_context():
        levels = of_section(tale).levels
    assert [level.current for level in levels] == [False] * (len(levels) - 1) + [True]


def test_arrows_lead_to_the_units_beside_it(lab: Lab, app: Flask) -> None:
    tale = lab_tale(lab, "h2")
    with app.test_request_context():
        found = of_section(tale)
    assert found.before is not None
    assert found.after is not None
    assert not found.before.current
    assert found.place.startswith("unit ")
