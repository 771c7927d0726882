"""A generated trace is a real one: it is as long as asked for, always the same, and explained."""

from __future__ import annotations

import pytest

from bench.generated import LEAST, generated
from netcore.pdus import explain
from netcore.trace import Completed, decode, encode


@pytest.mark.parametrize("count", [LEAST, 60, 1_000])
def test_it_has_so_many_events_in_order_of_time(count: int) -> None:
    trace = generated(count)
    assert len(trace.events) == count
    assert isinstance(trace.outcome, Completed)
    times = [event.time_ns for event in trace.events]
    assert times == sorted(times)


def test_the_same_length_is_the_same_trace_and_survives_saving() -> None:
    assert generated(100).events == generated(100).events
    assert decode(encode(generated(100))).events == generated(100).events


def test_its_octets_are_explained() -> None:
    names = {pdu.name for pdu in explain(generated(100).events).pdus}
    assert {"dns_message", "http1_request_head", "websocket_frame"} <= names
