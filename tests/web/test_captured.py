"""Captured packets on the page: steps of their own, and fields with their words."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from netcore.segments import SYN
from netcore.trace import Captured
from tests.netcore.made_packets import received, sent
from tests.netcore.test_captured_marks import HANDSHAKE, connection
from tests.web.conftest import Script

Traced = Callable[[], str]


def test_a_packet_is_a_step_and_its_header_is_explained(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = connection(*HANDSHAKE).events
    path = traced()
    page = client.get(path).text
    assert "SYN-ACK" in page
    number = 1 + next(n for n, e in enumerate(script.events) if isinstance(e, Captured))
    event = client.get(f"{path}/e/{number}").text
    assert "time_to_live" in event
    assert "sequence_number" in event
    assert "kernel sent SYN" in event
    field = client.get(f"{path}/e/{number}?f=64-72&part=field").text
    assert "How many routers may still forward it?" in field


def test_all_events_list_the_packets_that_are_no_step(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    data = sent(200, 100, 0, b"GET / HTTP/1.1", acknowledged=500)
    script.events = connection(*HANDSHAKE, data).events
    path = traced()
    listed = client.get(f"{path}/list?all=1").text
    assert "captured on eth0, sent" in listed
    number = script.events.index(data) + 1
    event = client.get(f"{path}/e/{number}").text
    assert "47 45 54" in event or "GET / HTTP/1.1" in event
    assert client.get(f"{path}/e/{number}.bin").data == data.data


def test_hostile_packets_are_shown_as_what_they_are(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    strange = [
        Captured(5, "<b>eth0", "sent", 9, b"<script>x"),
        Captured(6, "eth0", "received", 3, b"\x45\x00\x00"),
        Captured(7, "eth0", "received", 70_000, b"\x60" + bytes(70)),
        received(8, 0xFFFFFFFF, SYN | 0xC1),
    ]
    script.events = connection(*strange).events
    path = traced()
    for number in range(1, len(script.events) + 1):
        answer = client.get(f"{path}/e/{number}")
        assert answer.status_code == 200
        assert "<b>eth0" not in answer.text
        assert "<script>x" not in answer.text
