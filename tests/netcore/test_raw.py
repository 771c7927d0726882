"""Octets by hand against real sockets, and where they may not go."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from lab import Lab
from lab.echo import Echo
from netcore import Limits, Options, Trace, explain, fetch, har, pcapng
from netcore.timeline import timeline
from netcore.trace import Called, Chose, Completed, Failed, decode, encode
from tests.netcore.test_resolve_guard import NameServer
from tests.tripwire import tripwire

pytestmark = pytest.mark.wire
QUICK = Limits(silence_s=0.05)
PATIENT = Limits(silence_s=1)  # an answer has come by then, however busy the machine is


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    with Echo() as running:
        yield running


def sent_to(url: str, octets: bytes, **more: Any) -> Trace:
    return fetch(url, Options(raw=octets, allow_private=True, limits=QUICK, any_port=True, **more))


def crossed(trace: Trace, way: str) -> bytes:
    calls = [e for e in trace.events if isinstance(e, Called) and e.channel.endswith(way)]
    return b"".join(call.data for call in calls)


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_exactly_what_is_typed_goes_out_and_what_comes_back_is_recorded(
    protocol: str, echo: Echo
) -> None:
    came: list[bytes] = []
    typed = b"hello\r\n\0\xff"
    options = Options(raw=typed, allow_private=True, limits=PATIENT, any_port=True)
    trace = fetch(f"{protocol}://{getattr(echo, protocol)}", options, on_body=came.append)
    assert isinstance(trace.outcome, Completed)
    assert (trace.outcome.status_code, trace.outcome.body_octets) == (0, len(typed))
    assert crossed(trace, ".sent") == crossed(trace, ".received") == b"".join(came) == typed
    assert decode(encode(trace)) == trace
    assert {pdu.name for pdu in explain(trace.events).pdus} == {"raw_octets"}


@pytest.mark.slow
def test_a_name_is_looked_up_like_any_other(lab: Lab) -> None:
    url = next(url for name, _, url in lab.by_hand if name == "tcp-echo")
    options = Options(
        raw=b"hello", allow_private=True, limits=QUICK, any_port=True, dns_server=lab.dns_server
    )
    trace = fetch(url, options)
    assert isinstance(trace.outcome, Completed), trace.outcome
    assert trace.outcome.body_octets == 5
    assert not [e for e in trace.events if isinstance(e, Chose) and e.what == "https record"]


@pytest.mark.slow
def test_an_empty_datagram_is_an_answer(echo: Echo) -> None:
    options = Options(raw=b"", allow_private=True, limits=PATIENT, any_port=True)
    trace = fetch(f"udp://{echo.udp}", options)
    assert isinstance(trace.outcome, Completed)
    assert trace.outcome.body_octets == 0


def test_where_nobody_takes_a_datagram_the_kernel_says_so() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    trace = sent_to(f"udp://127.0.0.1:{port}", b"x")
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "udp.refused"


def test_a_datagram_that_nobody_answers_is_a_failure_that_says_what_is_not_known() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        trace = sent_to(f"udp://127.0.0.1:{silent.getsockname()[1]}", b"x")
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == "udp.no_answer"


def test_a_request_of_http_by_hand_is_explained_as_one(lab: Lab) -> None:
    (url,) = [url for name, _, url in lab.by_hand if name == "http"]
    options = Options(raw=b"GET / HTTP/1.0\r\n\r\n", lab=lab.options_lab(), limits=PATIENT)
    trace = fetch(url, options)
    names = {pdu.name for pdu in explain(trace.events).pdus}
    assert {"http1_request_head", "http1_response_head", "message_body"} <= names
    assert timeline(trace, explain(trace.events)).summary.body_octets
    assert b"".join(pcapng(trace))
    assert har(trace)


def test_why_the_answer_was_over_is_told(echo: Echo) -> None:
    trace = sent_to(f"tcp://{echo.tcp}", b"x")
    (said,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "end of answer"]
    assert said.why == "Nothing more came for 0.05 s."


@pytest.mark.parametrize(
    ("url", "options", "code"),
    [
        ("tcp://127.0.0.1:9", {"any_port": True}, "guard.blocked_address"),
        ("udp://10.0.0.1:9", {"any_port": True}, "guard.blocked_address"),
        ("tcp://localhost:9", {"any_port": True}, "guard.blocked_name"),
        ("tcp://93.184.216.34:80", {}, "guard.blocked_scheme"),
        ("udp://93.184.216.34:80", {}, "guard.blocked_scheme"),
        ("tcp://93.184.216.34:80", {"allow_private": True}, "guard.blocked_scheme"),
        ("tcp://example.com:80", {}, "guard.blocked_scheme"),
        ("tcp://127.0.0.1:9", {}, "guard.blocked_scheme"),
    ],
)
def test_no_packet_goes_where_it_may_not(url: str, options: dict[str, Any], code: str) -> None:
    with tripwire() as tried:
        trace = fetch(url, Options(raw=b"x", limits=QUICK, **options))
    assert isinstance(trace.outcome, Failed)
    assert trace.outcome.code == code
    assert tried == []


def test_on_the_command_line_a_public_address_is_reached_on_any_port() -> None:
    with tripwire() as tried:
        fetch("tcp://93.184.216.34:7", Options(raw=b"x", limits=QUICK, any_port=True))
    assert tried == ["93.184.216.34:7"]


@pytest.mark.parametrize("scheme", ["tcp", "udp"])
def test_of_a_name_the_addresses_are_asked_for_and_nothing_else(scheme: str) -> None:
    names = NameServer(lambda query, before: ["A 93.184.216.34"])
    with names.resolver as resolver:
        options = Options(raw=b"x", limits=QUICK, any_port=True, dns_server=resolver.address)
        with tripwire(resolver.address) as tried:
            fetch(f"{scheme}://example.com:7", options)
    assert tried == ["93.184.216.34:7"]
    assert set(names.asked) == {("example.com.", "A"), ("example.com.", "AAAA")}


def test_without_tcp_or_udp_any_port_lifts_nothing() -> None:
    with tripwire() as tried:
        trace = fetch("http://93.184.216.34:25/", Options(any_port=True, limits=QUICK))
    assert isinstance(trace.outcome, Failed)
    assert (trace.outcome.code, tried) == ("guard.blocked_port", [])
