"""Names of arrows that stand one above the other."""

from __future__ import annotations

from tests.web.drawing.marks import lane, mark
from web.drawing.bundles import Strand, strands
from web.drawing.flights import flights
from web.drawing.folding import fold
from web.drawing.stacks import Ends, stacks

DOWN: Ends = (100, 50, 104, 150)
UP: Ends = (100, 50, 104, -50)
FLAT: Ends = (100, 50, 600, 150)


def strand(direction: str) -> Strand:
    flown = flights([mark(1, direction, 1_000)], [lane()])
    return strands(flown, fold([], (0, 10**8), 0, 1_000), {id(flown[0]): 0})[0]


def ways(*arrows: tuple[str, Ends, str]) -> list[str]:
    return [each.way for each in stacks([(strand(way), ends, text) for way, ends, text in arrows])]


def test_it_is_known_how_many_names_are_still_to_come() -> None:
    arrows = [(strand("sent"), DOWN, "Hello")] * 3 + [(strand("sent"), UP, "Hello")]
    assert [each.behind for each in stacks(arrows)] == [2, 1, 0, 0]


def test_of_two_that_say_the_same_each_says_where_it_goes() -> None:
    assert ways(("sent", DOWN, "Hello"), ("received", DOWN, "Hello")) == ["↓", "↑"]
    assert ways(("sent", UP, "Hello"), ("received", UP, "Hello")) == ["↑", "↓"]


def test_where_the_arrow_is_seen_or_the_words_differ_nothing_has_to_be_said() -> None:
    assert ways(("sent", FLAT, "Hello"), ("received", FLAT, "Hello")) == ["", ""]
    assert ways(("sent", DOWN, "Hello"), ("received", DOWN, "9 B")) == ["", ""]
    assert ways(("sent", DOWN, "Hello"), ("sent", DOWN, "Hello")) == ["", ""]
    assert ways(("sent", DOWN, "Hello"), ("received", UP, "Hello")) == ["", ""]
