"""What the options ask of QUIC, and what is told of a handshake."""

from __future__ import annotations

import pytest

from lab import Authority
from lab.quic import V2, Quic
from netcore import fetch
from netcore.trace import SecretLogged, StageStarted, TrustAnchorFound
from tests.netcore.quic_fetching import (
    HOST,
    calls,
    chosen,
    completed,
    failed,
    hello,
    options,
    serving,
)

pytestmark = pytest.mark.wire


def test_one_stage_connects_and_secures(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    stages = [e.stage for e in trace.events if isinstance(e, StageStarted)]
    assert stages == ["target", "dns", "quic", "request", "waiting", "response", "close"]
    assert chosen(trace, "quic version") == ["1"]
    assert chosen(trace, "tls version") == ["TLS 1.3"]
    assert chosen(trace, "certificate") == ["verified"]
    assert chosen(trace, "alpn") == ["h3"]
    assert sum(isinstance(e, TrustAnchorFound) for e in trace.events) == 1
    assert sum(isinstance(e, SecretLogged) for e in trace.events) == 4


def test_what_is_not_verified_is_said(authority: Authority) -> None:
    with serving(authority, Quic(hello), "other.example.com") as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, verify=False))
    assert completed(trace).status_code == 200
    assert chosen(trace, "certificate") == ["not verified"]


def test_retry_and_another_version_are_told(authority: Authority) -> None:
    with serving(authority, Quic(hello, retry=True, versions=(V2,))) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port))
    assert chosen(trace, "retry") == ["followed"]
    assert chosen(trace, "quic version") == ["2"]


def test_sni_and_its_absence(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        for sni in ("front.example.com", ""):
            trace = fetch(f"https://{HOST}:{port}/", options(authority, port, sni=sni))
            assert completed(trace).status_code == 200
            assert chosen(trace, "sni") == [sni or "none"]


def test_early_data_is_accepted_or_refused(authority: Authority) -> None:
    with serving(authority, Quic(hello, early_data=True)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, resume_session=True))
    assert (completed(trace).hop, completed(trace).body_octets) == (2, 9)
    assert chosen(trace, "session") == ["offered", "resumed"]
    assert chosen(trace, "early data") == ["sent", "accepted"]
    assert chosen(trace, "certificate") == ["verified", "not sent"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"alpn": ("h4",)}, "tls.alert"),
        ({"curves": "secp521r1"}, "tls.bad_option"),
        ({"cacert": ""}, "tls.unknown_ca"),
        ({"tls_max": "1.2"}, "tls.version"),
    ],
)
def test_options_that_lead_nowhere(
    more: dict[str, object], code: str, authority: Authority
) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"https://{HOST}:{port}/", options(authority, port, **more))
    assert failed(trace).code == code


def test_without_tls_there_is_no_quic(authority: Authority) -> None:
    with serving(authority, Quic(hello)) as port:
        trace = fetch(f"http://{HOST}:{port}/", options(authority, port))
    assert failed(trace).code == "http.unsupported_scheme"
    assert calls(trace, "connect") == []
