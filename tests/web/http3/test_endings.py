"""How streams and the connection ended, with what the codes mean."""

from __future__ import annotations

from tests.netcore.quic_conversation import Conversation
from tests.web.http3.telling import view
from tests.web.quic.telling import tale_of
from web.http3.story import http3_view


def test_the_end_of_the_connection_comes_last() -> None:
    end = view("simple").endings[-1]
    assert end.who == "Client"
    assert "nothing went wrong" in end.meaning
    assert end.debug == "that was all"
    assert not end.is_error


def test_a_stateless_reset_has_no_code() -> None:
    end = view("reset").endings[-1]
    assert end.is_error
    assert end.meaning == ""
    assert "token" in end.what


def test_a_stream_that_was_given_up_is_told_with_its_code() -> None:
    talk = Conversation()
    talk.begin()
    stream = talk.ask()
    talk.client.stop_stream(stream, 0x10C)
    talk.pump()
    ended = http3_view(tale_of(talk), "/t/x", "1").endings
    asked = next(each for each in ended if "stop sending" in each.what)
    assert asked.who == "Client"
    assert "H3_REQUEST_CANCELLED" in asked.meaning
    assert asked.is_error
    assert asked.href.startswith("/t/x/e/")
