"""What a timeline draws of the other ends."""

from __future__ import annotations

from netcore.marks import StageSpan
from netcore.measured import measured_lanes, never_sent, unheard
from netcore.other_ends import FarEnd
from netcore.trace import PeerCalled
from tests.web.drawing.marks import SERVER, mark

FAR = (FarEnd(7, "recv", 1_020, 9, 9),)
STAGES = [StageSpan("dns", 1, 0, 100), StageSpan("quic", 1, 100, None)]


def test_a_lane_is_measured_if_all_that_crossed_was_noted() -> None:
    connect = mark(1, "sent", 900, kind="connect", octets=0)
    known = mark(2, "sent", 1_000, far=FAR)
    assert measured_lanes([connect]) == set()
    assert measured_lanes([connect, known]) == {SERVER}
    assert measured_lanes([connect, known, mark(3, "received", 1_100)]) == set()
    assert measured_lanes([mark(1, "sent", 900), known]) == set()
    assert measured_lanes([known, mark(3, "sent", 1_100)]) == {SERVER}  # not read yet
    assert measured_lanes([known, mark(3, "received", 1_100, lost=3)]) == {SERVER}


def test_what_was_not_listened_to_is_lost() -> None:
    assert unheard([mark(2, "sent", 1_000, far=FAR)], {7}) == {2: 7}
    assert unheard([mark(2, "sent", 1_000, far=FAR)], set()) == {}


def test_what_was_never_sent_is_a_mark_that_tells_of_itself() -> None:
    event = PeerCalled(500, "udp:1.received", "send", 0, 1_200, lost=True)
    made = never_sent(9, event, "udp:192.0.2.1:443", STAGES)
    assert made is not None
    assert (made.number, made.lost, made.never_sent) == (9, 9, True)
    assert (made.direction, made.stage, made.layer, made.octets) == (
        "received",
        "quic",
        "tls",
        1_200,
    )


def test_no_other_call_is_a_mark() -> None:
    heard = PeerCalled(500, "udp:1.sent", "recv", 0, 1_200, lost=True)
    sent = PeerCalled(500, "udp:1.received", "send", 0, 1_200)
    assert never_sent(9, heard, SERVER, STAGES) is None
    assert never_sent(9, sent, SERVER, STAGES) is None
