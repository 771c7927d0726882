"""Where an answer over HTTP/3 leads: every row of hop_cases, by netcore.fetch, without a packet.

Left out of ssrf.json's hop_cases: H025 (a step down to http: leads to a port that no server of a
test may have; test_redirect_guard has it), H033 (HTTP/3 has no 101: it is a malformed head, which
the fault rows of HTTP/3 have), H034 (test_websocket_guard), H035 (test_guard_everywhere: frames of
HTTP/2) and H042 (test_redirect_guard: looking at a trace is the same for every protocol).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from lab import Authority
from lab.quic import Conversation, Quic, QuicServer, bound_twice
from lab.streams import Asked
from netcore import Options, Trace, fetch
from netcore.options import Lab
from netcore.trace import Called
from tests.netcore.following import LIMITS, PUBLIC_IPV4, completed, failure
from tests.netcore.ssrf import SELF_HOST, SELF_PUBLIC_IPV4, rows
from tests.tripwire import tripwire

pytestmark = pytest.mark.wire

HOST: Final = "www.example.com"
HOPS: Final = {row["id"]: row for row in rows("hop_cases")}
BLOCKED: Final = [
    row for row in HOPS.values() if row["expect"] == "block" and row["id"] not in ("H017", "H034")
]
Fields = tuple[tuple[str, str], ...]


class Over:
    """A server of HTTP/3 whose first answer is given; it answers 200 to all others."""

    def __init__(self, authority: Authority) -> None:
        self.answer: tuple[int, Fields, bytes] = (200, (), b"")
        self.asked: list[Asked] = []
        self.stream, datagrams = bound_twice()
        self.port = datagrams.getsockname()[1]
        self.cacert = authority.cacert
        self.server = QuicServer(
            datagrams, Quic(self._respond), authority.identity(HOST), (), "over"
        )

    def _respond(self, conversation: Conversation, asked: Asked) -> None:
        self.asked.append(asked)
        status, fields, body = self.answer if len(self.asked) == 1 else (200, (), b"")
        conversation.respond(asked, status, body, fields)

    def visit(self, status: int, *fields: tuple[str, str], body: bytes = b"") -> Visited:
        self.answer, self.asked = (status, fields, body), []
        endpoint = f"127.0.0.1:{self.port}"
        options = Options(
            http="3",
            follow_redirects=True,
            resolve=(f"{HOST}:{self.port}:127.0.0.1", f"other.example.org:443:{PUBLIC_IPV4}"),
            lab=Lab(endpoints=(endpoint,)),
            cacert=self.cacert,
            self_hosts=(SELF_HOST, SELF_PUBLIC_IPV4),
            headers=(("Authorization", "Basic x"),),
            limits=LIMITS,
        )
        with tripwire(endpoint) as tried:
            trace = fetch(f"https://{HOST}:{self.port}/", options)
        return trace, tried


Visited = tuple[Trace, list[str]]


@pytest.fixture(scope="module")
def over(authority: Authority) -> Iterator[Over]:
    made = Over(authority)
    with made.stream, made.server:
        yield made


def connects(trace: Trace) -> int:
    return sum(isinstance(e, Called) and e.call == "connect" for e in trace.events)


@pytest.mark.parametrize("row", BLOCKED, ids=lambda row: row["id"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_hop_to_a_forbidden_target_is_refused(
    row: dict[str, Any], status: int, over: Over
) -> None:
    trace, tried = over.visit(status, ("location", row["next_target"]))
    end = failure(trace)
    assert (end.code.partition(".")[0], end.stage, end.hop) == ("guard", "redirect", 2)
    assert tried == []
    assert (len(over.asked), connects(trace)) == (1, 1)


def test_h017_a_field_with_a_nul_is_no_field(over: Over) -> None:
    trace, tried = over.visit(302, ("location", HOPS["H017"]["next_target"]))
    assert failure(trace).code.startswith(("h3.", "guard."))
    assert (tried, connects(trace)) == ([], 1)


@pytest.mark.parametrize(
    ("id_", "status", "fields", "body"),
    [
        ("H018", 302, (("location", ""),), b""),
        ("H018", 302, (), b""),
        (
            "H020",
            302,
            (("location", "http://example.com/"), ("location", "http://127.0.0.1/")),
            b"",
        ),
        ("H028", 200, (("refresh", "0; url=http://127.0.0.1/"),), b""),
        ("H028", 200, (), b'<meta http-equiv="refresh" content="0; url=http://127.0.0.1/">'),
        ("H029", 200, (("link", "<http://127.0.0.1/x.js>; rel=preload"),), b""),
        ("H030", 200, (("alt-svc", 'h3="127.0.0.1:443"; ma=60'),), b""),
        ("H040", 401, (("www-authenticate", 'Basic realm="http://127.0.0.1/"'),), b""),
        ("H040", 407, (("proxy-authenticate", 'Basic realm="http://127.0.0.1/"'),), b""),
    ],
)
def test_what_is_no_redirect_leads_nowhere(
    id_: str, status: int, fields: Fields, body: bytes, over: Over
) -> None:
    assert HOPS[id_]["expect"] in ("stop", "never-followed", "never-fetched", "ignore")
    trace, tried = over.visit(status, *fields, body=body)
    assert completed(trace).hop == 1
    assert tried == []
    assert (len(over.asked), connects(trace)) == (1, 1)


def test_h027_a_long_location_is_not_followed(over: Over) -> None:
    assert HOPS["H027"]["expect"] == "stop"
    trace, tried = over.visit(302, ("location", f"/{'a' * 8_200}"))
    assert failure(trace).code in ("guard.bad_url", "h3.header_too_large")
    assert (tried, len(over.asked)) == ([], 1)


def test_h021_a_relative_location_stays_on_the_connection(over: Over) -> None:
    assert HOPS["H021"]["expect"] == "allow"
    trace, tried = over.visit(302, ("location", HOPS["H021"]["next_target"]))
    assert (completed(trace).hop, completed(trace).http_version) == (2, "3")
    assert tried == []
    assert (len(over.asked), connects(trace)) == (2, 1)


def test_h023_another_origin_is_judged_and_asked_over_quic(over: Over) -> None:
    assert HOPS["H023"]["expect"] == "allow"
    trace, tried = over.visit(302, ("location", HOPS["H023"]["next_target"]))
    assert failure(trace).hop == 2
    assert set(tried) == {f"{PUBLIC_IPV4}:443"}


def test_every_row_is_run_or_named_as_left_out() -> None:
    code = Path(__file__).read_text("utf-8")
    for id_ in HOPS.keys() - {row["id"] for row in BLOCKED}:
        assert id_ in code, f"{id_} is neither run nor left out"
