"""The legend names what is drawn, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from bench.generated import generated
from netcore.trace import Truncated
from tests.web.drawing.test_steps import tale_of
from tests.web.recordings import MS, exchange, refused
from web.drawing.legend import every_sign, legend
from web.drawing.timed import draw_time, time_scale
from web.tale import Tale, tell


def signs(tale: Tale) -> dict[str, str]:
    scale = time_scale(tale.flown.quiet, (0, tale.flown.extent_ns), 1_300, 0, folding=True)
    drawing = draw_time(tale.timeline, tale.flown, scale, 1_300, lambda a, b: "").drawing
    return {sign.layer or sign.look: sign.text for sign in legend(drawing)}


@pytest.fixture(autouse=True)
def _asked(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def test_a_plain_exchange_has_its_three_layers_and_no_secret() -> None:
    found = signs(tale_of(exchange()))
    assert list(found)[:3] == ["dns", "tcp", "http"]
    assert {"tick", "assumed", "decision", "fold"} <= found.keys()
    assert not {"tls", "ws", "key", "dots", "cross", "torn", "sum", "bundle"} & found.keys()


def test_what_failed_and_what_was_cut_off_is_named_where_it_is_drawn() -> None:
    assert signs(tale_of(refused()))["cross"] == "failed or reset"
    events = exchange(body=b"x" * 40_000)
    events.insert(-2, Truncated(19 * MS, "tcp:1.received", 2_097_152))
    found = signs(tale_of(events))
    assert found["torn"] == "recording stopped"
    assert found["bundle"] == "several of one kind"


def test_totals_are_named_where_they_stand_for_marks() -> None:
    found = signs(tell(generated(2_000)))
    assert "sum" in found
    assert found["ws"] == "WebSocket"


def test_every_sign_has_words() -> None:
    assert all(sign.text for sign in every_sign())
    assert len({sign.text for sign in every_sign()}) == len(every_sign())
