"""Style guide: the components of the pages with their examples, the colours with their contrast.

What stands here is what tests look at: an example that breaks is seen at once, and by machines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app
from flask import render_template as render

from web.assets import Assets
from web.drawing.legend import every_sign
from web.phrases import LAYERS
from web.spoken import gettext as _
from web.stagebar import StageBar, StageView
from web.views import Fact, RowView, SummaryView

style_guide = Blueprint("style_guide", __name__)

_PAIR: Final = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);")
STATES: Final = ("ok", "warn", "err", "running")


@dataclass(frozen=True)
class Token:
    """A colour in both themes, each with its contrast to the page."""

    name: str
    light: str
    dark: str
    light_ratio: str
    dark_ratio: str


@style_guide.get("/style")
def style() -> str:
    """Every component in its states."""
    found: Assets = current_app.extensions["assets"]
    return render(
        "pages/style.html",
        tokens=tokens((found.folder / "css" / "tokens.css").read_text()),
        summaries=[_summary(state) for state in STATES],
        bar=StageBar(tuple(_stage(at, name) for at, name in enumerate(("done", "wait", "failed")))),
        rows=[_row(number, layer) for number, layer in enumerate(LAYERS, start=1)],
        signs=every_sign(),
        layers={key: _(name) for key, name in LAYERS.items()},
    )


def tokens(sheet: str) -> list[Token]:
    """The colours that a stylesheet declares.

    Args:
        sheet: its text, with a token `bg` in it.
    """
    pairs = {found[1]: (found[2], found[3]) for found in _PAIR.finditer(sheet)}
    light, dark = pairs["bg"]
    return [
        Token(name, one, other, f"{contrast(one, light):.2f}", f"{contrast(other, dark):.2f}")
        for name, (one, other) in pairs.items()
    ]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 has it, from 1 to 21. In: "#RRGGBB"."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _summary(state: str) -> SummaryView:
    outcomes = {
        "ok": _("200 OK"),
        "warn": _("404 Not Found"),
        "err": _("The connection was refused"),
        "running": _("running"),
    }
    facts = (Fact("84.2 ms", _("in total")), Fact("18,204 B", before=_("received")))
    return SummaryView(state, outcomes[state], facts, "")


def _stage(at: int, state: str) -> StageView:
    titles = {"done": _("TLS handshake"), "wait": _("Waiting"), "failed": _("Response")}
    layer = {"done": "tls", "wait": "wait", "failed": "http"}[state]
    return StageView(
        name=state,
        hop=1,
        css=f"stage L-{layer} {state}",
        x=f"{at * 33}%",
        width="33%",
        label=titles[state],
        time="29.4 ms",
        label_x=10,
        time_x=120,
        spoken=titles[state],
        number=0,
        href="",
    )


def _row(number: int, layer: str) -> RowView:
    return RowView(
        number=number,
        href="#tables",
        time=f"{number}.00 ms",
        since="+1.00 ms",
        way=_("sent") if number % 2 else _("received"),
        layer=layer,
        layer_name=_(LAYERS[layer]),
        title=_("An example"),
        size=f"{number * 40} B",
        error="ECONNRESET" if layer == "raw" else "",
        css=f"L-{layer}" + (" failure" if layer == "raw" else ""),
    )
