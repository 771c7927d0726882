"""Names stand where they cover no other."""

from __future__ import annotations

import pytest

from tests.web.drawing.marks import lane, mark
from web.drawing.bundles import Strand, strands
from web.drawing.flights import flights
from web.drawing.folding import fold
from web.drawing.pills import Pills, texts
from web.drawing.stacks import stacks

MS = 1_000_000


def strand(title: str = "ClientHello", count: int = 1, kind: str = "send") -> Strand:
    direction = "" if kind == "failure" else "sent"
    marks = [mark(at, direction, at * 1_000, title=title, kind=kind) for at in range(1, count + 1)]
    flown = flights(marks, [lane()])
    place = {id(flight): at for at, flight in enumerate(flown)}
    return strands(flown, fold([], (0, 100 * MS), 0, 1_000), place)[0]


def test_a_name_stands_in_the_middle_of_its_arrow() -> None:
    pill = Pills(0, 1_000, 300).along(strand(), (100, 50, 120, 150))
    assert (pill.labels[0].x, pill.labels[0].y, pill.labels[0].text) == (110, 104, "ClientHello")


def test_a_name_that_would_cover_another_moves_along_and_then_is_dropped() -> None:
    pills = Pills(0, 1_000, 300)
    arrows = [(strand(), (100.0, 50.0, 120.0, 150.0), "ClientHello")] * 5
    placed = [
        pills.along(one, ends, around)
        for (one, ends, _), around in zip(arrows, stacks(arrows), strict=True)
    ]
    assert [bool(pill.labels) for pill in placed] == [True, True, True, False, False]
    rooms = [(pill.boxes[0].y, pill.boxes[0].y + 20) for pill in placed if pill.boxes]
    assert rooms[0][1] < rooms[1][0] < rooms[1][1] < rooms[2][0]


@pytest.mark.parametrize("far", [150, -50], ids=["server", "resolver"])
def test_names_in_a_stack_go_from_the_client_outwards_in_order_of_time(far: float) -> None:
    for count in (2, 3):
        pills = Pills(0, 1_000, 300)
        arrows = [(strand(), (100.0 + at, 50.0, 104.0 + at, far), "Hello") for at in range(count)]
        placed = [
            pills.along(one, ends, around)
            for (one, ends, _), around in zip(arrows, stacks(arrows), strict=True)
        ]
        away = [abs(pill.labels[0].y - 4 - 50) for pill in placed]
        assert away == sorted(away)


def test_a_name_stands_beside_a_fold_and_not_over_it_where_it_can() -> None:
    folds = fold([(40 * MS, 90 * MS)], (0, 100 * MS), 0, 1_000).folds
    (only,) = folds
    near, far = only.x1 - 200, only.x2
    pill = Pills(0, 1_000, 300, folds).along(strand(), (near, 50, far, 150))
    assert pill.boxes[0].x + pill.boxes[0].width < only.x1
    inside = (only.x1 + 20, 50, only.x1 + 22, 150)
    assert Pills(0, 1_000, 300, folds).along(strand(), inside).labels


def test_a_name_does_not_leave_the_drawing() -> None:
    assert Pills(0, 1_000, 300).along(strand(), (990, 50, 1_000, 150)).labels == ()


def test_a_bundle_says_how_many_it_is_or_at_least_how_much() -> None:
    assert texts(strand(count=3)) == ("3 writes, 27 B", "27 B")


def test_a_long_name_gives_way_to_how_much_it_is() -> None:
    assert texts(strand("alert close_notify")) == ("alert close_notify", "alert")
    assert texts(strand("NewSessionTicket")) == ("NewSessionTicket", "9 B")
    pills = Pills(0, 140, 300)
    pill = pills.along(strand("alert close_notify"), (70, 50, 70, 150))
    assert pill.labels[0].text == "alert"


def test_a_name_stays_above_the_bottom() -> None:
    assert Pills(0, 400, 125).below(strand("tcp.reset", kind="failure"), 100).labels == ()


def test_a_failure_has_its_word_wherever_it_stands() -> None:
    pill = Pills(0, 400, 300).below(strand("tcp.reset", kind="failure"), 100)
    assert pill.labels[0].text == "tcp.reset"
    assert pill.boxes[0].x >= 0
    assert Pills(0, 400, 300).below(strand(), 100).labels == ()


def test_a_name_at_the_edge_is_moved_inside_and_a_second_one_there_is_none() -> None:
    pills = Pills(0, 300, 200)
    one = pills.at("12 writes, 3,000 B", 299, 50)
    (box,) = one.boxes
    assert box.x + box.width <= 300
    assert pills.at("12 reads, 3,000 B", 299, 50) == type(one)()
