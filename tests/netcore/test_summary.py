"""What can be said of a trace in one line."""

from __future__ import annotations

from netcore.kernel_times import KernelTimes
from netcore.marks import Summary
from netcore.summary import summary_of
from netcore.trace import AnyEvent, Chose, Failed, StageStarted
from tests.netcore.recordings import http_exchange, trace_of


def of(events: list[AnyEvent]) -> Summary:
    return summary_of(trace_of(events), KernelTimes(events))


SENT, RECEIVED = b"GET / HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"


def test_a_finished_fetch_has_its_status_and_what_crossed() -> None:
    summary = of(http_exchange([SENT], [RECEIVED]))
    assert not summary.running
    assert (summary.status_code, summary.reason_phrase) == (200, "OK")
    assert (summary.sent_octets, summary.received_octets) == (len(SENT), len(RECEIVED))
    assert (summary.failure, summary.failure_event, summary.hops) == (None, 0, 1)


def test_a_failed_fetch_points_at_the_event_that_says_why() -> None:
    failed = Failed(7, "tls", "tls.alert", "It did not work.", 2)
    chose = Chose(5, "tls version", "TLS 1.3")
    summary = of([StageStarted(1, "connect"), chose, failed])
    assert (summary.failure, summary.failure_event, summary.hops) == (failed, 3, 2)
    assert (summary.tls_version, summary.total_ns) == ("TLS 1.3", 7)


def test_a_running_fetch_has_what_is_known_so_far() -> None:
    assert of([]).running
    summary = of(http_exchange([SENT], [RECEIVED])[:-1])
    assert (summary.running, summary.status_code, summary.received_octets) == (True, 0, 19)
