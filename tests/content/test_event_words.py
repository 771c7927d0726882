"""Calls, decisions, secrets, stages, failures, glossary and pages have their words."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from netcore.kernel_clock import WHAT
from netcore.trace import (
    STAGES,
    AnyEvent,
    Called,
    Captured,
    Chose,
    Completed,
    Failed,
    KernelTimestamp,
    SecretLogged,
    SocketOptionsRead,
    StageEnded,
    StageStarted,
    TcpInfoSampled,
    Truncated,
    TrustAnchorFound,
)
from tests.content.rules import ALLOWED_WORDS, BANNED, TERM, texts_of
from web import words

ROOT = Path(__file__).parent.parent.parent
CONTENT = ROOT / "content"
CALLS = (
    *("socket", "connect", "getsockopt", "setsockopt", "getpeername", "getsockname"),
    *("send", "recv", "recvmsg", "select", "shutdown", "close"),
)
HAPPENING = {
    "dns",
    "tcp",
    "tls",
    "http1",
    "http2",
    "http3",
    "chunked",
    "compression",
    "redirect",
    "websocket",
}
"""The stages of tests/data/faults.json whose failures can happen so far."""


@cache
def table(folder: str) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for path in sorted((CONTENT / folder).glob("*.toml")):
        entries |= tomllib.loads(path.read_text("utf-8"))
    return entries


def codes_in_the_source() -> set[str]:
    """Every code that netcore's source can give to a failure."""
    code = re.compile(
        r'"((?:dns|tcp|udp|tls|http|h1|h2|h3|quic|ws|chunk|decode|limit|redirect|guard|fetch)\.\w+)"'
    )
    texts = (path.read_text("utf-8") for path in (ROOT / "netcore").rglob("*.py"))
    found = {match for text in texts for match in code.findall(text)}
    return {name for name in found if not name.endswith(".toml")}


def codes_of_the_faults() -> set[str]:
    cases = json.loads((ROOT / "tests" / "data" / "faults.json").read_text("utf-8"))["cases"]
    found = {
        code for case in cases if case["stage"] in HAPPENING for code in case["code"].split("|")
    }
    return {code for code in found if re.fullmatch(r"[a-z0-9]+\.[a-z0-9_]+", code)}


def decisions_in_the_source() -> set[str]:
    """Every `what` that netcore's source can decide."""
    chose = re.compile(r'chose\(\s*"([^"]+)"')
    texts = (path.read_text("utf-8") for path in (ROOT / "netcore").rglob("*.py"))
    return {what for text in texts for what in chose.findall(text)}


ALL_CODES = sorted(codes_in_the_source() | codes_of_the_faults())

EVENTS: tuple[AnyEvent, ...] = (
    *(StageStarted(0, stage) for stage in STAGES),
    StageStarted(0, "dns", 2),
    *(StageEnded(9, stage) for stage in STAGES),
    StageEnded(9, "connect", 1, "tcp.refused"),
    *(Called(5, "tcp:1", call, ("a", "b", 1), 3, duration_ns=4_200) for call in CALLS),
    *(Called(5, "udp:1", call, ("a", "b"), 3, duration_ns=4_200) for call in CALLS),
    *(Called(5, "tcp:1", call, ("a",), None, "ECONNRESET", 11_200_000) for call in CALLS),
    Called(5, "tcp:1", "connect", ("192.0.2.1:80",), None, "EINPROGRESS", 420),
    Called(5, "tcp:1", "connect", ("192.0.2.1:80",), None, "ENETUNREACH", 420),
    Called(5, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), 0),
    Called(5, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), None, "ECONNREFUSED"),
    Called(5, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_rtt"), 84),
    Called(5, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_bytes_sent"), 113_152),
    Called(5, "tcp:1", "getsockopt", ("IPPROTO_TCP", "TCP_INFO", "tcpi_bytes_sent"), None),
    Called(5, "tcp:1", "setsockopt", ("IPPROTO_IP", "IP_TTL", 3), 0),
    Called(5, "tcp:1", "setsockopt", ("IPPROTO_IP", "IP_RECVERR", 1), 0),
    Called(5, "tcp:1", "recvmsg", (576, 512), "EHOSTUNREACH ICMP 11 0 192.0.2.1"),
    Called(5, "", "select", ("tcp:1", "read", 2.0), "read", duration_ns=12_900_000),
    Called(5, "", "select", ("tcp:1", "read", 2.0), "read", duration_ns=900),
    Called(5, "", "select", ("tcp:1", "write", 2.0), "write", duration_ns=900_000),
    Called(5, "", "select", ("tcp:1", "read", 2.0), "timeout", duration_ns=2_000_000_000),
    Called(5, "", "select", ("tcp:1", "read", 2.0), "woken", duration_ns=2_000_000),
    Called(5, "tcp:1", "recv", (65536,), 1, channel="tcp:1.received", length=1, data=b"x"),
    Called(5, "tcp:1", "recv", (65536,), 0, channel="tcp:1.received", offset=426),
    Captured(6, "eth0", "sent", 60),
    Captured(6, "eth0", "received", 60, b"E", checksum_offloaded=True),
    Captured(6, "eth0", "received", 60_000, b"E", segmentation_offloaded=True),
    *(Chose(8, "capture", value, "And why.") for value in ("on", "off", "incomplete", "complete")),
    *(SecretLogged(7, f"{label} {'ab' * 32} {'cd' * 48}") for label in ("CLIENT_RANDOM", "OTHER")),
    *(Chose(8, what, "a value", "And why.") for what in sorted(decisions_in_the_source())),
    *(Chose(8, what, "a value") for what in sorted(decisions_in_the_source())),
    *(KernelTimestamp(8, "tcp:1.sent", 426, what) for what in (*WHAT, "other")),
    Called(5, "tcp:1", "setsockopt", ("SOL_SOCKET", "SO_TIMESTAMPING", 2970), 0),
    TcpInfoSampled(8, "tcp:1", "ESTABLISHED", 13, 6, snd_cwnd=10, unacked=0, total_retrans=0),
    TcpInfoSampled(8, "tcp:1", "CLOSED"),
    *(SocketOptionsRead(8, "tcp:1", when, {"IP_TTL": 64}) for when in ("opened", "closed")),
    TrustAnchorFound(8, "tcp:1", b"no certificate"),
    Truncated(9, "tcp:1.received", 2_097_152),
    Completed(10, 200, "OK", body_octets=286),
    Completed(10, 204),
    Completed(10, 101, "Switching Protocols", body_octets=16),
    Completed(10, 0, "", "", body_octets=5),
    Completed(10, 404, body_octets=1),
    Completed(10, 503, body_octets=1),
    Failed(11, "connect", "tcp.refused", "192.0.2.1:80 refused the connection."),
)


def test_every_call_has_words() -> None:
    assert set(CALLS) <= set(table("calls"))


def test_every_decision_has_words_and_no_words_are_without_a_decision() -> None:
    # "address" and the others are there because netcore can decide them.
    assert set(table("decisions")) - {"other"} == decisions_in_the_source()


@pytest.mark.parametrize("event", EVENTS, ids=repr)
def test_the_words_of_an_event_keep_to_the_rules(event: AnyEvent) -> None:
    found = words.explain_event(event)
    text = f"{found.ask} {found.what} {found.why}"
    assert found.ask.endswith("?")
    assert found.what
    assert len(f"{found.what} {found.why}".split()) <= ALLOWED_WORDS
    assert [pattern for pattern in BANNED if re.search(pattern, text)] == []


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_its_words(name: str) -> None:
    found = words.stage(name)
    assert found.title != name
    assert found.status.endswith(".")
    assert found.what
    assert found.why
    assert len(f"{found.what} {found.why}".split()) <= ALLOWED_WORDS


def test_no_stage_has_words_that_does_not_exist() -> None:
    assert set(table("stages")) == set(STAGES)


@pytest.mark.parametrize("code", ALL_CODES)
def test_every_code_of_a_failure_has_a_card_of_its_own(code: str) -> None:
    assert code in table("errors")
    card = words.failure_card(code, {"message": "The message."})
    assert card.headline.endswith(".")
    assert card.saw == "The message."
    assert card.why
    assert card.todo


def test_no_card_is_without_a_code() -> None:
    own = {code for code in table("errors") if not code.endswith("*")}
    # dns.tcp_refused and the like: named in the cases, and to happen when DNS goes over TCP.
    assert own <= set(ALL_CODES) | codes_of_the_faults()


@pytest.mark.parametrize("code", sorted(table("errors")))
def test_the_texts_of_a_card_keep_to_the_rules(code: str) -> None:
    card = words.failure_card(code, ALL_FACTS)
    text = " ".join([card.headline, card.saw, card.why, *card.todo])
    assert [pattern for pattern in BANNED if re.search(pattern, text)] == []
    assert len(card.headline.split()) <= 12
    assert len(card.why.split()) <= ALLOWED_WORDS
    assert all(line.endswith((".", "?")) for line in card.todo)
    assert not re.search(r"\b(you|your) (failed|forgot|must)\b", text)


ALL_FACTS: dict[str, int | str] = {
    "message": "The message.",
    "resolver": "127.0.0.53:53",
    "dns_wait_ns": 11_000_000,
    "dns_questions": 4,
    "elapsed_ns": 5_000_000_000,
    "total_ns": 30_000_000_000,
    "host": "example.org",
    "port": "8081",
    "stage": "connect",
    "address": "192.0.2.1:8081",
    "connect_wait_ns": 400_000,
    "errno": "ECONNREFUSED",
    "sent": 118,
    "received": 0,
    "promised": 18_204,
    "first": "53 53 48 2d",
    "first_text": "SSH-2.0",
    "ended_on": "3 March 2026",
    "ended_at": "14:00:00 UTC",
    "only_family": "6",
    "limit": 10,
    "event": 4,
    "reads": 3,
    "read_size": "90 bytes",
    "last_read": 17,
    "since_read_ns": 10_000_000_000,
    "moved_to": "http://a.example/one",
    "moved_before": "http://a.example/two",
    "body": 4_096,
    "body_size": "4,096 bytes",
    "body_first": "1f 8b",
    "lacking_size": "14,108 bytes",
    "growth": 321,
    "different": 260,
    "repeated": "set-cookie",
    "times": 250,
}


def test_an_unknown_code_has_a_card_that_says_so() -> None:
    card = words.failure_card("new.code", {"message": "Something new happened."})
    assert card.headline == "The fetch failed."
    assert card.saw == "Something new happened."
    assert "new.code" in card.why


def test_every_term_has_an_entry_and_every_entry_is_used() -> None:
    texts = [
        text
        for path in CONTENT.rglob("*.toml")
        for entry in tomllib.loads(path.read_text("utf-8")).values()
        if isinstance(entry, dict)
        for text in texts_of(entry)
    ]
    used = {re.sub(r"\W+", "_", term.lower()) for text in texts for term in TERM.findall(text)}
    assert used == set(table("words"))


@pytest.mark.parametrize("term", sorted(table("words")))
def test_a_word_is_explained_in_a_paragraph(term: str) -> None:
    found = words.word(term)
    assert found is not None
    assert found.title
    assert len(found.text.split()) <= ALLOWED_WORDS
    assert [pattern for pattern in BANNED if re.search(pattern, found.text)] == []


def test_the_page_says_what_is_measured_and_what_is_not() -> None:
    page = words.page("about")
    titles = {section.title for section in page.sections}
    assert {"Observed", "Decrypted", "Derived", "Assumed"} <= titles
    for section in page.sections + words.page("limits").sections:
        for text in section.paragraphs:
            assert [pattern for pattern in BANNED if re.search(pattern, text)] == []
