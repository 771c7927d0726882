"""What one end can tell of a round trip."""

from __future__ import annotations

from netcore.round_trips import BY_ACK, BY_CONNECT, BY_KERNEL, BY_QUERY, RoundTrip, RoundTrips


def test_connecting_takes_one_round_trip() -> None:
    trips = RoundTrips()
    trips.connecting("tcp:1", 100)
    assert trips.is_connecting("tcp:1")
    trips.connected("tcp:1", "a", 350)
    assert not trips.is_connecting("tcp:1")
    assert trips.of("a") == RoundTrip(250, BY_CONNECT)
    assert trips.of("b") == RoundTrip(0, "")


def test_the_kernel_knows_better_and_what_is_no_time_is_passed_over() -> None:
    trips = RoundTrips()
    trips.connecting("tcp:1", 0)
    trips.connected("tcp:1", "a", 900_000)
    trips.told("a", 84)
    assert trips.of("a") == RoundTrip(84_000, BY_KERNEL)
    for strange in (None, "84", -1, 0, 1 << 80):
        trips.told("b", strange)
    assert trips.of("b").ns == 0


def test_what_was_acknowledged_sooner_counts() -> None:
    trips = RoundTrips()
    trips.connecting("tcp:1", 0)
    trips.connected("tcp:1", "a", 17_400_000)
    trips.acknowledged("a", 36_000)
    trips.acknowledged("a", 40_000)
    assert trips.of("a") == RoundTrip(36_000, BY_ACK)


def test_a_refusal_comes_from_the_peer_and_a_timeout_does_not() -> None:
    trips = RoundTrips()
    trips.connecting("tcp:1", 100)
    trips.connected("tcp:1", "a", 350, "ECONNREFUSED")
    trips.connecting("tcp:2", 100)
    trips.connected("tcp:2", "b", 9_000, "ETIMEDOUT")
    assert trips.of("a").ns == 250
    assert trips.of("b").ns == 0


def test_of_several_measurements_the_least_counts() -> None:
    trips = RoundTrips()
    for socket, took in (("udp:1", 900), ("udp:2", 500), ("udp:3", 700)):
        trips.moved(socket, "r", 1_000, sent=True)
        trips.moved(socket, "r", 1_000 + took, sent=False)
    assert trips.of("r") == RoundTrip(500, BY_QUERY)


def test_a_query_counts_only_where_nothing_else_was_measured() -> None:
    trips = RoundTrips()
    trips.connecting("tcp:1", 0)
    trips.connected("tcp:1", "r", 900)
    trips.moved("udp:1", "r", 1_000, sent=True)
    trips.moved("udp:1", "r", 1_100, sent=False)
    assert trips.of("r") == RoundTrip(900, BY_CONNECT)
    trips.moved("udp:2", "q", 1_000, sent=True)
    trips.moved("udp:2", "q", 1_100, sent=False)
    trips.told("q", 1)
    assert trips.of("q") == RoundTrip(1_000, BY_KERNEL)


def test_an_answer_is_measured_from_the_last_question_before_it() -> None:
    trips = RoundTrips()
    trips.moved("udp:1", "r", 0, sent=True)
    trips.moved("udp:1", "r", 300, sent=True)
    trips.moved("udp:1", "r", 1_000, sent=False)
    trips.moved("udp:1", "r", 1_200, sent=False)
    assert trips.of("r").ns == 700


def test_octets_of_a_stream_tell_nothing() -> None:
    trips = RoundTrips()
    trips.moved("tcp:1", "a", 0, sent=True)
    trips.moved("tcp:1", "a", 10, sent=False)
    assert trips.of("a").ns == 0
