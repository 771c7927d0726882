"""The choice of a text and how it is filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.field import Field
from netcore.options import Options
from netcore.reader import dissect
from netcore.trace import Called, Chose, Failed, StageStarted, Trace
from web import words
from web.facts import FieldFacts, PlainFacts, broken_before, clean, duration, moment, seconds, size
from web.failure import failure_facts
from web.filling import Text

TTL = Field("ttl", 0, 32, 60)
RECORD = Field(
    "answer",
    0,
    80,
    label="A",
    children=(
        Field("ttl", 0, 32, 60),
        Field("rdlength", 32, 16, 4),
        Field("rdata", 48, 32, children=(Field("address", 48, 32, "192.0.2.1"),)),
    ),
)
OCTETS = bytes.fromhex("0000003c 0004 c0000201")


@pytest.fixture
def content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of texts in place of the real one."""
    monkeypatch.setattr(words, "CONTENT", tmp_path)
    (tmp_path / "fields").mkdir()
    (tmp_path / "words").mkdir()
    return tmp_path


def say(content: Path, entry: str, field: Field = TTL, octets: bytes = OCTETS) -> str:
    (content / "fields" / "dns_message.toml").write_text(entry, "utf-8")
    return words.explain_field("dns_message", (Field("dns_message", 0, 32), field), octets).what


def test_a_text_gets_the_facts_of_its_field(content: Path) -> None:
    said = say(content, '[ttl]\nwhat = "{name} {value} {hex} {octets} {size} {bits} {start}"')
    assert said == "ttl 60 0x0000003c 4 4 bytes 32 0"


def test_a_text_gets_the_facts_of_other_fields() -> None:
    facts = FieldFacts((RECORD, RECORD.children[1]), OCTETS)
    assert facts.shown("near:ttl") == "60"
    assert facts.shown("near:address") == "192.0.2.1"
    assert facts.shown("in:address") is None
    assert facts.shown("next:octets") == "4"
    assert facts.shown("next:name") == "rdata"
    assert facts.shown("parent") == "answer"
    assert facts.shown("parent_label") == "A"


def test_a_variant_is_used_where_its_conditions_hold(content: Path) -> None:
    entry = """
        [ttl]
        what = "{value} s"
        [[ttl.when]]
        value = 0
        what = "none"
        [[ttl.when]]
        value = { min = 3600 }
        what = "long"
        [[ttl.when]]
        value = [60, 61]
        octets = 4
        what = "a minute"
    """
    assert say(content, entry) == "a minute"
    assert say(content, entry, Field("ttl", 0, 32, 0)) == "none"
    assert say(content, entry, Field("ttl", 0, 32, 86_400)) == "long"
    assert say(content, entry, Field("ttl", 0, 16, 60)) == "60 s"


def test_a_missing_fact_passes_the_variant_over_and_then_the_entry(content: Path) -> None:
    entry = """
        [ttl]
        what = "{near:class} {value}"
        [[ttl.when]]
        what = "{label}"
        [ttl.otherwise]
        what = "only {value}"
    """
    assert say(content, entry) == "only 60"
    assert say(content, entry, Field("ttl", 0, 32, 60, label="x")) == "x"


def test_without_words_there_is_a_general_sentence(content: Path) -> None:
    assert say(content, "") == "ttl stands at offset 0 and is 32 bits long."
    assert say(content, '[ttl]\nwhat = "{label}"') == "ttl stands at offset 0 and is 32 bits long."


def test_words_below_an_ancestor_come_before_words_of_the_name(content: Path) -> None:
    entry = '[ttl]\nwhat = "any"\n["dns_message.ttl"]\nwhat = "of the message"'
    assert say(content, entry) == "of the message"


def test_a_second_file_adds_to_a_family_and_may_not_repeat_it(content: Path) -> None:
    (content / "fields" / "dns_message.more.toml").write_text('[ttl]\nwhat = "more"', "utf-8")
    with pytest.raises(AssertionError, match="second entry for ttl"):
        say(content, '[ttl]\nwhat = "once"')


def test_a_grafted_unit_has_the_words_of_its_own_family() -> None:
    alert = Field("description", 48, 8, 40, "handshake_failure")
    path = (
        Field("tls_record", 0, 56, children=(Field("type", 0, 8, 21, "alert"),)),
        Field("fragment", 40, 16),
        Field("tls_alert", 40, 16, children=(alert,)),
        alert,
    )
    assert words.explain_field("tls_record", path, bytes(7)).ask == "Why was the alert sent?"


def test_terms_are_parts_of_a_text_and_no_brackets_are_left() -> None:
    found = words.explain_event(Called(0, "tcp:1", "socket", ("AF_INET", "SOCK_STREAM")))
    terms = [part for part in found.why.parts if part.term]
    assert [part.text for part in terms] == ["SOCK_STREAM"]
    assert "".join(part.text for part in found.why.parts) == found.why
    assert [word.title for word in found.words] == ["stream"]


def test_brackets_in_a_value_from_outside_make_no_term() -> None:
    name = Field("field_name", 0, 88, "X-[[socket]]", "not registered")
    found = words.explain_field("http1_response_head", (name,), bytes(11))
    assert "X-[[socket]]" in found.what
    assert all(not part.term for part in found.what.parts)


def test_braces_in_a_value_from_outside_are_not_filled() -> None:
    name = Field("field_name", 0, 88, "{label}", "not registered")
    assert "{label}" in words.explain_field("http1_response_head", (name,), bytes(11)).what


def test_octets_from_outside_are_escaped_and_cut() -> None:
    assert clean("a\r\nb\x00\x9f") == "a\\x0d\\x0ab\\x00\\x9f"
    assert clean("\u202egpj") == "\\u202egpj"
    assert clean("x" * 200) == "x" * 79 + "…"
    assert clean("x" * 80) == "x" * 80


def test_a_sentence_does_not_end_in_two_full_stops(content: Path) -> None:
    name = Field("ttl", 0, 32, "lab.test.")
    assert say(content, '[ttl]\nwhat = "It is {value}."', name) == "It is lab.test."


@pytest.mark.parametrize(
    ("ns", "text"),
    [(420, "0.42 µs"), (11_200_000, "11.2 ms"), (1_380_000_000, "1.38 s"), (900_400_000, "900 ms")],
)
def test_times_have_three_digits_and_a_unit(ns: int, text: str) -> None:
    assert duration(ns) == text


def test_counts_have_a_unit_that_agrees() -> None:
    assert (size(1), size(2), size(18_204)) == ("1 byte", "2 bytes", "18,204 bytes")
    assert (seconds(1), seconds(60)) == ("1 second", "60 seconds")
    assert seconds(3_600) == "3,600 seconds (1 hour)"
    assert seconds(100_000) == "100,000 seconds (about 1 day)"
    assert moment(1_700_000_000_000) == "14 November 2023, 22:13:20 UTC"
    assert moment(1 << 63) == ""


def test_facts_of_an_event_are_shown_as_what_they_are() -> None:
    facts = PlainFacts({"wait_ns": 4_200, "count": 18_204, "empty": "", "message": "m" * 100})
    assert facts.shown("wait_ns") == "4.20 µs"
    assert facts.shown("count") == "18,204"
    assert facts.shown("empty") is None
    assert facts.shown("missing") is None
    assert facts.shown("message") == "m" * 100


def test_an_empty_result_behind_a_reset_is_no_end_from_the_server() -> None:
    channel = "tcp:1.received"
    events: list[Any] = [
        Called(0, "tcp:2", "recv", (9,), None, "ECONNRESET", channel="tcp:2.received"),
        Called(1, "tcp:1", "recv", (9,), 0, channel=channel),
        Called(2, "tcp:1", "recv", (9,), None, "ECONNRESET", channel=channel),
        Called(3, "tcp:1", "recv", (9,), 0, channel=channel),
        Called(4, "tcp:1", "close"),
        Chose(5, "status", "200 OK"),
    ]
    broken = [broken_before(events, number) for number in range(1, len(events) + 1)]
    assert broken == ["", "", "", "ECONNRESET", "ECONNRESET", ""]
    said = [words.explain_event(event, why) for event, why in zip(events, broken, strict=True)]
    assert "has closed its half" in said[1].what
    assert "has closed its half" not in said[3].what
    assert "failed with ECONNRESET before" in said[3].what
    assert "ended before, with ECONNRESET" in said[4].what


def test_an_unknown_call_and_an_unknown_decision_still_have_a_sentence() -> None:
    assert "sendfile" in words.explain_event(Called(0, "tcp:1", "sendfile", result=3)).ask
    assert words.explain_event(Chose(0, "weather", "fine")).what == "fine."


def test_an_unknown_stage_speaks_for_itself() -> None:
    assert words.stage("push").title == "push"


def test_a_card_takes_its_numbers_from_the_trace() -> None:
    address = "192.0.2.1:8081"
    events: list[Any] = [
        StageStarted(0, "connect"),
        Called(100, "tcp:1", "connect", (address,), None, "EINPROGRESS", 20),
        Called(200, "tcp:1", "select", ("tcp:1", "write", 10), "write", duration_ns=300_000),
        Called(
            400_050, "tcp:1", "getsockopt", ("SOL_SOCKET", "SO_ERROR"), None, "ECONNREFUSED", 50
        ),
        Failed(400_200, "connect", "tcp.refused", "It refused."),
    ]
    trace = Trace("http://example.org:8081/", "2026-01-01T00:00:00.000000Z", Options(), events)
    card = words.failure_card("tcp.refused", failure_facts(trace))
    assert card.saw == f"connect() to {address} failed with ECONNREFUSED after 400 µs."
    assert "port 8081;" in card.why
    assert card.event == 4


def test_a_card_of_a_later_hop_looks_at_that_hop_only() -> None:
    events: list[Any] = [
        StageStarted(0, "connect"),
        Called(10, "tcp:1", "connect", ("192.0.2.1:80",), 0),
        Called(20, "tcp:1", "recv", (9,), 9, channel="tcp:1.received", length=9, data=b"HTTP/1.1 "),
        Chose(30, "redirect", "http://two.example/"),
        StageStarted(40, "connect", 2),
        Called(50, "tcp:2", "connect", ("192.0.2.2:80",), None, "ECONNREFUSED"),
        Failed(60, "connect", "tcp.refused", "It refused.", 2),
    ]
    trace = Trace("http://one.example/", "2026-01-01T00:00:00.000000Z", Options(), events)
    facts = failure_facts(trace)
    assert (facts["host"], facts["address"]) == ("two.example", "192.0.2.2:80")
    assert (facts["received"], facts["event"]) == (0, 6)


def test_a_head_that_has_not_ended_is_not_said_to_have_ended() -> None:
    octets = b"HTTP/1.1 200 OK\r\nA: 1\r\n"
    for octets_there, ended in ((octets, False), (octets + b"\r\n", True)):
        tree = dissect(DISSECTORS["http1_response_head"], octets_there, "http1_response_head")
        what = words.explain_field("http1_response_head", (tree,), octets_there).what
        assert ("that an empty line ends" in what) == ended
        assert ("is missing" in what) == (not ended)


def test_a_variant_of_a_card_may_give_other_advice() -> None:
    polite = "The server ended TLS with the alert close_notify."
    assert "level 1" in words.failure_card("tls.alert", {"message": polite}).todo[0]
    assert "ClientHello" in words.failure_card("tls.alert", {"message": "Alert 40."}).todo[0]


def test_facts_of_a_url_that_cannot_be_read_leave_the_host_out() -> None:
    events: list[Any] = [Failed(1, "target", "guard.bad_url", "No.")]
    trace = Trace("http://[::1", "2026-01-01T00:00:00.000000Z", Options(), events)
    assert "host" not in failure_facts(trace)


def test_a_trace_that_did_not_fail_has_no_facts_of_a_failure() -> None:
    assert failure_facts(Trace("http://a.example/", "", Options(), [])) == {}


@pytest.mark.parametrize("name", sorted(DISSECTORS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_octets_have_an_explanation_for_every_field(name: str, data: st.DataObject) -> None:
    octets = data.draw(st.binary(max_size=80))
    root = dissect(DISSECTORS[name], octets, name.partition(".")[0])

    def visit(tree: Field, above: tuple[Field, ...]) -> None:
        found = words.explain_field(name, (*above, tree), octets)
        assert isinstance(found.what, Text)
        assert found.what
        assert found.ask
        for child in tree.children:
            visit(child, (*above, tree))

    visit(root, ())
