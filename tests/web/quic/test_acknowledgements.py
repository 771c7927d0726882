"""ACKs are drawn as the ranges that they cover."""

from __future__ import annotations

import pytest

from netcore.dissect.quic_frame_walk import Frame
from netcore.quic.recovery import recovery
from tests.web.quic.telling import story, view
from web.quic import acknowledgements as module
from web.quic.acknowledgements import LEFT, WIDTH, acknowledgement_views


def test_each_space_and_direction_has_a_drawing_of_its_own() -> None:
    titles = [each.title for each in view("simple").acknowledgements]
    assert titles[0] == "Initial: what the server acknowledged of the client's packets"
    assert titles[-1].startswith("0-RTT and 1-RTT: what the client")
    assert len(set(titles)) == len(titles)


def test_a_hole_is_a_gap_between_bars_and_in_the_words() -> None:
    rows = [row for each in view("loss").acknowledgements for row in each.rows]
    torn = [row for row in rows if len(row.bars) > 1]
    assert torn
    assert all("," in row.covers for row in torn)


def test_bars_and_ticks_stay_in_the_drawing() -> None:
    for each in view("our_loss").acknowledgements:
        for row in each.rows:
            assert row.y + 22 <= each.height
            for bar in row.bars:
                assert bar.x >= LEFT
                assert bar.x + bar.width <= WIDTH
        assert all(LEFT <= tick.x <= WIDTH for tick in each.ticks)


def test_a_packet_that_was_told_lost_has_a_cross() -> None:
    ticks = [tick for each in view("our_loss").acknowledgements for tick in each.ticks]
    assert sum(tick.css == "lost" for tick in ticks) == 1


def test_what_is_covered_for_the_first_time_adds_up_to_what_was_acknowledged() -> None:
    tale = story("simple")
    found = recovery(tale.explanation.quic["1"], tale.trace.events)
    new = [
        int(row.new)
        for each in view("simple").acknowledgements
        if "the client's packets" in each.title
        for row in each.rows
    ]
    assert sum(new) >= len(found.acknowledged)
    assert all(number > 0 for number in new)


def test_the_delay_is_told_in_1_rtt_alone() -> None:
    views = view("simple").acknowledgements
    assert all(not row.delay for each in views if "1-RTT" not in each.title for row in each.rows)
    assert all(row.delay for each in views if "1-RTT" in each.title for row in each.rows)


def test_a_server_may_acknowledge_what_was_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    tale = story("simple")
    connection = tale.explanation.quic["1"]
    monkeypatch.setattr(
        module, "_acks", lambda packets: [(packets[0], Frame(2, 0, 9, ((1 << 62) - 1, 1, 0, 5)))]
    )
    found = recovery(connection, tale.trace.events)
    for each in acknowledgement_views(connection, found, tale, "/t/x"):
        assert all(LEFT <= bar.x <= WIDTH for row in each.rows for bar in row.bars)
