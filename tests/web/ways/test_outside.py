"""What somebody on the path learns of a trace, and what is taken out of it."""

from __future__ import annotations

import pytest

from lab import Lab
from netcore.trace import Called, SecretLogged, encode
from tests.web.ways.recordings import lab_tale, lab_trace
from web.ways.outside import learnt, outside, seen_from_outside

pytestmark = pytest.mark.wire
HIDDEN = {"http2_field_section", "http1_request_head", "tls_inner_plaintext", "message_body"}


@pytest.mark.parametrize("name", ["tls13", "tls12", "h2", "h3"])
def test_without_keys_nothing_that_was_sealed_is_open(lab: Lab, name: str) -> None:
    tale = outside(lab_tale(lab, name))
    assert not HIDDEN & {pdu.name for pdu in tale.explanation.pdus}
    found = learnt(tale)
    assert found.shown == (f"{name}.lab.test",)
    assert found.asked == (f"{name}.lab.test",)
    assert found.sealed
    assert not found.requests


def test_events_keep_their_numbers_and_what_crossed(lab: Lab) -> None:
    trace = lab_trace(lab, "tls13")
    seen = seen_from_outside(trace)
    assert len(seen.events) == len(trace.events)
    for ours, theirs in zip(trace.events, seen.events, strict=True):
        if isinstance(ours, Called):
            assert isinstance(theirs, Called)
            assert theirs.data == ours.data
            assert theirs.site == ()


def test_no_secret_path_or_decision_is_in_it(lab: Lab) -> None:
    trace = lab_trace(lab, "tls13")
    assert "secret-path" in trace.url
    seen = seen_from_outside(trace)
    assert not [event for event in seen.events if isinstance(event, SecretLogged)]
    assert b"secret-path" not in encode(seen)
    assert b"certificate: verified" not in encode(seen)


def test_a_certificate_of_tls12_can_be_read_and_one_of_tls13_cannot(lab: Lab) -> None:
    assert learnt(outside(lab_tale(lab, "tls12"))).certified
    assert not learnt(outside(lab_tale(lab, "tls13"))).certified


def test_a_request_in_the_clear_can_be_read(lab: Lab) -> None:
    found = learnt(outside(lab_tale(lab, "plain")))
    assert found.requests == ("GET /?secret-path HTTP/1.1",)
    assert found.sealed == 0
