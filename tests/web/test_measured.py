"""A fetch of the lab is measured at both ends: the servers' notes are events of its trace."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask

from lab.whole import Lab
from netcore.client import fetch
from netcore.options import Options
from netcore.trace import Called, Completed, PeerCalled, Trace, decode, encode
from web.admission import admit
from web.measured import told_by
from web.tale import tell

pytestmark = [pytest.mark.wire, pytest.mark.slow]


def fetched(lab: Lab, name: str) -> Trace:
    target = next(each for each in lab.targets if each.name == name)
    asked = target.ask.options(target.url)
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **asked)
    return fetch(target.url, options, other_ends=told_by(lab.log))


@pytest.mark.parametrize("name", ["plain", "chunked", "h3", "h3-lossy"])
def test_the_servers_times_lie_between_ours(lab: Lab, name: str) -> None:
    told = tell(fetched(lab, name))
    calls = [event for event in told.trace.events if isinstance(event, Called) and event.length > 0]
    known = [(call, far) for call in calls for far in told.ends.of(call)]
    assert {call.channel for call, _ in known} == {call.channel for call in calls}
    for call, far in known:
        if call.call == "send":
            assert call.time_ns <= far.time_ns
        else:
            assert far.time_ns <= call.end_ns
    assert all(lane.measured for lane in told.timeline.lanes if lane.kind != "client")


def test_they_stand_before_the_end_and_are_saved_and_admitted(lab: Lab) -> None:
    trace = fetched(lab, "plain")
    assert isinstance(trace.events[-1], Completed)
    assert isinstance(trace.events[-2], PeerCalled)
    assert decode(encode(trace)) == admit(encode(trace)) == trace


def test_what_the_lab_lost_on_purpose_is_a_lost_arrow_of_the_server(lab: Lab) -> None:
    marks = tell(fetched(lab, "h3-lossy")).timeline.marks
    lost = [mark for mark in marks if mark.never_sent]
    assert len(lost) == 3
    assert all(mark.certainty == "observed" and mark.direction == "received" for mark in lost)


def test_of_tls_the_servers_sockets_tell_nothing(lab: Lab) -> None:
    told = tell(fetched(lab, "tls13"))
    by_kind = {lane.kind: lane.measured for lane in told.timeline.lanes}
    assert by_kind == {"client": False, "resolver": True, "server": False}


def test_of_a_server_elsewhere_nothing_is_told(lab: Lab) -> None:
    elsewhere = [
        Called(1, "tcp:1", "connect", ("192.0.2.1:80",)),
        Called(2, "tcp:1", "getsockname", (), "192.0.2.7:40000"),
        Called(3, "tcp:2", "getsockname", (), "192.0.2.7:40001"),
    ]
    assert told_by(lab.log)(elsewhere, 0) == []


def test_the_page_says_that_both_ends_were_measured(
    make_app: Callable[..., Flask], lab: Lab
) -> None:
    client = make_app(LAB=lab, FETCH=fetch).test_client()
    location = client.post("/trace", data={"lab": "plain"}).headers["Location"]
    trace_id = location.split("/t/")[1].split("?")[0]
    feed = client.application.extensions["tracing"].feeds.get(trace_id)
    assert feed.wait_finished(20)
    page = client.get(f"/t/{trace_id}?m=time").text
    assert '<p class="legend">both ends measured' in page
    assert "assumed" not in "".join(re.findall(r'class="lane[^"]*"', page))
    assert 'class="arrow far assumed"' in page  # of connect(), which no call there shows
    assert client.get(f"/t/{trace_id}.jsonl").text.count('"PeerCalled"') == 6
