"""The colours keep their contrast, and layers stay apart for eyes that see fewer hues."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
LAYERS = ("dns", "tcp", "tls", "http", "quic", "ws")
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);")

# Full protanopia, deuteranopia and tritanopia in linear RGB: Machado, Oliveira and Fernandes,
# "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.
VISIONS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

Triple = tuple[float, float, float]


def read_tokens(theme: str) -> dict[str, str]:
    position = 1 if theme == "light" else 2
    text = TOKENS.read_text()
    return {found.group(1): found.group(1 + position) for found in PAIR.finditer(text)}


def linear(colour: str) -> Triple:
    def channel(text: str) -> float:
        value = int(text, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return channel(colour[1:3]), channel(colour[3:5]), channel(colour[5:7])


def ratio(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        red, green, blue = linear(colour)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def product(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    first, second, third = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return first, second, third


def oklab(rgb: Triple) -> Triple:
    to_lms = (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
    to_lab = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    long, medium, short = (max(value, 0.0) ** (1 / 3) for value in product(to_lms, rgb))
    return product(to_lab, (long, medium, short))


def distance(one: str, other: str, vision: str) -> float:
    seen = (
        oklab(tuple(min(1.0, max(0.0, v)) for v in product(VISIONS[vision], linear(colour))))  # type: ignore[arg-type]
        for colour in (one, other)
    )
    return sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5


@pytest.fixture(params=["light", "dark"])
def tokens(request: pytest.FixtureRequest) -> dict[str, str]:
    return read_tokens(request.param)


def test_every_colour_has_a_light_and_a_dark_form(tokens: dict[str, str]) -> None:
    wanted = {"bg", "surface", "sunken", "ink", "accent", "focus", *LAYERS, "wait"}
    assert wanted <= tokens.keys()
    assert {f"{layer}-{tint}" for layer in LAYERS for tint in "ab"} <= tokens.keys()


def test_text_can_be_read_on_every_ground(tokens: dict[str, str]) -> None:
    texts = ("ink", "ink-2", "ink-3", "accent", "ok", "warn", "err", "wait", *LAYERS)
    for text, ground in itertools.product(texts, ("bg", "surface", "sunken")):
        assert ratio(tokens[text], tokens[ground]) >= 4.5, f"{text} on {ground}"


def test_text_can_be_read_on_its_fill(tokens: dict[str, str]) -> None:
    for layer in LAYERS:
        assert ratio(tokens["on-solid"], tokens[layer]) >= 4.5, layer
        assert ratio(tokens["ink"], tokens[f"{layer}-b"]) >= 7, layer
        assert ratio(tokens["ink"], tokens[f"{layer}-a"]) >= 7, layer
    assert ratio(tokens["on-sel"], tokens["sel"]) >= 7
    assert ratio(tokens["ink"], tokens["mark"]) >= 7
    assert ratio(tokens["ink-2"], tokens["mark"]) >= 4.5
    assert ratio(tokens["on-accent"], tokens["accent"]) >= 4.5


def test_borders_and_focus_rings_can_be_seen(tokens: dict[str, str]) -> None:
    for ground in ("bg", "surface", "sunken"):
        assert ratio(tokens["line-2"], tokens[ground]) >= 3, ground
        assert ratio(tokens["focus"], tokens[ground]) >= 6.7, ground


@pytest.mark.parametrize("vision", VISIONS)
def test_two_layers_never_look_alike(tokens: dict[str, str], vision: str) -> None:
    for one, other in itertools.combinations(LAYERS, 2):
        assert distance(tokens[one], tokens[other], vision) >= 0.09, f"{one} and {other}"


def test_known_figures_come_out() -> None:
    assert ratio("#16191D", "#FBFAF7") == pytest.approx(16.89, abs=0.01)
    assert distance("#1FE11F", "#E58226", "normal") > distance("#1FE11F", "#E58226", "protanopia")
