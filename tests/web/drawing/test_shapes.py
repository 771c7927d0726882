"""Signs and names that are the same whatever the width shows."""

from __future__ import annotations

import pytest

from netcore.errors import INTERRUPTED
from netcore.marks import Lane
from netcore.round_trips import BY_QUERY
from tests.web.drawing.marks import lane, mark
from web.drawing.shapes import (
    NO_SERVER,
    Glyph,
    arrow,
    assumption,
    cross,
    cross_path,
    css_of,
    is_arrow,
    lane_places,
    lane_title,
    pill_text,
    sealed,
    sign,
    tick,
    wide_names,
)

CLIENT = Lane("client", "client", "Client", "")
RESOLVER = Lane("udp:192.0.2.53:53", "resolver", "Resolver", "192.0.2.53:53")


def test_the_resolver_runs_above_the_client_and_servers_below() -> None:
    other = lane(key="tcp:192.0.2.9:80")
    places, height = lane_places((CLIENT, RESOLVER, lane(), other), 40)
    up, middle, down, deeper = (places[each.key] for each in (RESOLVER, CLIENT, lane(), other))
    assert up < middle < down < deeper < height


def test_without_a_server_there_is_no_room_for_one() -> None:
    places, height = lane_places((CLIENT, RESOLVER), 40)
    _, full = lane_places((CLIENT, RESOLVER, lane()), 40)
    assert height == places["client"] + NO_SERVER < full


def test_a_queries_duration_is_no_way_to_the_resolver() -> None:
    asked = Lane("udp:192.0.2.53:53", "resolver", "Resolver", "", 294_000_000, BY_QUERY)
    assert "A DNS query took 294 ms" in assumption(asked)
    assert "Half of" not in assumption(asked)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("ClientHello", "ClientHello"),
        ("alert close_notify", "alert close_notify"),
        ("alert certificate_expired", "alert certificate_expired"),
        ("ChangeCipherSpec, Finished", "Finished"),
        ("ChangeCipherSpec and 2 more", "ChangeCipherSpec"),
        ("ClientKeyExchange and 2 more", "ClientKeyExchange"),
        ("DNS answer: 127.0.0.1", "DNS answer"),
        ("200 OK, body, 286 bytes", "200 OK"),
        ("encrypted application data", "9 B"),
    ],
)
def test_a_pill_has_the_name_if_it_is_not_too_long(title: str, text: str) -> None:
    assert pill_text(mark(1, "sent", 0, title=title)) == text


def test_a_peers_line_says_that_it_is_estimated_and_why() -> None:
    assert [label.text for label in wide_names(lane(), 0)][-1] == "estimated"
    assert lane_title(lane(12_600_000)).endswith(
        "We only saw our own end. Half of the 12.6 ms round trip (connect()) puts the other "
        "about here."
    )
    assert "unknown" in assumption(lane(0))
    assert lane_title(CLIENT) == "Client: this machine"


def test_a_tick_is_as_high_as_the_logarithm_of_the_octets_within_bounds() -> None:
    heights = [tick(mark(1, "sent", 0, octets=n), 0, 0)[0].height for n in (1, 256, 1 << 40)]
    assert heights == [4, 16, 26]
    assert tick(mark(1, "sent", 0, octets=0), 0, 0) == ()


def test_only_what_goes_somewhere_is_an_arrow() -> None:
    assert is_arrow(mark(1, "sent", 0))
    assert not is_arrow(mark(1, "", 0, kind="close"))
    assert not is_arrow(mark(1, "", 0, kind="decision", lane="client"))


def test_a_cross_is_for_what_failed_and_for_nothing_else() -> None:
    for kind in ("connect", "connected", "close", "send"):
        done = sign(mark(1, "", 0, kind=kind), 0, 0)
        failed = sign(mark(1, "", 0, kind=kind, error="ECONNRESET"), 0, 0)
        assert (done.css, failed.css) == ("diamond", "cross")
    assert sign(mark(1, "sent", 0, lost=7), 0, 0).css == "cross lost"


def test_an_arrow_that_never_arrives_ends_at_six_tenths_with_its_cross() -> None:
    lost = mark(1, "sent", 0, lost=7, certainty="derived")
    (line,) = arrow(lost, 10, 20, 110, 120, answered=True)
    assert (line.x2, line.y2, line.head) == (70, 80, "")
    assert cross(lost, 10, 20, 110, 120) == (Glyph("cross lost", cross_path(70.0, 80.0)),)
    assert "lost" in css_of(lost).split()
    reset = mark(1, "received", 0, kind="close", error="ECONNRESET")
    assert cross(reset, 10, 20, 110, 120) == (Glyph("cross", cross_path(110, 120)),)


def test_a_fetch_that_somebody_stopped_has_no_cross() -> None:
    stopped = mark(1, "", 0, kind="failure", error=INTERRUPTED)
    assert sign(stopped, 0, 0).css == "stop"
    assert "stopped" in css_of(stopped).split()
    assert "failure" not in css_of(stopped).split()


def test_each_kind_has_its_sign() -> None:
    kinds = ("decision", "key", "truncated", "failure", "close")
    signs = [sign(mark(1, "", 0, kind=kind), 0, 0) for kind in kinds]
    assert [one.css for one in signs] == ["diamond", "key", "torn", "cross", "diamond"]
    assert len({one.d for one in signs}) == 5


def test_the_far_half_of_an_arrow_is_dashed_until_something_answers() -> None:
    assert len(arrow(mark(1, "sent", 0), 0, 0, 9, 9, answered=True)) == 1
    assert arrow(mark(1, "sent", 0), 0, 0, 9, 9, answered=False)[1].css == "arrow far assumed"


def test_a_key_stands_above_its_lane_and_beside_one_that_runs_down() -> None:
    secret = mark(1, "", 0, kind="key")
    lying, standing = sign(secret, 50, 100).d, sign(secret, 50, 100, standing=True).d
    assert lying.startswith("M50 86a4 4 0 1 0 0 -8a4 4 0 1 0 0 8v11")  # the tip ends at 97
    assert standing.startswith("M54 100a4 4 0 1 0 -8 0")  # the ring is on the lane


def test_what_is_encrypted_and_not_decrypted_is_sealed() -> None:
    assert sealed(mark(1, "sent", 0, layer="tls", opaque=True))
    assert not sealed(mark(1, "sent", 0, layer="tls"))
