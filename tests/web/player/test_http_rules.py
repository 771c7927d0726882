"""What is said of HTTP and WebSocket stands in their octets."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import recorded, step_of

pytestmark = pytest.mark.wire


def test_a_request_and_its_answer_have_their_values() -> None:
    tale = recorded()
    assert dict(step_of(tale, "request_line").facts) == {"method": "GET", "target": "/"}
    response = dict(step_of(tale, "response").facts)
    assert response["code"] == "200"
    assert response["waited"] == "12.0 ms"
    assert dict(step_of(tale, "content_length").facts)["value"] == "14"


def test_a_chunk_says_its_length_in_hexadecimal(told: Told) -> None:
    facts = dict(step_of(told("chunked"), "chunk").facts)
    assert int(facts["text"], 16) == int(facts["value"].replace(",", ""))


def test_header_compression_is_told_in_numbers_of_this_trace(told: Told) -> None:
    facts = dict(step_of(told("h2"), "headers").facts)
    assert int(facts["wire"]) < int(facts["plain"])


def test_a_mask_stands_before_what_it_masks(told: Told) -> None:
    tale = told("ws-echo")
    step = step_of(tale, "ws_mask")
    octets = tale.explanation.of_event(step.event)[step.unit - 1].octets
    assert dict(step.facts)["hex"] == octets[2:6].hex(" ")


def test_a_redirect_names_the_place(told: Told) -> None:
    assert dict(step_of(told("redirect"), "redirect").facts)["location"] == "/second"
