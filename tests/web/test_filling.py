"""A text is chosen among its variants and filled with facts."""

from __future__ import annotations

import pytest

from web.facts import PlainFacts
from web.filling import choose, fill, holds, key, terms

ENTRY = {
    "what": "{value} in all.",
    "when": [
        {"value": 0, "what": "None."},
        {"value": {"min": 10}, "what": "Many, {name} says."},
    ],
    "otherwise": {"what": "Unknown."},
}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"value": 0}, "None."),
        ({"value": 12, "name": "Ada"}, "Many, Ada says."),
        ({"value": 12}, "12 in all."),
        ({}, "Unknown."),
    ],
)
def test_the_first_variant_that_holds_and_can_be_filled_is_used(
    facts: dict[str, int | str], said: str
) -> None:
    chosen = choose(ENTRY, PlainFacts(facts))
    assert chosen is not None
    assert chosen["what"] == said


def test_a_missing_fact_fills_nothing() -> None:
    assert fill("{nothing} here", PlainFacts({})) is None


def test_texts_and_checks_are_no_conditions() -> None:
    assert holds({"rule": "…", "check": "sound", "holds": {"value": 1}}, PlainFacts({}))
    assert not holds({"value": 1}, PlainFacts({"value": 2}))


def test_terms_stand_in_parts() -> None:
    text = terms("A [[DNS record|record]].")
    assert text == "A record."
    assert [part.term for part in text.parts] == ["", key("DNS record"), ""]
