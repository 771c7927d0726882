"""The timeline as a drawing that stands alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Script
from tests.web.recordings import refused
from web.sharing.svg import colours

Traced = Callable[[], str]


@pytest.mark.parametrize("query", ["", "?m=time", "?theme=dark", "?m=time&z=3-7"])
def test_the_drawing_stands_alone(client: FlaskClient, traced: Traced, query: str) -> None:
    answer = client.get(f"{traced()}/timeline.svg{query}")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")
    svg = answer.text
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert "class=" not in svg
    assert "style" not in svg
    assert "var(" not in svg
    theme = "dark" if "dark" in query else "light"
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9A-F]{6})"', svg))
    assert used <= set(colours()[theme].values())
    assert "Solid was seen, dashed is estimated." in svg
    assert ">HTTP<" in svg


def test_a_failure_is_drawn(client: FlaskClient, script: Script, traced: Traced) -> None:
    script.events = refused()
    svg = client.get(f"{traced()}/timeline.svg?download=1")
    assert svg.headers["Content-Disposition"].endswith('.svg"')
    assert colours()["light"]["err"] in svg.text
