"""Sentences with their values."""

from __future__ import annotations

from flask import Flask

from web.spoken import gettext, ngettext


def test_values_stand_in_their_places(app: Flask) -> None:
    with app.test_request_context("/"):
        assert gettext("a %(b)s", b="<c>") == "a <c>"
        assert ngettext("one", "%(n)s of them", 1, n="1") == "one"
        assert ngettext("one", "%(n)s of them", 1_200, n="1,200") == "1,200 of them"
