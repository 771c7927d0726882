"""The events of each request, and how long its phases took."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcore.exports.hops import Timings, hops, timings
from netcore.trace import AnyEvent, Called, Completed, Failed, StageEnded, StageStarted

MS = 1_000_000


def stage(
    name: str, start: int, end: int, *inside: AnyEvent, hop: int = 1, error: str = ""
) -> list[AnyEvent]:
    """A stage, in milliseconds, with what happened in it."""
    started = StageStarted(start * MS, name, hop)
    return [started, *inside, StageEnded(end * MS, name, hop, error)]


def call(what: str, start: int, end: int, socket: str = "tcp:1", **more: str) -> Called:
    """A call, in milliseconds; `send` and `recv` move an octet."""
    moved = {"send": "sent", "recv": "received"}.get(what)
    channel = f"{socket}.{moved}" if moved else ""
    length = 1 if moved else 0
    arguments = ("192.0.2.1:80",) if what == "connect" else ()
    return Called(
        start * MS,
        socket,
        what,
        arguments,
        duration_ns=(end - start) * MS,
        channel=channel,
        length=length,
        data=b"x" * length,
        **more,
    )


CONNECT = stage(
    "connect",
    20,
    40,
    call("connect", 21, 22, errno="EINPROGRESS"),
    call("select", 22, 35),
    call("getsockopt", 36, 37),
    call("getpeername", 38, 39),
)
TLS = stage("tls", 40, 70, call("send", 45, 46), call("recv", 55, 56), call("send", 60, 62))


def exchange(at: int, hop: int = 1) -> list[AnyEvent]:
    """Send 2 ms, wait 5 ms, receive 10 ms; 1 ms before it, and 1 behind."""
    return [
        *stage(
            "request",
            at,
            at + 3,
            call("send", at + 1, at + 2),
            call("send", at + 3, at + 3),
            hop=hop,
        ),
        *stage("waiting", at + 3, at + 8, call("recv", at + 7, at + 8), hop=hop),
        *stage("response", at + 8, at + 19, call("recv", at + 17, at + 18), hop=hop),
    ]


def milliseconds(took: Timings) -> tuple[float, ...]:
    """All of them, as they are written."""
    return (
        took.blocked,
        took.dns,
        took.connect,
        took.ssl,
        took.send,
        took.wait,
        took.receive,
    )


def test_each_phase_is_measured_from_its_calls() -> None:
    events = [*stage("dns", 5, 17), *CONNECT, *TLS, *exchange(70), Completed(99 * MS, 200)]
    (hop,) = hops(events)
    took = timings(hop, [])
    # 14 ms from connect() until it was writable, and 15 from the ClientHello to our Finished.
    assert milliseconds(took) == (83 - 12 - 14 - 15 - 17, 12, 14 + 15, 15, 2, 5, 10)
    assert took.total == 83  # from the beginning to the last octet


def test_a_wait_that_did_not_wait_tells_that_connecting_was_over_before() -> None:
    events = stage(
        "connect",
        0,
        9,
        call("connect", 0, 1, errno="EINPROGRESS"),
        call("select", 5, 5),  # we were held up until then
        call("getsockopt", 6, 7),
    )
    (hop,) = hops(events)
    assert timings(hop, []).connect == 1


@pytest.mark.parametrize(
    ("rtt_us", "expected"),
    [(2_500, 2.5), (14_001, 14), (0, 14), (-5, 14)],
    ids=["kernel", "longer than our own", "none", "nonsense"],
)
def test_the_kernel_s_round_trip_is_the_time_to_connect(rtt_us: int, expected: float) -> None:
    told = Called(38 * MS, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_rtt"), rtt_us)
    (hop,) = hops([*CONNECT[:-1], told, CONNECT[-1], *exchange(40)])
    assert timings(hop, []).connect == expected


def test_a_lost_syn_is_in_the_time_to_connect_and_not_in_the_round_trip() -> None:
    events = stage(
        "connect",
        0,
        1_060,
        call("connect", 0, 1, errno="EINPROGRESS"),
        call("select", 1, 1_050),
        call("getsockopt", 1_050, 1_051),
        Called(1_052 * MS, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_rtt"), 40_000),
    )
    (hop,) = hops([*events, *exchange(1_060)])
    assert timings(hop, []).connect == 1_050


def test_quic_connects_and_secures_from_its_first_datagram_to_the_end_of_its_handshake() -> None:
    events = [
        *stage(
            "quic",
            20,
            45,
            call("connect", 21, 22, "udp:1"),
            call("send", 23, 24, "udp:1"),
            call("recv", 33, 34, "udp:1"),
            call("send", 40, 41, "udp:1"),
        ),
        *stage("request", 45, 48, call("send", 46, 47, "udp:1")),
        *stage("waiting", 48, 53, call("recv", 52, 53, "udp:1")),
    ]
    (hop,) = hops(events)
    assert hop.socket == "udp:1"
    took = timings(hop, ())
    assert (took.connect, took.ssl) == (17, 17)
    assert took.dns == -1


def test_what_did_not_happen_is_minus_1() -> None:
    (hop,) = hops([*CONNECT, *exchange(40)])
    took = timings(hop, [])
    assert (took.dns, took.ssl, took.connect) == (-1, -1, 14)


def test_a_request_on_a_connection_that_was_there_has_no_connect() -> None:
    events = [*CONNECT, *exchange(40), *stage("redirect", 60, 61, hop=2), *exchange(62, hop=2)]
    first, second = hops(events)
    assert first.socket == second.socket == "tcp:1"
    assert milliseconds(timings(second, [])) == (3, -1, -1, -1, 2, 5, 10)


def test_a_request_that_is_sent_again_begins_a_part_of_its_own() -> None:
    failed = stage("waiting", 63, 64, error="tcp.closed_early")
    sent = stage("request", 60, 63, call("send", 61, 63))
    first, second = hops([*CONNECT, *sent, *failed, *CONNECT, *exchange(90)])
    assert [each.name for each in first.stages] == ["connect", "request", "waiting"]
    assert (first.failure, second.failure) == ("tcp.closed_early", "")
    assert [each.name for each in second.stages] == ["connect", "request", "waiting", "response"]


def test_the_wait_ends_with_the_response_and_not_with_a_session_ticket() -> None:
    events = [
        *stage("request", 0, 2, call("send", 0, 2)),
        *stage("waiting", 2, 9, call("recv", 3, 4), call("recv", 8, 9)),
        *stage("response", 9, 9),
    ]
    (hop,) = hops(events)
    number_of = {event.time_ns: n for n, event in enumerate(events, start=1)}
    assert timings(hop, [number_of[8 * MS]]).wait == 9
    assert timings(hop, []).wait == 4


GIVEN_UP = [
    *stage("request", 0, 2, call("send", 0, 1)),
    *stage("waiting", 2, 9, call("recv", 8, 9)),
    *stage("response", 9, 1_000, error="limit.total"),
    call("send", 1_000, 1_001),  # close_notify
    call("recv", 1_001, 1_002),  # what had come by then
    Failed(1_003 * MS, "response", "limit.total", "z"),
]


@pytest.mark.parametrize("known", [True, False])
def test_the_goodbye_of_a_fetch_that_gave_up_is_no_part_of_its_request(known: bool) -> None:
    (hop,) = hops(GIVEN_UP)
    took = timings(hop, [5] if known else [], [2] if known else [])
    assert milliseconds(took) == (0, -1, -1, -1, 0, 9, 991)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("fails", [False, True])
def test_an_alert_before_a_failure_is_no_part_of_the_request(known: bool, fails: bool) -> None:
    alert = call("send", 40, 41)
    if fails:
        alert = msgspec.structs.replace(alert, length=0, data=b"", errno="EPIPE")
    events = [
        *stage("request", 0, 2, call("send", 0, 1)),
        *stage("waiting", 2, 9, call("recv", 8, 9)),
        *stage("response", 9, 50, call("recv", 30, 39), alert, error="tls.bad_record"),
    ]
    (hop,) = hops([*events, Failed(51 * MS, "response", "tls.bad_record", "z")])
    took = timings(hop, [5] if known else [], [2] if known else [])
    assert milliseconds(took) == (0, -1, -1, -1, 0, 9, 41)


def test_a_request_that_goes_on_behind_what_is_kept_is_sent_to_its_end() -> None:
    behind = msgspec.structs.replace(call("send", 20, 30), data=b"")
    events = [
        *stage("request", 0, 30, call("send", 0, 1), behind),
        *stage("waiting", 30, 35, call("recv", 34, 35)),
    ]
    (hop,) = hops(events)
    assert timings(hop, [6], [2]).send == 20


def test_a_request_of_which_no_octet_was_taken_has_no_time_to_send() -> None:
    failed = msgspec.structs.replace(call("send", 0, 1), length=0, data=b"", errno="EPIPE")
    (hop,) = hops(stage("request", 0, 2, failed, error="tcp.reset"))
    assert milliseconds(timings(hop, []))[-3:] == (0, 2, 0)


def test_attempts_at_other_addresses_are_blocked_time() -> None:
    events = stage(
        "connect",
        0,
        30,
        call("connect", 0, 1, "tcp:1", errno="EINPROGRESS"),
        call("select", 1, 10, ""),
        call("connect", 10, 11, "tcp:2", errno="EINPROGRESS"),
        call("select", 11, 14, ""),
        call("getsockopt", 14, 15, "tcp:2"),
        call("getpeername", 15, 16, "tcp:2"),
        call("close", 16, 17, "tcp:1"),
    )
    sent = stage("request", 30, 31, call("send", 30, 31, "tcp:2"))
    (hop,) = hops([*events, *sent])
    took = timings(hop, [])
    assert (hop.socket, took.connect, took.blocked) == ("tcp:2", 4, 26)


def test_the_socket_that_won_is_the_hops_although_another_began_later() -> None:
    events = stage(
        "connect",
        0,
        30,
        call("connect", 0, 1, "tcp:1", errno="EINPROGRESS"),
        call("select", 1, 10, ""),
        call("connect", 10, 11, "tcp:2", errno="EINPROGRESS"),
        call("select", 14, 14, ""),  # at once, and yet it was not writable before the first wait
        call("getsockopt", 14, 15, "tcp:1"),
        call("getpeername", 15, 16, "tcp:1"),
    )
    (hop,) = hops(events)
    assert (hop.socket, timings(hop, []).connect) == ("tcp:1", 14)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (stage("dns", 0, 7, error="dns.timeout"), (0, 7, -1, -1, 0, 0, 0)),
        (
            [*CONNECT[:3], StageEnded(90 * MS, "connect", 1, "tcp.timeout")],
            (1, -1, 69, -1, 0, 0, 0),
        ),
        (
            [*CONNECT, *stage("tls", 40, 90, call("send", 45, 46), error="tls.timeout")],
            (11, -1, 14 + 45, 45, 0, 0, 0),
        ),
        (
            [
                *stage("request", 0, 2, call("send", 0, 2)),
                *stage("waiting", 2, 50, error="http.first_byte_timeout"),
            ],
            (0, -1, -1, -1, 0, 50, 0),
        ),
    ],
)
def test_a_failure_ends_the_phase_that_it_was_in(
    events: list[AnyEvent], expected: tuple[float, ...]
) -> None:
    (hop,) = hops([*events, Failed(95 * MS, "", "x.y", "z")])
    assert milliseconds(timings(hop, [])) == expected


@given(st.lists(st.integers(0, 10**12), min_size=6, max_size=6))
def test_the_total_is_the_sum_in_any_order(times: list[int]) -> None:
    a, b, c, d, e, f = sorted(times)
    events: list[AnyEvent] = [
        StageStarted(a, "dns"),
        StageEnded(b, "dns"),
        StageStarted(b, "request"),
        Called(c, "tcp:1", "send", duration_ns=d - c, channel="tcp:1.sent", length=1),
        Called(d, "tcp:1", "recv", duration_ns=e - d, channel="tcp:1.received", length=1),
        Called(e, "tcp:1", "recv", duration_ns=f - e, channel="tcp:1.received", length=1),
    ]
    (hop,) = hops(events)
    took = timings(hop, [])
    parts = [took.blocked, took.dns, took.send, took.wait, took.receive]
    assert took.total == sum(parts) == sum(reversed(parts)) == math.fsum(sorted(parts))
    assert took.total == pytest.approx((f - a) / MS, abs=0.01)
