"""A place is found by names, so that it is found in another recording too."""

from __future__ import annotations

import pytest

from web.examples import example
from web.places import NoSuchPlace, find_place
from web.tale import Tale, tell


@pytest.fixture(scope="module")
def tale() -> Tale:
    """The example over TLS 1.3."""
    trace = example("example-tls13")
    assert trace is not None
    return tell(trace)


def test_a_field_is_found_by_the_name_of_its_unit_and_its_own(tale: Tale) -> None:
    place = find_place(tale, {"unit": "tls_record", "field": "host_name"})
    assert place.path[-1].value == "tls13.lab.test"
    assert place.query == f"?u={place.unit}&f={place.field}"


def test_a_label_tells_fields_of_one_name_apart(tale: Tale) -> None:
    place = find_place(tale, {"unit": "tls_record", "field": "extension:key_share"})
    assert place.path[-1].label == "key_share"


def test_the_second_of_those_that_fit_can_be_meant(tale: Tale) -> None:
    first = find_place(tale, {"unit": "tls_record"})
    second = find_place(tale, {"unit": "tls_record", "nth": 2})
    assert first.event < second.event
    assert second.query == f"?u={second.unit}"


def test_a_call_is_found_by_its_name(tale: Tale) -> None:
    place = find_place(tale, {"call": "connect"})
    assert (place.unit, place.query, place.path) == (0, "", ())


@pytest.mark.parametrize(
    "wanted", [{"call": "listen"}, {"unit": "nothing"}, {"unit": "tls_record", "nth": 999}]
)
def test_what_is_nowhere_is_said(tale: Tale, wanted: dict[str, object]) -> None:
    with pytest.raises(NoSuchPlace):
        find_place(tale, wanted)
