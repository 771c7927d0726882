"""What a length is made of: the parts are all of it, the largest first."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from web.breakdown import BAR, Breakdown, breakdown
from web.examples import example
from web.panes import Selection, panes
from web.places import find_place
from web.tale import tell


def of(**wanted: object) -> Breakdown | None:
    """The breakdown of a place in the example over TLS 1.3."""
    trace = example("example-tls13")
    assert trace is not None
    tale = tell(trace)
    place = find_place(tale, wanted)
    view = panes(tale, "/t/x", place.event, Selection(place.unit, place.field)).view
    assert view is not None
    return breakdown(view.tree)


@pytest.mark.parametrize(
    ("field", "octets"), [("", 517), ("length", 512), ("client_hello", 508), ("extensions", 373)]
)
def test_the_parts_of_a_client_hello_are_all_of_it(field: str, octets: int) -> None:
    found = of(unit="tls_record", field=field)
    assert found is not None
    assert sum(part.octets for part in found.parts) == octets
    sizes = [part.octets for part in found.parts[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    assert (found.parts[0].label, found.parts[0].bar) == ("padding", BAR)
    assert found.more > 1
    assert found.parts[-1].href == ""


@pytest.mark.parametrize(
    ("unit", "field"),
    [
        ("dns_message", ""),
        ("tls_record", "cipher_suites_length"),
        ("tls_record", "random"),
        ("http1_request_head", ""),
    ],
)
def test_short_things_and_lists_of_one_kind_are_not_taken_apart(unit: str, field: str) -> None:
    assert of(unit=unit, field=field) is None


def test_the_explanation_of_a_length_says_what_it_is_made_of(client: FlaskClient) -> None:
    trace = example("example-tls13")
    assert trace is not None
    place = find_place(tell(trace), {"unit": "tls_record", "field": "length"})
    page = html.unescape(client.get(f"/t/example-tls13/e/{place.event}{place.query}").text)
    assert "How long is this record?" in page
    assert "512 B, by size of its parts" in page
    assert "183 B" in page
