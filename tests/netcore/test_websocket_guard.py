"""The guard holds for a WebSocket as for a page: the same rows with ws and wss, not one packet."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from netcore import Options, fetch
from netcore.options import Lab
from tests.netcore.following import (
    LIMITS,
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
from tests.netcore.test_resolve_guard import NameServer
from tests.tripwire import tripwire

pytestmark = pytest.mark.wire

_SCHEME: Final = re.compile("^(https?)://", re.IGNORECASE)
BLOCKED: Final = [
    row for row in rows("url_cases") if row["expect"] == "block" and _SCHEME.match(row["url"])
]
ADDRESSES: Final = [row for row in rows("address_cases") if row["expect"] == "block"]
HOPS: Final = [row for row in rows("hop_cases") if row["expect"] == "block"]
REDIRECTING: Final = (301, 302, 303, 307, 308)


def as_websocket(url: str) -> str:
    """The same with ws for http and wss for https."""
    return _SCHEME.sub(lambda found: f"ws{found[1][4:].lower()}://", url)


def tried(url: str) -> tuple[str, list[str]]:
    """How a fetch ended, and whom it tried to reach."""
    options = Options(self_hosts=(SELF_HOST, SELF_PUBLIC_IPV4), limits=LIMITS, lab=Lab())
    with tripwire() as reached:
        trace = fetch(url, options)
    return failure(trace).code, reached


@pytest.mark.parametrize("row", BLOCKED, ids=lambda row: row["id"])
def test_a_url_that_is_refused_is_refused_as_a_websocket(row: dict[str, Any]) -> None:
    code, reached = tried(as_websocket(filled(row["url"])))
    assert code.startswith("guard."), code
    assert reached == []


@pytest.mark.parametrize("row", ADDRESSES, ids=lambda row: row["id"])
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_an_address_that_is_refused_is_refused_as_a_websocket(
    row: dict[str, Any], scheme: str
) -> None:
    address = filled(str(row["address"]))
    host = f"[{address}]" if ":" in address else address
    code, reached = tried(f"{scheme}://{host}/")
    assert code.startswith("guard."), code
    assert reached == []


@pytest.mark.parametrize("row", HOPS, ids=lambda row: row["id"])
@pytest.mark.parametrize("status", REDIRECTING)
def test_a_handshake_leads_to_no_forbidden_target(row: dict[str, Any], status: int) -> None:
    moved = response(status, f"Location: {row['next_target']}")
    trace, reached, origin = visit(moved, url="ws://{}/")
    assert reached == []
    assert len(origin.requests) == connections(trace) == 1
    end = failure(trace)
    if row["id"] == "H017":  # no field value may have a NUL
        assert end.code.startswith(("h1.", "guard."))
    else:
        assert (end.code.partition(".")[0], end.stage, end.hop) == ("guard", "redirect", 2)


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_a_handshake_is_redirected_to_a_public_target(scheme: str) -> None:
    trace, reached, _ = visit(response(302, f"Location: {scheme}://{PUBLIC_IPV4}/"), url="ws://{}/")
    assert failure(trace).code == "tcp.unreachable"
    assert [each.partition(":")[0] for each in reached] == [PUBLIC_IPV4]


def test_d023_a_handshake_that_leads_on_resolves_and_judges_anew() -> None:
    (row,) = (each for each in rows("dns_cases") if each["id"] == "D023")
    name, origin = row["name"], Origin(response(302, f"Location: ws://{row['name']}/"))
    names = NameServer(lambda query, before: ["A 127.0.0.1"])
    with origin.server as server, names.resolver as resolver:
        # Loopback passes for the first hop as an endpoint of the lab, not for the second.
        url = f"ws://{name}:{server.port}/"
        trace, reached = follow(url, server, dns_server=resolver.address)
    end = failure(trace)
    assert (end.hop, end.stage, end.code) == (2, "dns", "guard.blocked_address")
    assert reached == []
    assert names.asked[f"{name}.", "A"] == 2


def test_a_page_leads_to_no_websocket_public_or_not() -> None:
    for target in (f"ws://{PUBLIC_IPV4}/", "ws://127.0.0.1/", "wss://localhost/"):
        trace, reached, _ = visit(response(302, f"Location: {target}"))
        assert failure(trace).code.startswith(("guard.", "http.unsupported_scheme"))
        assert reached == []


def test_without_following_no_redirect_is_looked_at() -> None:
    trace, reached, _ = visit(response(200), url="http://{}/")
    assert completed(trace).status_code == 200
    assert reached == []
