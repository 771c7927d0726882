"""What stands too close is one ribbon, and no mark is lost in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.marks import Lane, Mark
from netcore.round_trips import BY_QUERY
from tests.web.drawing.marks import SERVER, lane, mark
from web.drawing.bundles import LEAST_RUN, Strand, strands
from web.drawing.flights import Flight, flights
from web.drawing.folding import fold
from web.drawing.shapes import MARK_BUDGET

MS = 1_000_000


def drawn(marks: list[Mark], window: tuple[int, int] = (0, 100 * MS)) -> list[Strand]:
    """A pixel is 0.1 ms."""
    flown = flights(marks, [lane(MS)])
    return strands(flown, fold([], window, 0, 1_000), places(flown))


def places(flown: list[Flight]) -> dict[int, int]:
    return {id(flight): at for at, flight in enumerate(flown)}


def test_reads_within_14_pixels_become_one_ribbon() -> None:
    marks = [mark(at, "received", round(at * 1.3 * MS)) for at in range(1, 7)]
    (ribbon,) = drawn(marks)
    assert ribbon.is_bundle
    assert ribbon.mark.title == "6 reads, 54 B"
    assert ribbon.near == (13.0, 78.0)
    assert ribbon.members == "1-6"


def test_ends_are_called_by_what_they_are() -> None:
    ends = [
        mark(at, "sent", at * MS, kind="close", title=title, octets=0)
        for at, title in enumerate(("shutdown()", "close()"), start=1)
    ]
    assert [strand.mark.title for strand in drawn(ends)] == ["shutdown(), close()"]


def test_a_query_is_a_guess_and_no_slope_that_was_stretched() -> None:
    resolver = Lane(SERVER, "resolver", "Resolver", "", MS, BY_QUERY)
    flown = flights([mark(1, "sent", 10 * MS)], [resolver])
    (strand,) = strands(flown, fold([], (0, 100 * MS), 0, 1_000), places(flown))
    assert strand.far[0] - strand.near[0] == LEAST_RUN
    assert not strand.is_stretched


def test_reads_farther_apart_stay_apart() -> None:
    marks = [mark(at, "received", round(at * 1.5 * MS)) for at in range(1, 7)]
    assert [strand.is_bundle for strand in drawn(marks)] == [False] * 6


def test_what_is_to_stand_apart_does_so_and_the_rest_stays_together() -> None:
    marks = [mark(at, "received", at * MS // 2) for at in range(1, 7)]
    flown = flights(marks, [lane(MS)])
    scale = fold([], (0, 100 * MS), 0, 1_000)
    found = strands(flown, scale, places(flown), {id(flown[2])})
    assert sorted(strand.members for strand in found) == ["1-2 4-6", "3-3"]


def test_directions_peers_layers_and_kinds_are_not_mixed() -> None:
    marks = [
        mark(1, "sent", 10 * MS),
        mark(2, "received", 10 * MS),
        mark(3, "sent", 10 * MS, layer="tls"),
        mark(4, "sent", 10 * MS, kind="close", octets=0),
        mark(5, "sent", 10 * MS, lane="tcp:192.0.2.9:80"),
    ]
    assert len(drawn(marks)) == 5


def test_a_bundle_names_its_members_and_no_others() -> None:
    marks = [mark(at, "sent" if at % 2 else "received", at * 1_000) for at in (1, 2, 3, 5, 7, 8)]
    assert sorted(strand.members for strand in drawn(marks)) == ["1-1 3-7", "2-2 8-8"]


def test_a_failure_stands_alone() -> None:
    marks = [
        mark(at, "", 10 * MS, kind="failure", lane="client", octets=0, error="tcp.reset")
        for at in (1, 2)
    ]
    assert len(drawn(marks)) == 2


def test_an_arrow_runs_ten_pixels_at_least() -> None:
    out, back = drawn([mark(1, "sent", 10 * MS), mark(2, "received", 90 * MS)])
    assert out.far[0] - out.near[0] == LEAST_RUN == back.near[0] - back.far[0]
    assert out.is_stretched
    assert back.is_stretched


def test_what_is_out_of_sight_is_not_drawn() -> None:
    marks = [mark(at, "sent", at * 10 * MS) for at in range(1, 10)]
    seen = drawn(marks, (45 * MS, 65 * MS))
    assert [strand.mark.number for strand in seen] == [5, 6]


@given(st.lists(st.tuples(st.integers(0, 100 * MS), st.integers(0, 40)), max_size=300))
def test_the_budget_holds_and_nothing_is_lost(points: list[tuple[int, int]]) -> None:
    marks = [
        mark(number, "sent", at, lane=f"tcp:192.0.2.{peer}:80")
        for number, (at, peer) in enumerate(sorted(points), start=1)
    ]
    found = drawn(marks)
    assert len(found) <= MARK_BUDGET
    assert sorted(number for one in found for number in one.mark.members) == [
        one.number for one in marks
    ]
