"""What a request on a connection that was there already did not need."""

from __future__ import annotations

from netcore.reuse import Reuse, reuses, sentences
from netcore.trace import AnyEvent, Called, StageEnded, StageStarted

MS = 1_000_000


def stage(name: str, hop: int, start: int, *calls: Called) -> list[AnyEvent]:
    return [StageStarted(start * MS, name, hop), *calls, StageEnded((start + 2) * MS, name, hop)]


def moved(socket: str, octets: int) -> Called:
    return Called(0, socket, "send", channel=f"{socket}.sent", length=octets)


def connected(socket: str) -> Called:
    return Called(0, socket, "connect", ("192.0.2.1:80",), None, "EINPROGRESS")


def first() -> list[AnyEvent]:
    return [
        *stage("dns", 1, 0, moved("udp:1", 40)),
        *stage("connect", 1, 2, connected("tcp:1")),
        *stage("tls", 1, 4, moved("tcp:1", 900)),
        *stage("request", 1, 6, moved("tcp:1", 100)),
    ]


def test_what_the_first_request_took_is_what_the_second_saved() -> None:
    events = [*first(), *stage("request", 2, 9, moved("tcp:1", 50))]
    assert reuses(events) == (Reuse(2, 1, ("dns", "connect", "tls"), 6 * MS, 940),)
    assert sentences(reuses(events)) == [
        "Request 2 reused the connection of request 1: nothing to look up, connect or secure; "
        "saved about 6.00 ms and 940 bytes, taken from request 1."
    ]


def test_a_request_with_its_own_connection_reused_nothing() -> None:
    other = [
        *stage("connect", 2, 9, connected("tcp:2")),
        *stage("request", 2, 11, moved("tcp:2", 50)),
    ]
    assert reuses([*first(), *other]) == ()


def test_a_request_that_was_sent_again_on_a_new_connection_reused_nothing() -> None:
    events = [
        *first(),
        *stage("request", 2, 9, moved("tcp:1", 50)),
        *stage("connect", 2, 11, connected("tcp:2")),
        *stage("request", 2, 13, moved("tcp:2", 50)),
    ]
    assert reuses(events) == ()


def test_requests_that_saved_the_same_are_told_together() -> None:
    plain = [
        *stage("connect", 1, 0, connected("tcp:1")),
        *stage("request", 1, 2, moved("tcp:1", 100)),
    ]
    more = [event for hop in (2, 3) for event in stage("request", hop, hop, moved("tcp:1", 9))]
    (told,) = sentences(reuses([*plain, *more]))
    assert told.startswith(
        "Requests 2 and 3 reused the connection of request 1: nothing to connect;"
    )
    assert "2.00 ms and 0 bytes each" in told
    many = [e for hop in range(2, 9) for e in stage("request", hop, hop, moved("tcp:1", 9))]
    (told,) = sentences(reuses([*plain, *many]))
    assert told.startswith("Requests 2 to 8 reused")


def test_what_was_torn_off_is_told_as_far_as_it_goes() -> None:
    events = [*first(), *stage("request", 2, 9, moved("tcp:1", 50))]
    for count in range(len(events)):
        assert len(reuses(events[:count])) <= 1
