"""Settings of HTTP/3 stand beside what holds without them."""

from __future__ import annotations

from tests.web.http3.telling import view
from web.http3.settings import DEFAULTS


def test_both_sides_and_the_default() -> None:
    rows = {row.name: row for row in view("simple").settings}
    capacity = rows["SETTINGS_QPACK_MAX_TABLE_CAPACITY"]
    assert (capacity.default, capacity.client.value, capacity.server.value) == (
        *("0", "4,096"),
        "4,096",
    )
    assert capacity.client.href != capacity.server.href
    assert rows["SETTINGS_MAX_FIELD_SECTION_SIZE"].client.value == ""
    assert any(name.startswith("GREASE 0x") for name in rows)
    assert all(row.what for row in rows.values())
    assert len(rows) >= len(DEFAULTS)
