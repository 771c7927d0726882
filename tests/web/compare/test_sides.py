"""Sides: what tells them apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.web.compare.conftest import Sides, recorded
from tests.web.recordings import exchange
from web.compare.sides import kind_of
from web.feed import DONE, RUNNING, Standing


def test_time_goes_on_only_while_a_fetch_runs() -> None:
    one = recorded("a", exchange())
    assert replace(one, standing=Standing(DONE, elapsed_ns=10**12)).total_ns == 20_000_000
    assert replace(one, standing=Standing(RUNNING, elapsed_ns=10**12)).total_ns == 10**12


@pytest.mark.wire
def test_a_side_is_called_by_what_differs(fetched: Sides) -> None:
    cold = fetched("a", "resumption")
    warm = fetched("b", "resumption", resume_session=True)
    assert [kind_of(each, [cold, warm]) for each in (cold, warm)] == [
        "HTTP/1.1, cold",
        "HTTP/1.1, resumed",
    ]
    old, new = fetched("a", "tls12"), fetched("b", "tls13")
    assert kind_of(old, [old, new]) == "HTTP/1.1, TLS 1.2"
    plain = fetched("a", "plain")
    assert kind_of(plain, [plain, new]) == "HTTP/1.1"
