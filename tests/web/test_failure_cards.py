"""Every code of a failure is reached by a server of the lab, a hostile server, or another test."""

from __future__ import annotations

import tomllib
from typing import Final

from tests.faults.test_faults import CASES
from tests.web.test_lab import OUTCOMES
from web.words import CONTENT

NEITHER: Final = {
    "fetch.bug": "a fault of ours, put in by a test",
    "fetch.interrupted": "Ctrl-C on the command line",
    "guard.peer_mismatch": "a socket that lies: the system's own connect() would have to",
    "quic.unreachable": "no route: UDP over loopback always has one",
    "tls.bad_alpn": "a choice that was not offered: OpenSSL's side of a server makes none",
    "tls.error": "a file of trust anchors that is none, on the command line",
}
"""Codes that no server of the lab and no case of tests/faults ends in, and what does."""


def test_every_card_is_reached_by_a_server_or_it_is_said_how() -> None:
    own = {
        code
        for path in (CONTENT / "errors").glob("*.toml")
        for code in tomllib.loads(path.read_text(encoding="utf-8"))
        if not code.endswith("*")
    }
    reached = {case.code for case in CASES} | set(OUTCOMES.values()) | {"tcp.reset"}
    assert own - reached == set(NEITHER)


def test_the_lab_reaches_what_a_lesson_is_likely_to_need() -> None:
    assert {
        "guard.blocked_address",
        "dns.nxdomain",
        "dns.nodata",
        "dns.rcode",
        "dns.cname_loop",
        "tcp.refused",
        "tls.hostname_mismatch",
        "tls.cert_expired",
        "tls.self_signed",
        "tls.unknown_ca",
        "tls.alert",
        "quic.timeout",
        "h1.bad_status_line",
        "http.incomplete_body",
        "limit.decoded",
    } <= set(OUTCOMES.values())
