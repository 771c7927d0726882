"""SVG: the timeline as a drawing that stands alone, with its legend, for slides and papers.

Its colours stand in the shapes themselves, and no stylesheet is in it: what shows drawings outside
of browsers often reads none. The colours are those of `static/css/tokens.css`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from flask import render_template as render

from web.drawing.shapes import DrawnMark
from web.facts import clean
from web.feed import Standing, state_of
from web.look import Look
from web.phrases import LAYERS
from web.picture import Picture, picture
from web.spoken import gettext as _
from web.stagebar import StageBar
from web.tale import Tale
from web.views import heading

TOKENS: Final = Path(__file__).resolve().parent.parent.parent / "static" / "css" / "tokens.css"
THEMES: Final = ("light", "dark")
TOP: Final = 76  # pixels above the drawing: the title and the stages
MARGIN: Final = 20
LINE: Final = 18  # pixels of a line of the legend
CHARACTER: Final = 6.1  # the width of a character of the legend
UI: Final = "Geist, system-ui, Arial, sans-serif"
MONO: Final = "'Geist Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

_TOKEN: Final = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);", re.I)
_LAYER: Final = re.compile(r"\bL-([a-z]+)\b")

# What a class means: the colour of "hue" is the layer's.
_SHAPES: Final[Mapping[str, Mapping[str, str]]] = {
    "lane-line": {"stroke": "ink", "stroke-width": "1.5"},
    "grid": {"stroke": "line"},
    "arrow": {"stroke": "hue", "stroke-width": "2", "fill": "none"},
    "leader": {"stroke": "line-2"},
    "tick": {"fill": "hue"},
    "pill-box": {"fill": "bg", "stroke": "line-2"},
    "pill-dots": {"fill": "none"},
    "ribbon": {"fill": "hue", "fill-opacity": "0.2"},
    "fold-band": {"fill": "sunken"},
    "fold-edge": {"fill": "none", "stroke": "line-2"},
    "diamond": {"fill": "bg", "stroke": "hue", "stroke-width": "2", "stroke-linejoin": "round"},
    "key": {"fill": "bg", "stroke": "hue", "stroke-width": "2", "stroke-linejoin": "round"},
    "cross": {"fill": "none", "stroke": "err", "stroke-width": "2.5"},
    "torn": {"fill": "none", "stroke": "warn", "stroke-width": "2"},
}
_TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "lane-name": {"font-family": UI, "font-size": "13", "font-weight": "600", "fill": "ink"},
    "lane-note": {"font-family": MONO, "font-size": "11", "fill": "ink-2"},
    "tick-time": {"font-family": MONO, "font-size": "11", "fill": "ink-3"},
    "fold-time": {"font-family": MONO, "font-size": "11", "fill": "ink-2"},
    "when": {"font-family": MONO, "font-size": "11", "fill": "ink-3"},
}
_OTHER_TEXT: Final = {"font-family": MONO, "font-size": "12", "fill": "ink"}
_DASHED: Final = {"stroke-dasharray": "5 4"}


class Paint:
    """Attributes for shapes and texts in the colours of a theme."""

    def __init__(self, theme: str) -> None:
        self._colours = colours()[theme]

    def colour(self, name: str, css: str = "") -> str:
        """The colour of a token; of "hue", that of the layer that `css` names."""
        if name == "hue":
            found = _LAYER.search(css)
            name = found[1] if found else "ink-2"
            name = "tcp" if name == "raw" else name
        return self._colours.get(name, name)

    def shape(self, css: str, around: str = "") -> dict[str, str] | None:
        """Of a shape by its classes and those around it; None for what is not to be seen."""
        own = css.split()
        named = next((name for name in own if name in _SHAPES), "")
        if not named or named == "pill-dots":
            return None
        painted = self._painted(_SHAPES[named], around)
        if named == "lane-line" and "assumed" in around.split():
            painted |= {"stroke": self.colour("line-2"), **_DASHED}
        if named == "arrow" and ("assumed" in around.split() or {"far", "assumed"} <= set(own)):
            painted |= _DASHED
        return painted

    def text(self, css: str, around: str = "") -> dict[str, str]:
        """Of a text."""
        named = next((name for name in css.split() if name in _TEXTS), "")
        painted = self._painted(_TEXTS.get(named, _OTHER_TEXT), around)
        if not named and "failure" in around.split():
            painted |= {"fill": self.colour("err"), "font-weight": "600"}
        return painted

    def _painted(self, wanted: Mapping[str, str], around: str) -> dict[str, str]:
        return {
            name: self.colour(value, around) if name in ("fill", "stroke") else value
            for name, value in wanted.items()
        }


@dataclass(frozen=True)
class Key:
    """A colour of the legend with what it stands for."""

    layer: str
    title: str
    x: float


def timeline_svg(tale: Tale, look: Look, theme: str) -> str:
    """The drawing of a finished trace with title, stages and legend.

    Args:
        tale: the trace.
        look: how to draw it.
        theme: of THEMES.
    """
    shown = picture(tale, Standing(state_of(tale.trace.outcome)), "", look)
    width = shown.drawing.names + shown.drawing.width + 2 * MARGIN
    said = _wrapped(_legend(shown), int((width - 2 * MARGIN) / CHARACTER))
    below = TOP + shown.drawing.height + 14
    return render(
        "sharing/timeline.svg",
        paint=Paint(theme),
        drawing=shown.drawing,
        bar=_bar(shown.stages, shown.drawing.width),
        title=heading(tale),
        width=width,
        height=below + LINE * (len(said) + 1) + MARGIN,
        top=TOP,
        margin=MARGIN,
        keys=_keys(shown.drawing.marks),
        keys_y=below + 10,
        said=[(below + 10 + LINE * at, line) for at, line in enumerate(said, start=1)],
        ui=UI,
        mono=MONO,
    )


@cache
def colours() -> dict[str, dict[str, str]]:
    """The colours of both themes by the names of their tokens."""
    found = _TOKEN.findall(TOKENS.read_text())
    return {theme: {name: pair[at] for name, *pair in found} for at, theme in enumerate(THEMES)}


@dataclass(frozen=True)
class Stage:
    """A stage of the bar, in pixels."""

    css: str
    x: float
    width: float
    label: str
    time: str


def _bar(bar: StageBar, width: int) -> list[Stage]:
    """Stages at their places; those of the bar over steps are shares of the whole width."""
    return [
        Stage(each.css, _pixels(each.x, width), _pixels(each.width, width), each.label, each.time)
        for each in bar.views
        if "away" not in each.css.split()
    ]


def _pixels(value: str, width: int) -> float:
    """ "12.5%" of a width, or a number of pixels."""
    text = str(value)
    share = float(text.removesuffix("%"))
    return round(share / 100 * width if text.endswith("%") else share, 1)


def _legend(shown: Picture) -> str:
    solid: str = _("Solid was seen, dashed is estimated.")
    stretched: str = _("Slopes are not to scale.") if shown.stretched else ""
    lost: str = ""
    crossed = [mark.css for mark in shown.drawing.marks if " lost" in mark.css]
    if crossed:
        lost = _("A cross on the way: packet lost (derived).")
    if any("derived" not in css for css in crossed):
        lost = _("A cross on the way: packet lost, on purpose where the server noted it.")
    return clean(" ".join(part for part in (solid, lost, stretched, shown.legend) if part), 1_000)


def _keys(marks: tuple[DrawnMark, ...]) -> list[Key]:
    used = [found[1] for mark in marks if (found := _LAYER.search(mark.css))]
    keys, x = [], 0.0
    for layer in dict.fromkeys(used):
        title = LAYERS.get(layer, layer)
        keys.append(Key(layer, title, x))
        x += 34 + 7.5 * len(title)
    return keys


def _wrapped(text: str, characters: int) -> list[str]:
    """The text in lines of at most so many characters, cut between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= characters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
