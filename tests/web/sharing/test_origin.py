"""What is said of a trace that no recorder of ours made."""

from __future__ import annotations

from flask import Flask

from web.sharing.origin import SAID_OF_ORIGIN, said_of_origin


def test_each_origin_says_that_nobody_saw_it(app: Flask) -> None:
    with app.test_request_context():
        for origin in SAID_OF_ORIGIN:
            said = said_of_origin(origin, "1 May 2026")
            assert "1 May 2026" in said
            assert "Nobody saw" in said or "No byte was seen" in said
