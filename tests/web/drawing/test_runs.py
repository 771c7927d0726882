"""Arrows in pixels: as long as order allows, and never against it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.marks import Lane
from netcore.round_trips import BY_QUERY
from tests.web.drawing.marks import SERVER, lane, mark
from web.drawing.flights import Flight, flights
from web.drawing.folding import Piece, Scale
from web.drawing.runs import LEAST_RUN, far_ends

MS = 1_000_000


def scale(to_ns: int = 100 * MS) -> Scale:
    return Scale((Piece(0, to_ns, 0.0, 1_000.0),))


def ends(flown: list[Flight], to_ns: int = 100 * MS) -> list[tuple[float, float]]:
    far = far_ends(flown, scale(to_ns))
    return [(scale(to_ns).x(each.near_ns), round(far[id(each)], 3)) for each in flown]


def test_an_arrow_runs_ten_pixels_at_least() -> None:
    flown = flights([mark(1, "sent", 10 * MS), mark(2, "received", 30 * MS)], [lane(1_000)])
    assert ends(flown) == [(100, 110), (300, 290)]


def test_an_answer_that_is_close_meets_its_message_in_the_middle() -> None:
    flown = flights([mark(1, "sent", 10 * MS), mark(2, "received", 10_600_000)], [lane(1_000)])
    assert ends(flown) == [(100, 103), (106, 103)]


def test_a_query_and_its_answer_do_not_cross() -> None:
    key = "udp:192.0.2.53:53"
    asked = Lane(key, "resolver", "Resolver", "192.0.2.53:53", MS, BY_QUERY)
    marks = [
        mark(1, "sent", 10 * MS, lane=key, layer="dns"),
        mark(2, "sent", 10_200_000, lane=key, layer="dns"),
        mark(3, "received", 10_800_000, lane=key, layer="dns"),
    ]
    first, second, answer = (x for _, x in ends(flights(marks, [asked])))
    assert first <= second
    assert first <= answer


def test_what_was_lost_and_what_goes_nowhere_bind_nobody() -> None:
    marks = [
        mark(1, "", 9 * MS, kind="decision", lane="client", octets=0),
        mark(2, "sent", 10 * MS, lost=9),
        mark(3, "sent", 10_100_000),
        mark(4, "received", 30 * MS),
    ]
    assert ends(flights(marks, [lane(1_000)]))[:3] == [(90, 90), (100, 110), (101, 111)]


steps = st.lists(
    st.tuples(
        st.sampled_from(("sent", "received")),
        st.integers(0, 3 * MS),
        st.sampled_from(("http", "tls")),
        st.booleans(),
    ),
    max_size=30,
)


@settings(max_examples=500)
@given(steps, st.integers(0, 8 * MS), st.integers(1, 100))
def test_order_holds_in_pixels_whatever_happens(
    made: list[tuple[str, int, str, bool]], trip: int, milliseconds: int
) -> None:
    time_ns, marks = 0, []
    for number, (direction, after, layer, lost) in enumerate(made, start=1):
        time_ns += after
        gone = 9 if lost and direction == "sent" else 0
        marks.append(mark(number, direction, time_ns, layer=layer, lost=gone))
    flown = flights(marks, [lane(trip)])
    drawn, far = scale(milliseconds * MS), far_ends(flown, scale(milliseconds * MS))
    arrived = [each for each in flown if not each.mark.lost]
    for direction in ("sent", "received"):
        xs = [far[id(each)] for each in arrived if each.mark.direction == direction]
        assert xs == sorted(xs)
    waiting: dict[str, Flight] = {}
    for flight in arrived:
        near, x = drawn.x(flight.near_ns), far[id(flight)]
        assert x >= near if flight.mark.direction == "sent" else x <= near
        if flight.mark.direction == "sent":
            waiting.setdefault(flight.mark.layer, flight)
        elif message := waiting.pop(flight.mark.layer, None):
            assert x >= far[id(message)] - 1e-6
    for flight in flown:
        if flight.other is None and flight.mark.lost:
            assert far[id(flight)] - drawn.x(flight.near_ns) >= LEAST_RUN - 1e-6
    assert all(each.mark.lane == SERVER for each in flown)
