"""Accounts of real fetches of the lab, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.whole import Lab
from netcore import fetch
from netcore.comparison import KINDS, Account, account_of, compared_hop, differences
from netcore.options import Options
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import SecretLogged, Trace
from tests.netcore.recordings import http_exchange, trace_of

Fetched = Callable[..., Trace]


def account(trace: Trace) -> Account:
    explanation = explain(trace.events)
    return account_of(trace, explanation, timeline(trace, explanation))


@pytest.fixture(scope="module")
def fetched(lab: Lab) -> Fetched:
    """Fetches of the lab; the same one is made once."""
    known: dict[tuple[str, str], Trace] = {}

    def get(name: str, **options: Any) -> Trace:
        key = (name, repr(options))
        if key not in known:
            whole = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **options)
            known[key] = fetch(lab.servers[name].url, whole)
        return known[key]

    return get


TARGETS = [
    ("plain", {}),
    ("tls13", {}),
    ("chunked", {}),
    ("redirect", {"follow_redirects": True}),
    ("three-versions", {"http": "2"}),
    ("three-versions", {"http": "3"}),
    ("resumption", {"resume_session": True}),
    ("h3-early-data", {"http": "3", "resume_session": True}),
    ("expired", {}),
    ("h3-silence", {"http": "1.1"}),
]


@pytest.mark.wire
@pytest.mark.parametrize(("name", "options"), TARGETS)
def test_the_shares_add_up_to_what_crossed_and_a_fetch_equals_itself(
    fetched: Fetched, name: str, options: dict[str, Any]
) -> None:
    one = account(fetched(name, **options))
    assert one.shares.total == one.sent + one.received > 0
    assert min(one.shares) >= 0
    found = differences([one, one])
    assert found
    assert all(each.is_same(1) for each in found)
    assert [each.kind for each in found] == [kind for kind in KINDS if kind in dict(found)]


@pytest.mark.wire
@pytest.mark.parametrize(
    ("name", "options", "trips"),
    [
        ("plain", {}, 2),
        ("tls13", {}, 3),
        ("tls12", {}, 4),
        ("hello-retry", {}, 4),
        ("resumption-tls12", {"resume_session": True}, 3),
        ("three-versions", {"http": "2"}, 3),
        ("three-versions", {"http": "3"}, 2),
        ("h3-retry", {"http": "3"}, 3),
        ("h3-early-data", {"http": "3", "resume_session": True}, 1),
        ("expired", {}, 0),
    ],
)
def test_round_trips_follow_from_what_was_spoken(
    fetched: Fetched, name: str, options: dict[str, Any], trips: int
) -> None:
    assert account(fetched(name, **options)).needed == trips


@pytest.mark.wire
def test_the_same_page_over_three_versions_differs_in_what_is_around_it(fetched: Fetched) -> None:
    one, two, three = (
        account(fetched("three-versions", http=version)) for version in ("1.1", "2", "3")
    )
    assert [each.http_version for each in (one, two, three)] == ["1.1", "2", "3"]
    assert one.shares.content == two.shares.content == three.shares.content == 173
    assert one.request.packed == one.request.written
    assert two.request.packed < two.request.written
    assert three.request.packed < three.request.written
    assert one.shares.framing == 0 < three.shares.framing < two.shares.framing
    assert "quic" in [span.name for span in three.stages]
    assert (one.connections, two.connections, three.connections) == (1, 1, 1)
    assert not any(each.is_sealed for each in (one, two, three))


@pytest.mark.wire
def test_of_a_fetch_that_resumed_only_the_second_request_is_compared(fetched: Fetched) -> None:
    cold = account(fetched("resumption", resume_session=False))
    warm = account(fetched("resumption", resume_session=True))
    assert (cold.hop, cold.session, warm.hop, warm.session) == (0, "", 2, "resumed")
    assert warm.shares.dns == 0 < cold.shares.dns
    assert warm.shares.handshake < cold.shares.handshake
    assert warm.stages[0].start_ns == 0
    assert {span.hop for span in warm.stages} == {1}
    assert (warm.connections, warm.requests) == (1, 1)


@pytest.mark.wire
def test_a_beginning_of_a_fetch_has_an_account_too(fetched: Fetched) -> None:
    whole = fetched("three-versions", http="3")
    for count in range(len(whole.events)):
        part = Trace(whole.url, whole.started, whole.options, whole.events[:count])
        one = account(part)
        assert one.running
        assert one.shares.total == one.sent + one.received


@pytest.mark.wire
def test_what_could_not_be_opened_is_said_to_be_sealed_and_counts_as_sealing(
    fetched: Fetched,
) -> None:
    whole = fetched("tls13")
    events = [event for event in whole.events if not isinstance(event, SecretLogged)]
    one = account(Trace(whole.url, whole.started, whole.options, events))
    assert one.is_sealed
    assert one.shares.content == one.shares.fields == 0
    assert one.shares.total == one.sent + one.received


def test_a_fetch_without_resumption_is_compared_whole() -> None:
    trace = trace_of(
        http_exchange([b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"], [b"HTTP/1.1 204 No\r\n\r\n"])
    )
    assert compared_hop(trace.events) == 0
    request, response = account(trace).request, account(trace).response
    assert (request.packed, response.packed) == (27, 19)
