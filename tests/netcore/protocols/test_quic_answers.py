"""Retry and Version Negotiation: one of each is acted upon."""

from __future__ import annotations

from lab import Authority
from netcore.protocols.quic_answers import Answers
from tests.netcore.protocols.quic_pair import client
from tests.netcore.protocols.test_quic_fences import retry_of

V2 = 0x6B3343CF


def negotiation(first: bytes, *versions: int) -> bytes:
    listed = b"".join(each.to_bytes(4, "big") for each in versions)
    return b"\x80\0\0\0\0\x08" + first[15:23] + b"\x08" + first[6:14] + listed


def test_a_second_retry_is_one_too_many_and_a_repeated_one_is_not(authority: Authority) -> None:
    quic = client(authority)
    (first,) = quic.datagrams_to_send(0)
    quic.receive(retry_of(first), 0.01)
    quic.receive(retry_of(first), 0.02)  # the network may deliver it twice
    assert quic.failure is None
    (second,) = quic.datagrams_to_send(0.02)
    quic.receive(retry_of(second[:6] + second[6:14] + second[14:23]), 0.03)
    assert quic.failure is not None
    assert quic.failure.code == "quic.retry"
    assert quic.datagrams_to_send(0.04) == []


def test_no_version_in_common(authority: Authority) -> None:
    quic = client(authority)
    (first,) = quic.datagrams_to_send(0)
    quic.receive(negotiation(first, 0x1A2A3A4A), 0.01)
    assert quic.failure is not None
    assert quic.failure.code == "quic.version"
    assert "it lists 0x1a2a3a4a; ours: 1, 2" in quic.failure.message


def test_what_is_for_somebody_else_is_passed_over(authority: Authority) -> None:
    quic = client(authority)
    (first,) = quic.datagrams_to_send(0)
    quic.receive(negotiation(first[:15] + b"somebody", 0x1A2A3A4A), 0.01)
    assert quic.failure is None
    assert quic.silence() is None


def test_answers_that_are_passed_over_tell_why_there_was_silence(authority: Authority) -> None:
    quic = client(authority)
    (first,) = quic.datagrams_to_send(0)
    answers = Answers(quic.connection)
    assert answers.silence() is None
    assert answers.look(negotiation(first, 1, V2)) is None
    silence = answers.silence()
    assert silence is not None
    assert silence.code == "quic.version"
    answers = Answers(quic.connection)
    assert answers.look(retry_of(first)[:-1] + b"x") is None
    silence = answers.silence()
    assert silence is not None
    assert silence.code == "quic.retry"
