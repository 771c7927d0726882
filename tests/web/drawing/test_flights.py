"""The ends that nobody saw: half a round trip away, and never against the order of things."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.marks import Lane
from netcore.other_ends import FarEnd
from netcore.round_trips import BY_QUERY
from tests.web.drawing.marks import lane, mark
from web.drawing.flights import Flight, end_ns, flights, queries


def ends(flown: list[Flight]) -> list[tuple[int, int, bool]]:
    return [(flight.near_ns, flight.far_ns, flight.moved) for flight in flown]


def test_a_write_lands_and_a_read_left_half_a_round_trip_away() -> None:
    flown = flights([mark(1, "sent", 1_000), mark(2, "received", 1_300)], [lane()])
    assert ends(flown) == [(1_000, 1_050, False), (1_300, 1_250, False)]


def test_an_answer_does_not_leave_before_its_message_arrived() -> None:
    flown = flights([mark(1, "sent", 1_000), mark(2, "received", 1_060)], [lane()])
    assert ends(flown) == [(1_000, 1_030, True), (1_060, 1_030, True)]


def test_an_answer_belongs_to_the_first_message_of_its_turn_and_layer() -> None:
    marks = [
        mark(1, "sent", 1_000, layer="tls"),
        mark(2, "sent", 1_090),
        mark(3, "received", 1_120, layer="tls"),
        mark(4, "received", 1_300),
    ]
    assert ends(flights(marks, [lane()])) == [
        (1_000, 1_050, False),
        (1_090, 1_140, False),
        (1_120, 1_070, False),
        (1_300, 1_250, False),
    ]


def test_flights_to_one_peer_do_not_overtake_each_other() -> None:
    marks = [
        mark(1, "sent", 1_000, layer="tls"),
        mark(2, "sent", 1_010),
        mark(3, "received", 1_030),
    ]
    flown = flights(marks, [lane()])
    assert flown[0].far_ns <= flown[1].far_ns == 1_020
    assert flown[0].moved


def test_each_peer_has_its_own_round_trip() -> None:
    other = "tcp:192.0.2.2:80"
    marks = [mark(1, "sent", 1_000), mark(2, "sent", 1_000, lane=other)]
    flown = flights(marks, [lane(100), lane(400, other)])
    assert [flight.far_ns for flight in flown] == [1_050, 1_200]


def test_what_nothing_came_back_after_may_not_have_arrived() -> None:
    marks = [mark(1, "sent", 1_000), mark(2, "received", 2_000), mark(3, "sent", 3_000)]
    assert [flight.answered for flight in flights(marks, [lane()])] == [True, True, False]


def test_what_goes_nowhere_stays_where_it_is() -> None:
    marks = [mark(1, "", 1_000, kind="decision", lane="client", octets=0)]
    assert ends(flights(marks, [lane()])) == [(1_000, 1_000, False)]


def test_the_last_flight_ends_after_the_trace() -> None:
    assert end_ns(flights([mark(1, "sent", 1_000)], [lane()]), 1_000) == 1_050
    assert end_ns([], 7) == 7


RESOLVER = "udp:192.0.2.53:53"
ASKED = Lane(RESOLVER, "resolver", "Resolver", "192.0.2.53:53", 800, BY_QUERY)


def test_what_a_query_took_is_no_distance() -> None:
    marks = [
        mark(1, "sent", 1_000, lane=RESOLVER, layer="dns"),
        mark(2, "received", 1_800, lane=RESOLVER, layer="dns"),
        mark(3, "sent", 2_000),
    ]
    flown = flights(marks, [ASKED, lane()])
    assert ends(flown) == [(1_000, 1_000, False), (1_800, 1_800, False), (2_000, 2_050, False)]
    assert [flight.guessed for flight in flown] == [True, True, False]
    assert [flight.interval for flight in flown[:2]] == [(1_000, 1_000), (1_800, 1_800)]


def test_an_answer_was_waited_for_from_the_last_query_before_it() -> None:
    steps = [("sent", 100), ("sent", 2_100), ("received", 2_300), ("sent", 3_000), ("sent", 3_001)]
    marks = [mark(at, way, ns, lane=RESOLVER) for at, (way, ns) in enumerate(steps, start=1)]
    assert queries(flights(marks, [ASKED])) == {(2_100, 2_300)}


def test_the_first_word_of_a_peer_comes_after_the_first_one_to_it_on_whatever_layer() -> None:
    marks = [mark(1, "sent", 1_000, layer="tls"), mark(2, "received", 1_060, layer="http")]
    assert ends(flights(marks, [lane()])) == [(1_000, 1_030, True), (1_060, 1_030, True)]


def test_what_was_lost_is_answered_by_nothing_and_holds_nothing_up() -> None:
    marks = [
        *(mark(1, "sent", 1_000, lost=4), mark(2, "sent", 1_010), mark(3, "received", 1_090)),
    ]
    flown = flights(marks, [lane()])
    assert ends(flown) == [(1_000, 1_050, False), (1_010, 1_050, True), (1_090, 1_050, True)]


def noted(*times_ns: int, call: str = "recv") -> tuple[FarEnd, ...]:
    return tuple(FarEnd(50 + at, call, time_ns, 3, 3) for at, time_ns in enumerate(times_ns))


BOTH = msgspec.structs.replace(lane(), measured=True)


def test_what_the_other_end_noted_is_where_it_is() -> None:
    marks = [
        mark(1, "sent", 1_000, far=noted(1_400, 1_500)),
        mark(2, "received", 1_450, far=noted(1_300, call="send")),  # sent before it was asked
    ]
    flown = flights(marks, [BOTH])
    assert ends(flown) == [(1_000, 1_400, False), (1_450, 1_300, False)]
    assert [flight.far_last_ns for flight in flown] == [1_500, 1_300]
    assert all(flight.is_measured and flight.answered for flight in flown)


def test_two_clocks_that_differ_a_little_turn_no_arrow_around() -> None:
    marks = [
        mark(1, "sent", 1_000, far=noted(999)),
        mark(2, "received", 1_450, far=noted(1_451, 1_452, call="send")),
    ]
    flown = flights(marks, [BOTH])
    assert ends(flown) == [(1_000, 1_000, False), (1_450, 1_450, False)]
    assert flown[1].far_last_ns == 1_450


def test_what_the_other_kernel_did_alone_is_a_guess() -> None:
    marks = [
        mark(1, "sent", 1_000, kind="connect", octets=0),
        mark(2, "sent", 1_100, far=noted(1_200)),
    ]
    assert [flight.guessed for flight in flights(marks, [BOTH])] == [True, False]


def test_what_was_never_sent_would_have_come_half_a_round_trip_later() -> None:
    assert ends(flights([mark(9, "received", 1_000, lost=9)], [BOTH])) == [(1_050, 1_000, False)]


def test_a_resolver_that_is_measured_took_what_it_noted() -> None:
    marks = [
        mark(1, "sent", 1_000, lane=RESOLVER, layer="dns", far=noted(1_100)),
        mark(2, "received", 1_800, lane=RESOLVER, layer="dns", far=noted(1_700, call="send")),
    ]
    both = msgspec.structs.replace(ASKED, measured=True)
    assert queries(flights(marks, [both])) == {(1_100, 1_700)}


turns = st.lists(
    st.tuples(st.sampled_from(("sent", "received")), st.integers(0, 200), st.sampled_from("ht")),
    max_size=30,
)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 90), st.booleans(), st.integers(0, 90))))
def test_nothing_moves_what_was_measured_and_nothing_lands_before_it_left(
    steps: list[tuple[bool, int, bool, int]],
) -> None:
    time_ns, marks = 0, []
    for number, (sent, after, measured, way) in enumerate(steps, start=1):
        time_ns += after
        there = time_ns + way if sent else time_ns - way
        far = noted(there, call="recv" if sent else "send") if measured else ()
        marks.append(mark(number, "sent" if sent else "received", time_ns, far=far))
    for flight in flights(marks, [lane()]):
        if flight.is_measured:
            assert flight.far_ns == flight.mark.far[0].time_ns
            assert not flight.moved
        if flight.mark.direction == "sent":
            assert flight.far_ns >= flight.near_ns
        else:
            assert flight.far_ns <= flight.near_ns


@settings(max_examples=1_000)
@given(turns, st.integers(0, 400))
def test_order_holds_whatever_happens(steps: list[tuple[str, int, str]], trip: int) -> None:
    time_ns, marks = 0, []
    for number, (direction, after, layer) in enumerate(steps, start=1):
        time_ns += after
        marks.append(mark(number, direction, time_ns, layer={"h": "http", "t": "tls"}[layer]))
    flown = flights(marks, [lane(trip)])
    sent = [flight for flight in flown if flight.mark.direction == "sent"]
    came = [flight for flight in flown if flight.mark.direction == "received"]
    for group in (sent, came):
        far = [flight.far_ns for flight in group]
        assert far == sorted(far)
    assert all(flight.far_ns >= flight.near_ns for flight in sent)
    assert all(flight.far_ns <= flight.near_ns for flight in came)
    if came and flown[0].mark.direction == "sent":
        assert came[0].far_ns >= sent[0].far_ns
    waiting: dict[str, Flight] = {}
    for flight in flown:
        if flight.mark.direction == "sent":
            waiting.setdefault(flight.mark.layer, flight)
        elif message := waiting.pop(flight.mark.layer, None):
            assert flight.far_ns >= message.far_ns
