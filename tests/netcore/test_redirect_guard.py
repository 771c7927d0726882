"""Redirects that lead elsewhere: each next hop is judged anew, by netcore.fetch, without a packet.

Left out of ssrf.json's hop_cases: H034, a redirect of a WebSocket handshake, which is in
test_websocket_guard, and H035 (frames of HTTP/2), which is in test_guard_everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from lab import Authority
from netcore import Options, explain
from netcore.errors import Refused
from netcore.guard import Guard
from netcore.redirect import next_target
from netcore.target import parse
from netcore.timeline import timeline
from netcore.trace import Called, Chose, Trace, decode, encode
from tests.faults.hostile import over_tls
from tests.netcore.following import (
    OK,
    PUBLIC_IPV4,
    Origin,
    completed,
    connections,
    failure,
    follow,
    response,
    visit,
)
from tests.netcore.ssrf import SELF_HOST, SELF_PUBLIC_IPV4, filled, rows
from tests.tripwire import tripwire

pytestmark = pytest.mark.wire

REDIRECTING: Final = (301, 302, 303, 307, 308)
HOPS: Final = {row["id"]: row for row in rows("hop_cases")}
BLOCKED_HOPS: Final = [
    row for row in rows("hop_cases") if row["expect"] == "block" and row["id"] != "H034"
]


@pytest.mark.parametrize("row", BLOCKED_HOPS, ids=lambda row: row["id"])
@pytest.mark.parametrize("status", REDIRECTING)
def test_a_hop_to_a_forbidden_target_is_refused(row: dict[str, str], status: int) -> None:
    trace, tried, origin = visit(response(status, f"Location: {row['next_target']}"))
    end = failure(trace)
    assert tried == []
    assert len(origin.requests) == connections(trace) == 1
    if row["id"] == "H017":  # no field value may have a NUL: it is refused before it is a URL
        assert end.code.startswith(("h1.", "guard."))
    else:
        assert end.code.startswith("guard.")
        assert (end.stage, end.hop) == ("redirect", 2)
    assert b"Location" in received(trace)


def received(trace: Trace) -> bytes:
    calls = [event for event in trace.events if isinstance(event, Called)]
    return b"".join(call.data for call in calls if call.channel == "tcp:1.received")


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://localhost/", "guard.blocked_name"),
        ("http://metadata.google.internal/", "guard.blocked_name"),
        (f"https://{SELF_HOST}/", "guard.blocked_name"),
        ("http://example.com:22/", "guard.blocked_port"),
        ("//example.com:6379/", "guard.blocked_port"),
    ],
)
def test_the_name_and_the_port_of_a_hop_are_judged_before_it_begins(
    location: str, code: str
) -> None:
    trace, tried, _ = visit(response(302, f"Location: {location}"))
    end = failure(trace)
    assert (end.stage, end.code, end.hop) == ("redirect", code, 2)
    assert tried == []


@pytest.mark.parametrize("row", rows("url_cases"), ids=lambda row: row["id"])
def test_every_url_row_gets_the_same_verdict_as_a_location(row: dict[str, str]) -> None:
    """A row without a host of its own is a path there, and stays at the origin that sent it."""
    base = parse("https://www.example.net/a")
    guard = Guard(Options(self_hosts=(SELF_HOST, SELF_PUBLIC_IPV4)))
    verdict, host = "allow", base.host
    with tripwire() as tried:
        try:
            target = next_target(filled(row["url"]).encode().decode("latin-1"), base)
            guard.vet_target(target)
            host = target.host
        except Refused:
            verdict = "block"
    assert tried == []
    assert verdict == row["expect"]
    assert host == row.get("effective_host", base.host)


@pytest.mark.parametrize(
    ("row", "first"),
    [
        ("H018", response(302, "Location: ")),
        ("H018", response(302)),
        ("H020", response(302, "Location: http://example.com/", "Location: http://127.0.0.1/")),
        ("H028", response(200, "Refresh: 0; url=http://127.0.0.1/")),
        (
            "H028",
            response(200, body='<meta http-equiv="refresh" content="0; url=http://127.0.0.1/">'),
        ),
        ("H029", response(200, "Link: <http://127.0.0.1/x.js>; rel=preload")),
        ("H030", response(200, 'Alt-Svc: h3="127.0.0.1:443"; ma=60')),
        ("H040", response(401, 'WWW-Authenticate: Basic realm="http://127.0.0.1/"')),
        ("H040", response(407, 'Proxy-Authenticate: Basic realm="http://127.0.0.1/"')),
    ],
)
def test_what_is_no_redirect_leads_nowhere(row: str, first: bytes) -> None:
    assert HOPS[row]["expect"] in ("stop", "never-followed", "never-fetched", "ignore")
    trace, tried, origin = visit(first)
    assert completed(trace).hop == 1
    assert tried == []
    assert len(origin.requests) == connections(trace) == 1


@pytest.mark.parametrize("length", [8_200, 70_000])
def test_h027_a_location_of_more_than_8192_octets_is_not_followed(length: int) -> None:
    assert HOPS["H027"]["expect"] == "stop"
    trace, tried, origin = visit(response(302, f"Location: /{'a' * length}"))
    assert failure(trace).code in ("guard.bad_url", "h1.header_too_large")
    assert tried == []
    assert len(origin.requests) == connections(trace) == 1


def test_h033_an_upgrade_that_nobody_asked_for_is_an_error() -> None:
    assert HOPS["H033"]["expect"] == "error"
    trace, tried, _ = visit(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x01\x02")
    assert failure(trace).stage == "response"
    assert tried == []


def test_h021_a_relative_location_stays_at_its_origin() -> None:
    assert HOPS["H021"]["expect"] == "allow"
    trace, tried, origin = visit(response(302, f"Location: {HOPS['H021']['next_target']}"))
    assert completed(trace).hop == 2
    assert tried == []
    assert origin.requests[1].startswith(b"GET /relative HTTP/1.1\r\n")


def test_h023_another_origin_is_judged_and_connected_to() -> None:
    assert HOPS["H023"]["expect"] == "allow"
    trace, tried, _ = visit(
        response(302, f"Location: {HOPS['H023']['next_target']}"),
        resolve=(f"other.example.org:443:{PUBLIC_IPV4}",),
    )
    assert tried == [f"{PUBLIC_IPV4}:443"]
    assert (failure(trace).code, failure(trace).hop) == ("tcp.unreachable", 2)


def test_h023_what_the_user_set_stays_behind_at_another_origin() -> None:
    given = (("Authorization", "Basic x"), ("Cookie", "c=1"), ("Proxy-Authorization", "y"))
    second = Origin(OK)
    with second.server as there:
        location = f"Location: http://{there.endpoint}/"
        first = Origin(response(302, location))
        with first.server as here:
            headers = (*given, ("X-Mine", "z"))
            trace, tried = follow(f"http://{here.endpoint}/", here, there, headers=headers)
    assert completed(trace).hop == 2
    assert tried == []
    for name, value in headers:
        line = f"{name}: {value}\r\n".encode()
        assert line in first.requests[0]
        assert name.lower().encode() not in second.requests[0].lower()


def test_h025_a_step_down_to_http_is_recorded_and_takes_nothing_along() -> None:
    assert HOPS["H025"]["expect"] == "allow"
    with Authority() as authority:
        context = authority.server_context(authority.identity("example.com"))
        first = Origin(
            response(302, "Location: http://example.com/"), lambda c: over_tls(context, c)
        )
        with first.server as server:
            trace, tried = follow(
                f"https://example.com:{server.port}/",
                server,
                cacert=authority.cacert,
                headers=(("Authorization", "Basic x"),),
                resolve=(
                    f"example.com:{server.port}:127.0.0.1",
                    f"example.com:80:{PUBLIC_IPV4}",
                ),
            )
    assert b"Authorization: Basic x" in first.requests[0]
    assert tried == [f"{PUBLIC_IPV4}:80"]
    (chosen,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "redirect"]
    assert "from https to http" in chosen.why
    assert "stay behind" in chosen.why


def test_h042_looking_at_a_trace_sends_nothing() -> None:
    assert HOPS["H042"]["expect"] == "never-fetched"
    trace, _, _ = visit(
        response(200, "Link: <http://127.0.0.1/x>; rel=icon", body="<img src=http://127.0.0.1/>")
    )
    with tripwire() as tried:
        loaded = decode(encode(trace))
        explanation = explain(loaded.events)
        assert timeline(loaded, explanation).marks
        assert [pdu.fields() for pdu in explanation.pdus]
    assert tried == []


def test_every_row_is_run_or_named_as_left_out() -> None:
    code = Path(__file__).read_text("utf-8")
    for id_ in set(HOPS) - {row["id"] for row in BLOCKED_HOPS}:
        assert id_ in code, f"{id_} is neither run nor left out"
