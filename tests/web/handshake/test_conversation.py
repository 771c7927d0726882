"""What is said of a handshake, and how often it made the client wait."""

from __future__ import annotations

import pytest

from netcore.handshake.conversations import conversations
from netcore.options import Options
from netcore.trace import Trace
from tests.netcore.tls_conversation import TLS12, TLS13, contexts, converse
from web.handshake.conversation import (
    SHOWN_MESSAGES,
    ConversationView,
    conversation_facts,
    conversation_view,
)
from web.tale import Tale, tell


def told(version: int, *, cut: int = 0) -> Tale:
    events = converse(*contexts(version)).events
    kept = events[: cut or len(events)]
    return tell(Trace("https://lab.test/a", "2026-01-02T03:04:05.000006Z", Options(), kept))


def view_of(tale: Tale) -> ConversationView:
    (conversation,) = conversations(tale.explanation)
    return conversation_view(conversation, tale, "/t/x")


@pytest.mark.parametrize(
    ("version", "trips", "readable"),
    [(TLS13, "One round trip", "encrypted"), (TLS12, "Two round trips", "readable by everyone")],
)
def test_what_is_told_fits_the_version(version: int, trips: str, readable: str) -> None:
    view = view_of(told(version))
    assert str(view.trips.what).startswith(trips)
    assert readable in str(view.kind.what)


def test_every_message_has_words() -> None:
    for version in (TLS12, TLS13):
        for flight in view_of(told(version)).flights:
            assert all(message.what for message in flight.messages)


def test_a_size_that_the_words_name_stands_in_the_size_of_the_message() -> None:
    flights = view_of(told(TLS13)).flights
    messages = [message for flight in flights for message in flight.messages]
    hello = messages[0]
    finished = next(message for message in messages if message.title == "Finished")
    body = hello.size.removesuffix(" and a header of 4 B").removesuffix(" B")
    assert f"in {body} bytes" in str(hello.what)
    assert " and a header of 4 B" in finished.size


def test_a_hello_without_an_answer_says_that_nothing_was_agreed() -> None:
    tale = told(TLS13)
    answered = next(
        number
        for number, event in enumerate(tale.trace.events)
        if getattr(event, "channel", "").endswith(".received")
    )
    cut = told(TLS13, cut=answered)
    (conversation,) = conversations(cut.explanation)
    assert conversation_facts(conversation, cut)["answered"] is False
    assert "nothing was agreed" in str(view_of(cut).trips.what)


def test_what_came_after_the_first_request_is_later() -> None:
    tale = told(TLS13)
    (conversation,) = conversations(tale.explanation)
    began = conversation.said[: conversation.began]
    flights = view_of(tale).flights
    assert sum(len(flight.messages) for flight in flights if not flight.later) == len(began)
    assert flights[-1].later


def test_of_endless_messages_the_first_ones_are_shown_and_the_rest_are_counted() -> None:
    events = converse(*contexts(TLS13)).events
    tale = tell(Trace("https://lab.test/a", "2026-01-02T03:04:05.000006Z", Options(), events))
    (conversation,) = conversations(tale.explanation)
    many = conversation._replace(said=conversation.said * 100)
    view = conversation_view(many, tale, "/t/x")
    shown = sum(len(flight.messages) for flight in view.flights)
    assert shown == SHOWN_MESSAGES
    assert view.more == len(many.said) - shown
