"""HTTP status codes and field names, against those that Python knows."""

from __future__ import annotations

from http import HTTPStatus

from netcore.registries.http import FIELD_NAMES, STATUS_CODES

RENAMED = {413, 414, 416, 418, 422, 510}  # by RFC 9110, or marked in the registry


def test_status_codes_have_the_phrases_that_python_gives_them() -> None:
    for status in HTTPStatus:
        if status not in RENAMED:
            assert STATUS_CODES[status] == status.phrase


def test_field_names_are_looked_up_in_lower_case() -> None:
    assert FIELD_NAMES["content-length"] == ("permanent", "RFC 9110 §8.6")
    assert FIELD_NAMES["pragma"].status == "deprecated"
    assert all(name == name.lower() for name in FIELD_NAMES)
    assert len(FIELD_NAMES) > 240
