"""A fetch that was exported as packets and imported again has the same units."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from lab import Lab
from netcore import fetch
from netcore.exports import blocks
from netcore.exports.pcapng import pcapng
from netcore.imports.capture import trace_of_capture
from netcore.imports.capture_file import read_capture
from netcore.options import Options
from netcore.pdus import explain
from netcore.timeline import timeline
from netcore.trace import (
    CAPTURE,
    BadTrace,
    Called,
    Chose,
    Completed,
    SecretLogged,
    Trace,
    decode,
    encode,
)
from tests.netcore.imports.test_capture_file import ARP
from tests.netcore.imports.test_capture_file import pcapng as pcapng_of
from tests.patience import limits_of
from web.admission import admit

CAPTURES = Path(__file__).parent / "captures"


def fetched(lab: Lab, name: str) -> Trace:
    target = next(each for each in lab.targets if each.name == name)
    ask = target.ask
    options = Options(
        method=ask.method,
        headers=ask.headers,
        messages=ask.messages,
        http=ask.http,
        follow_redirects=name == "redirect",
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        limits=limits_of(name),
    )
    return fetch(target.url, options)


def names(trace: Trace) -> Counter[tuple[str, bytes]]:
    """The units of a trace that are no packets, by name and octets."""
    return Counter((pdu.name, pdu.octets) for pdu in explain(trace.events).pdus)


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "stage"),
    [
        ("plain", "connect"),
        ("chunked", "response"),
        ("tls13", "tls"),
        ("tls12", "tls"),
        ("h2", "tls"),
        ("h3", "quic"),
        ("ws-echo", "response"),
    ],
)
def test_a_lab_trace_comes_back_from_its_packets(lab: Lab, target: str, stage: str) -> None:
    trace = fetched(lab, target)
    again = trace_of_capture(b"".join(pcapng(trace)))
    assert names(again) == names(trace)
    assert again.origin == CAPTURE
    assert again.url == trace.url
    before, after = trace.outcome, again.outcome
    assert isinstance(before, Completed)
    assert isinstance(after, Completed)
    assert after.status_code == before.status_code
    assert stage in {span.name for span in timeline(again, explain(again.events)).stages}
    assert admit(encode(again)) == again


@pytest.mark.wire
def test_what_follows_the_first_exchange_is_read_by_its_own_first_octets(lab: Lab) -> None:
    """A redirect looks up another name, and asks another server, after the first answer."""
    trace = fetched(lab, "redirect")
    again = trace_of_capture(b"".join(pcapng(trace)))
    assert names(again) == names(trace)
    assert isinstance(again.outcome, Completed)
    assert again.outcome.status_code == 302  # the first exchange is what a capture is told as


def test_the_secrets_may_lie_beside_the_capture() -> None:
    with open("docs/trace-example.jsonl", "rb") as file:
        trace = decode(file.read())
    lines = [event.line for event in trace.events if isinstance(event, SecretLogged)]
    trace.events = [each for each in trace.events if not isinstance(each, SecretLogged)]
    sealed = b"".join(pcapng(trace))
    closed = trace_of_capture(sealed)
    assert "http1_response_head" not in {name for name, _ in names(closed)}
    assert isinstance(closed.outcome, Completed)
    assert (closed.outcome.status_code, closed.outcome.body_octets > 1_000) == (0, True)
    opened = trace_of_capture(sealed, "\n".join(lines).encode())
    assert "http1_response_head" in {name for name, _ in names(opened)}


def test_of_a_connection_without_its_beginning_none_is_made_up() -> None:
    whole = read_capture((CAPTURES / "plain-raw.pcap").read_bytes()).packets
    late = pcapng_of(*(each.octets for each in whole[3:]), link=blocks.RAW)
    trace = trace_of_capture(late)
    calls = [e.call for e in trace.events if isinstance(e, Called)]
    assert calls == ["getsockname", "send", "recv", "close"]
    assert timeline(trace, explain(trace.events)).lanes[1].note == "127.0.0.1:18080"
    assert trace.url == "http://www.example.test:18080/long"


def test_what_is_not_told_and_which_connection_is_meant_is_said() -> None:
    two = read_capture((CAPTURES / "two-connections.pcap").read_bytes()).packets
    octets = [each.octets for each in two]
    fragment = octets[0][:6] + b"\x20\x05" + octets[0][8:]
    file = pcapng_of(fragment, b"\x45" + bytes(19), *octets, link=blocks.RAW)
    trace = trace_of_capture(file)
    said = {e.what: e.value for e in trace.events if isinstance(e, Chose)}
    assert said == {
        "packets": "left out: 1 fragments of IP, 1 of neither TCP nor UDP",
        "exchange": "tcp:1 of 2 connections to servers",
    }
    assert admit(encode(trace)) == trace
    with pytest.raises(BadTrace, match="Left out: 1 of link type 105"):
        trace_of_capture(pcapng_of(octets[0], link=105))


def test_a_capture_with_nothing_to_tell_is_refused() -> None:
    with pytest.raises(BadTrace, match="holds no TCP or UDP"):
        trace_of_capture(pcapng_of(ARP))
