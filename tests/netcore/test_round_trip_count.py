"""Counting round trips from a recording."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.round_trip_count import LEAST_NS, RoundTripCount, round_trips_before_response
from netcore.trace import AnyEvent, Called, KernelTimestamp, StageStarted

MS = 1_000_000
TRIP = 100 * MS


def connecting(at_ms: float, socket: str = "tcp:1") -> Called:
    return Called(int(at_ms * MS), socket, "connect", ("192.0.2.1:443",), errno="EINPROGRESS")


def connected(at_ms: float, socket: str = "tcp:1") -> Called:
    return Called(int(at_ms * MS), socket, "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0)


def sent(at_ms: float, socket: str = "tcp:1") -> Called:
    return Called(int(at_ms * MS), socket, "send", channel=f"{socket}.sent", length=10)


def received(at_ms: float, socket: str = "tcp:1") -> Called:
    return Called(int(at_ms * MS), socket, "recv", channel=f"{socket}.received", length=10)


def counted(*events: AnyEvent, hop: int = 1) -> int | None:
    last = max(event.time_ns for event in events)
    count = round_trips_before_response([*events, StageStarted(last, "response", hop)], hop)
    return count.round_trips if count else None


def test_a_plain_request_takes_two() -> None:
    assert counted(connecting(0), connected(100), sent(101), received(202)) == 2


def test_tls_takes_one_more_and_its_tickets_none() -> None:
    tls = (connecting(0), connected(100), sent(101), received(202), sent(203))
    assert counted(*tls, received(304)) == 3
    assert counted(*tls, received(303), sent(303.5), received(304), received(305)) == 3


def test_what_is_sent_while_the_answer_is_on_its_way_adds_nothing() -> None:
    events: list[AnyEvent] = [connecting(0), connected(100), sent(101)]
    events += [sent(at) for at in range(110, 200, 10)]
    events += [event for at in range(201, 241, 10) for event in (received(at), sent(at + 1))]
    assert counted(*events, received(248)) == 2


def test_a_request_in_the_first_flight_over_udp_takes_one() -> None:
    first = (sent(0, "udp:2"), sent(0.1, "udp:2"))
    assert counted(*first, received(100, "udp:2"), received(100.4, "udp:2")) == 1


def test_a_lookup_is_not_counted() -> None:
    lookup: list[AnyEvent] = [StageStarted(0, "dns"), sent(0, "udp:1"), received(40, "udp:1")]
    fetch: list[AnyEvent] = [
        StageStarted(41 * MS, "connect"),
        connecting(50),
        connected(150),
        sent(151),
    ]
    assert counted(*lookup, *fetch, received(252)) == 2


def test_the_other_addresses_of_a_race_are_not_counted() -> None:
    race = (connecting(0, "tcp:1"), connecting(10, "tcp:2"), connected(110, "tcp:2"))
    assert counted(*race, sent(111, "tcp:2"), received(212, "tcp:2")) == 2


def test_a_request_on_a_connection_that_was_there_takes_one() -> None:
    before: list[AnyEvent] = [connecting(0), connected(100), sent(101), received(202)]
    second: list[AnyEvent] = [StageStarted(203 * MS, "request", 2), sent(204), received(305)]
    assert counted(*before, *second, hop=2) == 1


def test_a_server_next_door_gives_no_count() -> None:
    near = LEAST_NS / MS - 0.1
    events = connecting(0), connected(near), sent(near), received(3 * near)
    assert counted(*events) is None


def test_a_busy_machine_lengthens_a_measurement_and_the_least_of_them_counts() -> None:
    """connect() took 100 ms on a server next door; what came later shows that it is near."""
    late = (connecting(0), connected(100))
    assert counted(*late, sent(101), received(201)) == 2
    assert counted(*late, sent(101), received(102), sent(103), received(250)) is None
    told = Called(100 * MS, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_rtt"), 36)
    assert counted(*late, told, sent(101), received(201)) is None
    told_nothing = Called(100 * MS, *(told.socket, told.call, told.arguments, 0))
    assert counted(*late, told_nothing, sent(101), received(201)) == 2


def test_what_the_kernel_saw_acknowledged_took_no_longer_than_a_round_trip() -> None:
    events = [connecting(0), connected(100), sent(101), received(201)]
    acknowledged = KernelTimestamp(int(101.036 * MS), "tcp:1.sent", 10, "acknowledged")
    assert counted(*events, acknowledged) is None


def test_octets_on_their_way_measure_nothing() -> None:
    """A ticket arrives just after the request has left: it is no answer to it."""
    tls = (connecting(0), connected(100), sent(101), received(202))
    assert counted(*tls, sent(203), received(203.1), received(304)) == 3


def test_a_server_that_speaks_first_measures_nothing_by_it() -> None:
    greeted = (connecting(0), connected(100), received(101))
    assert counted(*greeted) == 1
    assert counted(*greeted, sent(102), received(202)) == 2


def test_the_connection_of_an_earlier_request_is_measured_too() -> None:
    before: list[AnyEvent] = [connecting(0), connected(1), sent(1), received(102)]
    second: list[AnyEvent] = [StageStarted(203 * MS, "request", 2), sent(204), received(305)]
    assert counted(*before, *second, hop=2) is None


def test_without_a_response_there_is_no_count() -> None:
    unanswered: list[AnyEvent] = [connecting(0), connected(100), sent(101)]
    assert round_trips_before_response(unanswered) is None
    assert round_trips_before_response([]) is None


def test_the_time_and_the_round_trip_are_told() -> None:
    events: list[AnyEvent] = [connecting(0), connected(100), sent(101), received(202)]
    events.append(StageStarted(202 * MS, "response"))
    assert round_trips_before_response(events) == RoundTripCount(2, TRIP, 202 * MS)


@given(st.integers(1, 8), st.integers(1, 6), st.floats(0, 5))
def test_it_is_the_number_of_turns_whatever_an_end_takes_to_think(
    turns: int, parts: int, thinking_ms: float
) -> None:
    events: list[AnyEvent] = [connecting(0), connected(100)]
    at = 100.0
    for _ in range(turns):
        at += thinking_ms
        events += [sent(at + 0.1 * part) for part in range(parts)]
        at += 100 + thinking_ms
        events += [received(at + 0.1 * part) for part in range(parts)]
    assert counted(*events) == turns + 1


def test_it_reads_as_words() -> None:
    assert str(RoundTripCount(1, 4_000_000, 0)) == "1 round trip of 4.00 ms"
    assert str(RoundTripCount(3, 302_000_000, 0)) == "3 round trips of 302 ms"
