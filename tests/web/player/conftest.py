"""Fetches from the lab, recorded once, told again in many tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab import Lab
from netcore.client import fetch
from netcore.options import Options
from tests.patience import limits_of
from web.tale import Tale, tell

Told = Callable[[str], Tale]


@pytest.fixture(scope="session")
def told(lab: Lab) -> Told:
    """The tale of a fetch from a target of the lab, by its name."""
    known: dict[str, Tale] = {}

    def tell_of(name: str) -> Tale:
        if name not in known:
            known[name] = tell(fetch(*_asked(lab, name)))
        return known[name]

    return tell_of


def _asked(lab: Lab, name: str) -> tuple[str, Options]:
    target = next(each for each in lab.targets if each.name == name)
    ask: dict[str, Any] = {} if target.ask.http == "auto" else {"http": target.ask.http}
    options = Options(
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        follow_redirects=True,
        method=target.ask.method,
        headers=target.ask.headers,
        body=target.ask.body,
        messages=target.ask.messages,
        resume_session=target.ask.resume_session,
        further_urls=(target.url,) * (target.ask.times - 1),
        limits=limits_of(name),
        **ask,
    )
    return target.url, options
