"""What was computed from a tale is computed once, in each language, and goes with the tale."""

from __future__ import annotations

import gc
from weakref import ref

from flask import Flask

from netcore.options import Options
from netcore.trace import Trace
from tests.web.conftest import STARTED
from tests.web.recordings import exchange
from web.kept import kept
from web.language import language
from web.tale import Tale, tell


def told() -> Tale:
    return tell(Trace("http://plain.example/", STARTED, Options(), exchange()))


def test_it_is_computed_once_for_each_tale() -> None:
    asked: list[Tale] = []
    count = kept(asked.append)
    one, other = told(), told()
    for tale in (one, other, one, other, one):
        count(tale)
    assert asked == [one, other]


def test_each_language_has_its_own(app: Flask) -> None:
    spoken = kept(lambda _tale: language())
    tale = told()
    for asked in ("en", "de", "en"):
        with app.test_request_context(f"/?lang={asked}"):
            assert spoken(tale) == asked


def test_it_goes_with_the_tale() -> None:
    count = kept(lambda tale: len(tale.trace.events))
    tale = told()
    assert count(tale) == len(exchange())
    gone = ref(tale)
    del tale
    gc.collect()
    assert gone() is None
