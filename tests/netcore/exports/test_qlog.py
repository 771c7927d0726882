"""qlog 0.3 of conversations, beside the log that aioquic writes of the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aioquic.quic.logger import QuicLogger

from netcore.exports.qlog import qlog
from netcore.options import Options
from netcore.trace import Trace
from tests.netcore.quic_conversation import (
    STORIES,
    Conversation,
    simple,
    with_key_updates,
    with_our_loss,
    with_reset,
    with_version_negotiation,
)

Events = list[dict[str, Any]]


def log_of(talk: Conversation) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(qlog(talk.trace()))
    return read


def events_of(talk: Conversation, name: str = "") -> Events:
    found: Events = log_of(talk)["traces"][0]["events"]
    return [event for event in found if name in ("", event["name"])]


@pytest.mark.parametrize("name", sorted(STORIES))
def test_a_log_has_the_form_of_0_3(name: str) -> None:
    log = log_of(STORIES[name]())
    assert (log["qlog_version"], log["qlog_format"]) == ("0.3", "JSON")
    (trace,) = log["traces"]
    assert trace["vantage_point"]["type"] == "client"
    assert trace["common_fields"]["time_format"] == "relative"
    times = [event["time"] for event in trace["events"]]
    assert times == sorted(times)
    assert {tuple(sorted(event)) for event in trace["events"]} == {("data", "name", "time")}


def test_packets_and_frames_are_those_that_aioquic_logs() -> None:
    logger = QuicLogger()
    talk = simple(client={"quic_logger": logger})
    (theirs,) = logger.to_dict()["traces"]
    for name in ("transport:packet_sent", "transport:packet_received"):
        ours = events_of(talk, name)
        logged = [event for event in theirs["events"] if event["name"] == name]
        assert [shown(event) for event in ours] == [shown(event) for event in logged]


def shown(event: dict[str, Any]) -> tuple[Any, ...]:
    header, frames = event["data"]["header"], event["data"]["frames"]
    kinds = [frame["frame_type"] for frame in frames if frame["frame_type"] != "padding"]
    ranges = [frame["acked_ranges"] for frame in frames if frame["frame_type"] == "ack"]
    spans = [[sorted(each) for each in sorted(one)] for one in ranges]
    packet_type = header["packet_type"]
    return packet_type, header["packet_number"], header["dcid"], kinds, spans


def test_parameters_are_told_for_both_sides() -> None:
    owners = [event["data"]["owner"] for event in events_of(simple(), "transport:parameters_set")]
    assert sorted(owners) == ["local", "remote"]


def test_a_loss_and_round_trips_are_recovery() -> None:
    talk = with_our_loss()
    (lost,) = events_of(talk, "recovery:packet_lost")
    assert lost["data"]["header"]["packet_type"] == "1RTT"
    metrics = events_of(talk, "recovery:metrics_updated")
    assert metrics[0]["data"]["latest_rtt"] == pytest.approx(20, rel=1e-6)


def test_key_updates_version_negotiation_and_ends_are_events() -> None:
    assert len(events_of(with_key_updates(), "security:key_updated")) == 4
    refused = [
        event
        for event in events_of(with_version_negotiation(), "transport:packet_received")
        if "supported_versions" in event["data"]
    ]
    assert refused[0]["data"]["supported_versions"] == ["6b3343cf"]
    (closed,) = events_of(with_reset(), "connectivity:connection_closed")
    assert closed["data"]["trigger"] == "stateless_reset"


def test_packets_that_stay_closed_are_told_as_such() -> None:
    talk = simple()
    talk.events = talk.without()
    dropped = events_of(talk, "transport:packet_dropped")
    assert {event["data"]["trigger"] for event in dropped} == {"payload_decrypt_error"}


def test_a_trace_without_quic_has_no_connection() -> None:
    log = json.loads(qlog(Trace("http://a/\ud800", "when?", Options(), [])))
    assert log["traces"] == []
