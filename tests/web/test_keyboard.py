"""The table of keys is what the sheet shows, and what the scripts listen to."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from web.keyboard import KeyLine, key_groups

COMPONENTS = Path(__file__).resolve().parents[2] / "static"
NAMES = {
    "Esc": "Escape",
    "Space": " ",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
    "C": "copy",  # the browser's own event
}


def lines(app: Flask) -> list[tuple[str, KeyLine]]:
    with app.test_request_context():
        return [(group.id, line) for group in key_groups() for line in group.lines]


def test_the_sheet_has_every_key_and_what_it_does(app: Flask, client: FlaskClient) -> None:
    page = client.get("/about").text
    for _, line in lines(app):
        for key in line.keys:
            assert f"<kbd>{key}</kbd>" in page
        assert f"<dd>{line.does}</dd>" in page


def test_no_key_stands_twice_in_one_place(app: Flask) -> None:
    found = [(where, key) for where, line in lines(app) for key in line.keys]
    assert len(found) == len(set(found))


def test_each_key_is_one_that_a_script_listens_to(app: Flask) -> None:
    source = "".join(path.read_text() for path in sorted(COMPONENTS.rglob("*.js")))
    for _, line in lines(app):
        for key in line.keys:
            if key in ("Ctrl", "1", "7"):  # stages are counted
                continue
            name = NAMES.get(key, key)
            wanted = re.escape(name)
            assert re.search(rf'"{wanted}"|(?<![\w.]){wanted}: ', source), key
