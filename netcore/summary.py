"""The summary of a trace: what can be said of it in one line."""

from __future__ import annotations

from netcore.kernel_times import KernelTimes
from netcore.marks import Summary
from netcore.round_trip_count import round_trips_before_response
from netcore.trace import Called, Chose, Completed, Failed, StageStarted, Trace


def summary_of(trace: Trace, kernel: KernelTimes) -> Summary:
    """How a fetch ended, what it took and what crossed; of a running one, what is known so far.

    In: `kernel`, what the kernel told of the times of these events.
    """
    calls = [event for event in trace.events if isinstance(event, Called)]
    waits = [kernel.waited_ns(call) for call in calls if call.call == "recv" and call.length]
    chosen = {event.what: event.value for event in trace.events if isinstance(event, Chose)}
    hops = [event.hop for event in trace.events if isinstance(event, StageStarted | Failed)]
    outcome = trace.outcome
    completed = outcome if isinstance(outcome, Completed) else None
    failed = outcome if isinstance(outcome, Failed) else None
    last_hop = max(hops, default=1)
    return Summary(
        url=trace.url,
        running=outcome is None,
        status_code=completed.status_code if completed else 0,
        reason_phrase=completed.reason_phrase if completed else "",
        http_version=completed.http_version if completed else "",
        failure=failed,
        failure_event=len(trace.events) if failed else 0,
        total_ns=trace.events[-1].time_ns if trace.events else 0,
        sent_octets=sum(call.length for call in calls if call.channel.endswith(".sent")),
        received_octets=sum(call.length for call in calls if call.channel.endswith(".received")),
        tls_version=chosen.get("tls version", ""),
        cipher_suite=chosen.get("cipher suite", ""),
        hops=last_hop,
        body_octets=completed.body_octets if completed else 0,
        round_trips=round_trips_before_response(trace.events, last_hop),
        kernel_wait_ns=max(waits, default=0),
    )
