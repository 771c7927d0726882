"""What is said of calls, decisions and messages of DNS."""

from __future__ import annotations

import pytest

from tests.web.player.conftest import Told
from tests.web.player.test_steps import recorded, step_of

pytestmark = pytest.mark.wire


def test_the_answer_has_the_address_and_how_long_it_may_be_kept() -> None:
    assert dict(step_of(recorded(), "dns_answer").facts) == {"address": "93.184.216.34", "ttl": "5"}


def test_the_question_has_the_name_and_no_path() -> None:
    assert dict(step_of(recorded(), "dns_query").facts) == {"name": "plain.example", "type": "A"}


def test_a_refusal_is_an_answer_with_a_name(told: Told) -> None:
    assert dict(step_of(told("port-closed"), "refused").facts) == {"error": "ECONNREFUSED"}


def test_a_name_that_does_not_exist_is_told_by_four_bits(told: Told) -> None:
    step = step_of(told("no-such-name"), "dns_error")
    assert dict(step.facts)["code"] == "3"
    assert step.field == "28-32"


def test_a_connection_that_is_used_again_is_said_once(told: Told) -> None:
    assert step_of(told("redirect"), "reused").mark.kind == "decision"
