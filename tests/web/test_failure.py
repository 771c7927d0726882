"""What a failure's card says of the trace that ended in it."""

from __future__ import annotations

import gzip
from itertools import accumulate
from typing import Any

import pytest

from netcore.address_family import of_family
from netcore.errors import FetchError
from netcore.guard import Admitted
from netcore.options import Options
from netcore.pdus import explain
from netcore.services import Resolved
from netcore.target import parse
from netcore.trace import Called, Chose, Failed, StageEnded, StageStarted, Trace
from tests.web.recordings import MS, REQUEST, moved
from web import words
from web.failure import failure_facts


def failed_card(code: str, *answers: bytes, framing: str = "") -> words.Card:
    """The card of a fetch whose answers were read one by one before it failed."""
    at = list(accumulate(map(len, answers), initial=0))
    events: list[Any] = [
        StageStarted(0, "connect"),
        Called(1, "tcp:1", "connect", ("192.0.2.1:80",), 0),
        moved(2, "tcp:1", "send", REQUEST),
        StageStarted(3, "waiting"),
        *(moved(4 + n, "tcp:1", "recv", data, at[n]) for n, data in enumerate(answers)),
        *([Chose(8 * MS, "framing", "length", framing)] if framing else []),
        StageEnded(9 * MS, "response", error=code),
        Failed(9 * MS, "response", code, "It failed."),
    ]
    trace = Trace("http://a.example/", "2026-01-01T00:00:00.000000Z", Options(), events)
    return words.failure_card(code, failure_facts(trace, explain(events)))


def test_a_card_claims_no_reads_that_there_were_not() -> None:
    none, one, two = (
        failed_card("http.header_timeout", *[b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"][:count])
        for count in range(3)
    )
    assert "read" not in none.why.replace("single reads", "")
    assert len(none.todo) == 1
    assert "one read of 17 bytes" in one.why
    assert "2 reads brought 23 bytes" in two.why
    assert "in event 6, 8.96 ms before the end" in " ".join(two.todo)


def test_a_reset_is_told_in_bytes_of_the_body() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 18204\r\n\r\n"
    card = failed_card(
        "tcp.reset", head + bytes(12_136), framing="Content-Length says 18,204 octets."
    )
    assert card.saw.startswith("12,136 of 18,204 promised bytes of body")


def test_a_card_compares_what_came_with_what_was_unpacked() -> None:
    body = gzip.compress(bytes(9_000_000), mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    advice = " ".join(failed_card("limit.decoded", head + body).todo)
    assert f"{len(body):,} bytes had come and became 5,242,880" in advice


def test_a_card_says_which_names_repeat_and_that_none_does() -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    same = failed_card("h1.too_many_headers", head + b"A: 1\r\na: 2\r\nB: 3\r\n")
    assert "The name a stands there 2 times." in same.todo
    different = failed_card("h1.too_many_headers", head + b"A: 1\r\nB: 2\r\n")
    assert any(line.startswith("All 2 names") for line in different.todo)
    assert not any("stands there" in line for line in different.todo)


def test_a_request_that_is_sent_once_more_fails_at_the_same_host() -> None:
    failed = Failed(2, "connect", "tcp.refused", "It failed.", 2)
    events: list[Any] = [StageStarted(0, "connect", 2), StageEnded(1, "connect", 2), failed]
    trace = Trace("https://a.example:8443/", "2026-01-01T00:00:00.000000Z", Options(), events)
    facts = failure_facts(trace)
    assert (facts["host"], facts["port"]) == ("a.example", "8443")


def test_a_redirect_that_led_nowhere_is_no_host() -> None:
    stopped = Chose(1, "redirect", "stopped", "There are two Location fields.")
    failed = Failed(2, "connect", "tcp.refused", "It failed.", 2)
    events: list[Any] = [
        StageStarted(0, "response"),
        stopped,
        StageStarted(2, "connect", 2),
        failed,
    ]
    trace = Trace("https://a.example:8443/", "2026-01-01T00:00:00.000000Z", Options(), events)
    assert failure_facts(trace)["host"] == "a.example"


def test_a_name_without_the_wanted_version_of_ip_is_not_said_to_have_no_address() -> None:
    with pytest.raises(FetchError) as told:
        of_family(Resolved((Admitted("192.0.2.1", 80, ""),)), parse("http://a.example/"), "6")
    failed = Failed(9, "dns", told.value.code, told.value.message)
    trace = Trace("http://a.example/", "2026-01-01T00:00:00.000000Z", Options(), [failed])
    card = words.failure_card(failed.code, failure_facts(trace))
    assert card.headline == "The name has no address of IPv6."
    assert "192.0.2.1" in card.saw
