"""Rerun: what can be changed of a fetch, and what a new one takes over."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from netcore.options import Options
from netcore.trace import Chose, Trace
from tests.web.compare.conftest import Sides, recorded, side
from tests.web.recordings import exchange
from web.compare.rerun import KEPT, options_of, variants, why_none
from web.compare.sides import Side
from web.feed import DONE, RUNNING, Standing


def keys(one: Side) -> list[str]:
    return [variant.key for variant in variants(one)]


def changed(one: Side, **options: object) -> Side:
    trace = one.tale.trace
    whole = msgspec.structs.replace(trace.options, **options)
    return side("a", Trace(trace.url, trace.started, whole, trace.events))


def test_plain_http_is_offered_once_more_and_nothing_that_needs_tls() -> None:
    assert keys(recorded("a", exchange())) == ["same"]


@pytest.mark.wire
def test_what_is_secured_is_offered_in_the_other_versions_and_resumed(fetched: Sides) -> None:
    one = fetched("a", "three-versions", http="2")
    assert keys(one) == ["versions", "h1", "h3", "resumed", "same"]
    every = variants(one)[0]
    assert [each["http"] for each in every.changes] == ["1.1", "3"]
    assert "cold" in keys(fetched("a", "resumption", resume_session=True))


def test_the_other_family_is_offered_where_the_name_has_an_address_of_it() -> None:
    events = exchange()
    events.insert(7, Chose(4_000_000, "guard", "2001:db8::1", "A global address."))
    (family, _) = variants(recorded("a", events))
    assert family.key == "ipv6"
    assert family.changes == ({"resolve": ("plain.example:80:2001:db8::1",), "family": ""},)
    assert "2001:db8::1" in family.about


@pytest.mark.parametrize(
    ("url", "options", "why"),
    [
        ("tcp://plain.example:80", {}, "Only an address with http or https"),
        ("ws://plain.example/", {}, "Only an address with http or https"),
        ("http://plain.example/", {"method": "POST"}, "A request that changes something"),
        ("http://plain.example/", {"body": b"a"}, "A request that changes something"),
    ],
)
def test_what_is_not_fetched_again_says_why(url: str, options: dict[str, object], why: str) -> None:
    one = changed(recorded("a", exchange(), url), **options)
    assert why_none(one).startswith(why)
    assert variants(one) == ()


def test_a_running_fetch_and_one_from_elsewhere_are_not_made_again() -> None:
    one = recorded("a", exchange())
    assert why_none(replace(one, standing=Standing(RUNNING))).startswith("This fetch still runs")
    brought = replace(one, standing=Standing(DONE, brought=True))
    assert why_none(brought).startswith("This trace was recorded elsewhere")
    assert variants(brought) == ()


def test_a_new_fetch_takes_over_wishes_and_no_permissions() -> None:
    old = Options(
        method="HEAD",
        allow_private=True,
        any_port=True,
        cacert="/etc/passwd",
        key="/etc/shadow",
        self_hosts=(),
        dns_server="10.0.0.1",
    )
    asked = options_of(old, {"http": "3"})
    assert set(asked) == set(KEPT)
    assert (asked["method"], asked["http"]) == ("HEAD", "3")
