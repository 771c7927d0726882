"""Every code of a failure is reached by a server of the lab, a hostile server, or another test."""

from __future__ import annotations

import tomllib
from typing import Final

from tests.faults.test_faults import CASES
from tests.web.test_lab import OUTCOMES
from web.words import CONTENT

NEITHER: Final = {
    "dns.certificate": "a resolver over TLS whose certificate is refused",
    "dns.http": "a resolver over HTTPS that does not answer in DNS",
    "dns.lame": "a zone's own server that knows nothing of it",
    "dns.malformed_record": "the walk from the root",
    "dns.refused": "a resolver that does not run",
    "dns.tls": "a resolver over TLS without TLS",
    "dns.unreachable": "no route to a resolver",
    "fetch.bug": "a fault of ours, put in by a test",
    "fetch.interrupted": "Ctrl-C on the command line",
    "guard.blocked_name": "typing localhost",
    "guard.blocked_port": "typing a port that is not open to all",
    "guard.peer_mismatch": "a socket that lies",
    "h3.settings": "a setting of HTTP/3 that must not be sent",
    "http.bad_request": "options of the form that go together with no request",
    "http.unsupported_scheme": "the command line",
    "quic.unreachable": "no route",
    "tcp.timeout": "a host that is silent, in a network namespace",
    "tcp.unreachable": "no route, in a network namespace",
    "tcp.write_timeout": "a peer that reads nothing",
    "tls.bad_alpn": "options of the form",
    "tls.bad_certificate": "a certificate that cannot be read",
    "tls.bad_option": "options of the form",
    "tls.chain": "a chain that fails for a reason without its own code",
    "tls.error": "what the TLS library has no word for",
    "tls.no_shared_cipher": "options of the form",
    "tls.renegotiation": "a server of TLS 1.2 that wants to begin again",
    "tls.unsupported_alpn": "a server that chooses what is not spoken here",
    "tls.weak_key_exchange": "a server with a small Diffie-Hellman group",
    "udp.no_answer": "bytes by hand",
    "udp.refused": "bytes by hand",
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
