"""Bugs and rules are chosen for a value, and what is called verified was."""

from __future__ import annotations

from netcore.field import Field
from netcore.trace import Called, Chose, StageStarted
from web.rules import event_rule, failure_rule, field_rule

VERSION = Field("legacy_record_version", 8, 16, 0x0303)
LENGTH = Field("length", 24, 16, 16_385, error="tls.record_overflow: a record is too long")
FRAGMENT = Field("fragment", 40, 8)
OCTETS = bytes.fromhex("1603034001ff")


def path(field: Field) -> tuple[Field, ...]:
    return (Field("tls_record", 0, 48, children=(field,)), field)


def test_a_rule_that_was_kept_says_what_was_looked_at() -> None:
    found = field_rule("tls_record", path(VERSION), OCTETS)
    assert found.rule.startswith("TLS 1.3 writes 0x0303")
    assert found.spec == "RFC 8446 §5.1"
    assert (found.kept, found.shown) == (True, "0x0303")
    assert "hellos" in found.bug


def test_what_only_proves_one_way_never_refuses() -> None:
    older = Field("legacy_record_version", 8, 16, 0x0302)
    assert field_rule("tls_record", path(older), OCTETS).kept is None


def test_the_decoders_own_fault_is_the_proof_against() -> None:
    found = field_rule("tls_record", path(LENGTH), OCTETS)
    assert found.kept is False
    assert found.error == "a record is too long"


def test_a_rule_of_behaviour_is_not_called_verified() -> None:
    found = field_rule("tls_record", path(FRAGMENT), OCTETS)
    assert found.rule
    assert found.kept is None
    assert found.is_of_octets


def test_a_variant_has_its_own_rule_and_bug() -> None:
    ended = event_rule(Called(5, "tcp:1", "recv", (65536,), 0))
    assert ended.bug.startswith("b'' is the end")
    assert ended.spec == "RFC 9293 §3.6"
    assert not ended.is_of_octets
    assert event_rule(Called(5, "tcp:1", "recv", (65536,), 9)).bug.startswith("One recv()")


def test_decisions_stages_and_failures_have_theirs() -> None:
    assert "DNS rebinding" in event_rule(Chose(1, "guard", "allowed")).bug
    assert event_rule(StageStarted(1, "quic")).spec == "RFC 9000 §8.1"
    refused = failure_rule("tcp.refused", {})
    assert "ConnectionRefusedError" in refused.bug
    assert refused.rule


def test_what_nobody_wrote_about_is_silent() -> None:
    found = field_rule("tls_record", path(Field("nothing", 0, 8)), OCTETS)
    assert (found.bug, found.rule, found.kept) == ("", "", None)
    assert failure_rule("new.code", {}).bug == ""
