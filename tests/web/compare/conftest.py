"""Fetches of the lab as sides of a comparison, each made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from lab.whole import Lab
from netcore import fetch
from netcore.options import Options
from netcore.trace import AnyEvent, Completed, Trace
from web.compare.sides import Side, side_of
from web.feed import DONE, FAILED, RUNNING, Standing
from web.tale import tell

Sides = Callable[..., Side]


def side(letter: str, trace: Trace) -> Side:
    """A trace as a side."""
    if trace.outcome is None:
        state = RUNNING
    else:
        state = DONE if isinstance(trace.outcome, Completed) else FAILED
    return side_of(letter, f"id-{letter}", tell(trace), Standing(state))


def recorded(letter: str, events: list[AnyEvent], url: str = "http://plain.example/") -> Side:
    """Events as a side."""
    return side(letter, Trace(url, "2026-01-02T03:04:05.000006Z", Options(), events))


@pytest.fixture(scope="session")
def fetched(lab: Lab) -> Sides:
    """A side of a real fetch: its letter, the target's name, and what is asked for."""
    known: dict[tuple[str, str], Trace] = {}

    def get(letter: str, name: str, **options: Any) -> Side:
        key = (name, repr(options))
        if key not in known:
            whole = Options(lab=lab.options_lab(), cacert=str(lab.cacert), **options)
            known[key] = fetch(lab.servers[name].url, whole)
        return side(letter, known[key])

    return get


@pytest.fixture(autouse=True)
def speaking(app: Flask) -> Iterator[None]:
    """Sentences are made while a request is served."""
    with app.test_request_context("/compare"):
        yield
