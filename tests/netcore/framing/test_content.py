"""Content codings undone, within what may come out."""

from __future__ import annotations

import gzip

import pytest

from netcore.channels import Span
from netcore.content_coding import Budget
from netcore.framing.content import inflated
from netcore.pdu import INFLATED, Pdu

ORIGIN = Span("h2:1/1.received", 0, 9)
BODY = Pdu("message_body", gzip.compress(b"hello" * 100), (ORIGIN,))


def test_the_content_of_a_body_is_a_unit_made_from_it() -> None:
    made = inflated(BODY, ORIGIN, ["gzip"], "200")
    assert made is not None
    assert (made.octets, made.origin, made.step) == (b"hello" * 100, (ORIGIN,), INFLATED)


@pytest.mark.parametrize(("codings", "status"), [([], "200"), (["gzip"], "206"), (["x"], "200")])
def test_where_nothing_can_be_undone_there_is_no_unit(codings: list[str], status: str) -> None:
    assert inflated(BODY, ORIGIN, codings, status) is None


def test_bodies_share_what_may_come_out() -> None:
    budget = Budget(700)
    made = [inflated(BODY, ORIGIN, ["gzip"], "200", budget) for _ in range(3)]
    assert [each.size if each else 0 for each in made] == [500, 200, 0]
