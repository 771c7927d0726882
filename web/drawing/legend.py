"""Legend: the names of the signs that a drawing has, and of no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from web.drawing.shapes import Drawing
from web.phrases import LAYERS
from web.spoken import gettext as _


@dataclass(frozen=True)
class Sign:
    """One sign: what it looks like, and what it means."""

    look: str  # the name of its sample
    text: str
    layer: str = ""  # whose hue it has


_SIGNS: Final = (
    "tick",
    "assumed",
    "bundle",
    "sum",
    "decision",
    "key",
    "dots",
    "fold",
    "cross",
    "stop",
    "lost",
    "torn",
)
"""Beside the layers, in the order in which they are told."""
_LOOKS: Final = {"pill-dots": "dots", "cross lost": "lost"}


def meaning(look: str) -> str:
    """What a sign means, in the language of the request."""
    meanings: dict[str, str] = {
        "tick": _("bytes, as a logarithm"),
        "assumed": _("estimated"),
        "bundle": _("several of one kind"),
        "sum": _("totals of bytes, as a logarithm"),
        "decision": _("decided here, nothing crossed"),
        "key": _("TLS secret known"),
        "dots": _("encrypted, not opened here"),
        "fold": _("time left out"),
        "cross": _("failed or reset"),
        "stop": _("stopped"),
        "lost": _("packet lost (derived)"),
        "torn": _("recording stopped"),
    }
    return meanings[look]


def legend(drawing: Drawing) -> tuple[Sign, ...]:
    """The signs of a drawing: layers first, in their order."""
    seen = frozenset(_seen(drawing))
    layers = (Sign("layer", _(name), key) for key, name in LAYERS.items() if f"L-{key}" in seen)
    told = {"lost": _("packet lost on purpose")} if "on-purpose" in seen else {}
    signs = (Sign(look, told.get(look) or meaning(look)) for look in _SIGNS if look in seen)
    return (*layers, *signs)


def every_sign() -> tuple[Sign, ...]:
    """All that there are, for the style guide."""
    layers = (Sign("layer", _(name), key) for key, name in LAYERS.items())
    return (*layers, *(Sign(look, meaning(look)) for look in _SIGNS))


def _seen(drawing: Drawing) -> Iterator[str]:
    """Names of what is drawn."""
    if drawing.folds:
        yield "fold"
    if any("assumed" in lane.css for lane in drawing.lanes):
        yield "assumed"
    for each in drawing.sums:
        yield from ("sum", *each.css.split())
    for mark in drawing.marks:
        css = mark.css.split()
        yield from css
        if "lost" in css and "derived" not in css:
            yield "on-purpose"
        names = [line.css for line in mark.lines] + [glyph.css for glyph in mark.glyphs]
        names += [box.css for box in (*mark.boxes, *mark.name.boxes)]
        for name in names:
            yield "assumed" if "assumed" in name else _LOOKS.get(name, name)
