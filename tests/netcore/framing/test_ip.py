"""Each captured packet is a unit, also in the middle of a connection."""

from __future__ import annotations

from netcore.channels import collect
from netcore.framing.ip import frame, is_captured
from netcore.pdus import explain
from netcore.trace import Called
from tests.netcore.made_packets import OURS, THEIRS, captured, received, segment, sent

EVENTS = [
    sent(1, 1, 2),
    Called(2, "tcp:1", "recv", (9,), 3, channel="tcp:1.received", length=3, data=b"abc"),
    received(3, 1, 18),
    captured(4, segment(OURS, THEIRS, 2, 16, b"x" * 300), sent=True, kept=60),
    captured(5, b"", sent=True),
]


def test_each_packet_is_a_unit_with_the_event_that_it_is() -> None:
    explanation = explain(EVENTS)
    found = [(pdu.events, pdu.size) for pdu in explanation.pdus if pdu.protocol == "ip_datagram"]
    assert found == [((1,), 52), ((3,), 52), ((4,), 60)]


def test_they_are_no_octets_of_a_socket() -> None:
    channels = collect(EVENTS)
    assert [name for name in channels if is_captured(channels[name])] == [
        "captured:eth0.sent",
        "captured:eth0.received",
    ]
    assert [len(frame(channels[f"captured:eth0.{way}"])) for way in ("sent", "received")] == [2, 1]
    assert channels["tcp:1.received"].octets == b"abc"
