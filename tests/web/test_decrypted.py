"""A page over https: what was decrypted, beside the record that it came out of."""

from __future__ import annotations

from functools import cache

import pytest

from netcore.options import Options
from netcore.trace import SecretLogged, Trace
from tests.netcore.tls_conversation import TLS13, Recording, contexts, converse
from web.panes import Panes, Selection, panes
from web.tale import Tale, tell


@cache
def recording() -> Recording:
    return converse(*contexts(TLS13))


def told(*, secrets: bool = True) -> Tale:
    kept = [e for e in recording().events if secrets or not isinstance(e, SecretLogged)]
    return tell(Trace("https://lab.test/a", "2026-01-02T03:04:05.000006Z", Options(), kept))


def opened(tale: Tale, title: str, unit: int = 0) -> Panes:
    """The panes of the first event of that title."""
    number = next(mark.number for mark in tale.timeline.marks if mark.title.startswith(title))
    return panes(tale, "/t/x", number, Selection(unit=unit))


def test_marks_are_called_after_what_was_decrypted() -> None:
    marks = {mark.title: mark for mark in told().timeline.marks}
    assert marks["GET /a"].layer == "http"
    assert marks["GET /a"].certainty == "decrypted"
    assert any(title.startswith("200 OK") for title in marks)
    assert not any("encrypted" in title for title in marks)


def test_without_secrets_marks_say_that_they_are_sealed() -> None:
    marks = [mark for mark in told(secrets=False).timeline.marks if mark.opaque]
    assert marks
    assert {mark.layer for mark in marks} == {"tls"}
    assert {mark.certainty for mark in marks} == {"observed"}


def test_an_event_lists_what_was_fetched_and_a_record_what_was_in_it() -> None:
    view = opened(told(), "GET /a")
    assert [unit.title for unit in view.units] == ["GET /a"]
    record = panes(told(), "/t/x", view.number, Selection(unit=1))
    assert [unit.title for unit in record.units] == ["encrypted application data", "GET /a"]


def test_an_event_opens_at_what_was_fetched() -> None:
    view = opened(told(), "200 OK")
    assert view.view is not None
    assert view.view.title == "200 OK"
    assert view.view.layer == "http"
    assert view.words.ask == "What does the server answer?"


def test_what_was_decrypted_says_out_of_how_much() -> None:
    request = opened(told(), "GET /a").view
    assert request is not None
    assert request.origin.startswith("Decrypted from a record of ")
    units = opened(told(), "200 OK").units
    index = next(unit.index for unit in units if unit.title.startswith("body"))
    whole = opened(told(), "200 OK", unit=index).view
    assert whole is not None
    assert whole.origin.startswith("Decrypted from 2 records of ")


def test_a_record_itself_was_not_decrypted_from_anything() -> None:
    view = opened(told(), "GET /a", unit=1).view
    assert view is not None
    assert view.origin == ""


@pytest.mark.parametrize("secrets", [True, False])
def test_a_sealed_record_says_why_it_stays_so(secrets: bool) -> None:
    tale = told(secrets=secrets)
    texts = [
        field.error
        for pdu in tale.explanation.pdus
        if pdu.protocol == "tls_ciphertext"
        for field in pdu.fields().walk()
    ]
    assert any(text.startswith("not decrypted: no ") for text in texts) == (not secrets)
