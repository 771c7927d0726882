"""What a connection was is told turn by turn."""

from __future__ import annotations

import pytest

from tests.netcore.quic_conversation import Conversation, simple
from tests.web.quic.telling import tale_of, view
from web.quic.story import quic_view


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("simple", ["The first datagram", "Keys of 1-RTT", "The end"]),
        ("retry", ["The first datagram", "Retry", "Keys of 1-RTT", "The end"]),
        (
            "version_negotiation",
            ["The first datagram", "Version refused", "Keys of 1-RTT", "The end"],
        ),
        ("resumed", ["The first datagram", "Early data", "Keys of 1-RTT", "The end"]),
        ("key_updates", ["The first datagram", "Keys of 1-RTT", "Key update", "The end"]),
    ],
)
def test_the_turns_of_a_connection(name: str, titles: list[str]) -> None:
    assert [turn.title for turn in view(name).turns] == titles
    assert all(turn.said.what for turn in view(name).turns)


def test_the_end_says_who_and_how() -> None:
    assert "HTTP/3 at the client" in view("simple").turns[-1].said.what
    assert "“that was all”" in view("simple").turns[-1].said.what
    assert "no longer knew the connection" in view("reset").turns[-1].said.what
    assert view("reset").turns[-1].is_error
    assert not view("simple").turns[-1].is_error


def test_an_end_that_was_not_seen_is_not_told() -> None:
    talk = Conversation()
    talk.begin()
    end = quic_view(tale_of(talk), "/t/x", "1").turns[-1]
    assert "No packet that ends the connection" in end.said.what
    assert end.href == ""


def test_a_retry_that_is_not_genuine_is_an_error() -> None:
    talk = simple(retry=True)
    tale = tale_of(talk)
    tale.explanation.quic["1"].retry_is_genuine = False
    turn = next(each for each in quic_view(tale, "/t/x", "1").turns if each.title == "Retry")
    assert turn.is_error
    assert "does not verify" in turn.said.what


def test_the_first_datagram_has_the_size_that_no_other_may_undercut() -> None:
    assert "1,200 bytes" in view("simple").turns[0].said.what


def test_the_connection_at_a_glance() -> None:
    found = {each.name: each.value for each in view("simple").glances}
    assert found["Version"] == "QUIC version 1"
    assert found["Application"] == "h3"
    assert found["Cipher suite"].startswith("TLS_")
