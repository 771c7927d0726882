"""The style guide shows every component, and its figures are right."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.static.test_tokens import TOKENS, ratio, read_tokens
from web.drawing.legend import Sign
from web.style_guide import contrast, tokens


def test_every_component_is_rendered(client: FlaskClient) -> None:
    page = client.get("/style").text
    for part in ("button primary", "pill err", "stage-bar", "signs", "event-table", "swatch"):
        assert part in page, part
    assert client.get("/about").text.count('href="/style"') == 1
    assert Sign("tick", "").layer == ""


def test_each_colour_is_shown_with_its_contrast() -> None:
    found = {each.name: each for each in tokens(TOKENS.read_text())}
    light, dark = read_tokens("light"), read_tokens("dark")
    assert found.keys() == light.keys()
    for name, each in found.items():
        assert (each.light, each.dark) == (light[name], dark[name])
        assert float(each.light_ratio) == pytest.approx(ratio(light[name], light["bg"]), abs=0.01)


def test_the_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#16191D", "#FBFAF7") == pytest.approx(16.89, abs=0.01)


def test_no_example_has_a_style_attribute(client: FlaskClient) -> None:
    assert " style=" not in client.get("/style").text
