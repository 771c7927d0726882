"""Sentences: each figure says in words what it shows."""

from __future__ import annotations

import pytest

from netcore.comparison import KINDS, differences
from tests.web.compare.conftest import Sides, recorded
from tests.web.recordings import exchange, refused
from web.compare.sentences import label_of, sentence_of, value_of
from web.compare.sides import Side


def said(*sides: Side) -> dict[str, str]:
    accounts = tuple(side.account for side in sides)
    return {each.kind: sentence_of(each, 1, accounts) for each in differences(accounts)}


def test_a_fetch_beside_itself_is_the_same_in_every_row() -> None:
    both = recorded("a", exchange()), recorded("b", exchange())
    found = said(*both)
    assert all(sentence.startswith("The same") for sentence in found.values())
    assert found["connections"] == "The same: one fetch, one connection."


def test_every_kind_has_a_name_and_a_value() -> None:
    one = recorded("a", exchange()).account
    assert all(label_of(kind) and value_of(kind, one) for kind in KINDS)


@pytest.mark.wire
def test_http2_packs_fields_and_saves_no_trip_on_the_first_request(fetched: Sides) -> None:
    one = fetched("a", "three-versions", http="1.1")
    found = said(one, fetched("b", "three-versions", http="2"))
    assert found["round_trips"] == "The same: HTTP/2 saves none on the first request."
    assert found["request"].startswith("Header fields were packed: ")
    assert found["content"] == "The same."
    found = said(one, fetched("b", "three-versions", http="3"))
    assert found["round_trips"] == "1 fewer: QUIC connects and agrees on keys in one trip."
    back = said(fetched("a", "three-versions", http="2"), one)
    assert back["request"] == "Here they stand as text, which A packed."


@pytest.mark.wire
def test_resuming_says_what_it_saved_whichever_side_it_is_on(fetched: Sides) -> None:
    cold = fetched("a", "resumption")
    warm = fetched("b", "resumption", resume_session=True)
    sentence = said(cold, warm)["session"]
    assert sentence.startswith("Resuming saved ")
    assert said(warm, cold)["session"] == sentence
    assert value_of("session", warm.account) == "resumed"


def test_what_failed_and_what_runs_is_not_explained_away() -> None:
    whole, failed = recorded("a", exchange()), recorded("b", refused())
    assert said(whole, failed)["outcome"].startswith("This one failed and A did not.")
    assert said(failed, whole)["outcome"].startswith("A failed")
    running = recorded("b", exchange()[:10])
    assert set(said(whole, running).values()) == {"Not all is known yet: a fetch still runs."}


def test_times_that_are_near_are_said_to_be_too_near_to_tell() -> None:
    one = recorded("a", exchange())
    events = exchange()
    longer = [*events[:-1], type(events[-1])(22_000_000, 200, "OK", body_octets=14)]  # type: ignore[call-arg, arg-type]
    assert said(one, recorded("b", longer))["time"].startswith("Too near to tell")
    far = [*events[:-1], type(events[-1])(90_000_000, 200, "OK", body_octets=14)]  # type: ignore[call-arg, arg-type]
    assert said(one, recorded("b", far))["time"].startswith("70.0 ms apart in this one run.")
