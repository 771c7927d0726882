"""Look: what the width of a timeline shows, and which part of it is in view.

A look stands in the query of a page: `m` is "time" or "steps", `z` the visible span in
milliseconds ("12.5-40"), `fold=0` leaves gaps at their length. A script adds `w`, how many pixels
there are, and for a gesture `x`: where the ends of the next span lie in the drawing as it is
("-120,840"), `p`, by how many pixels to pan, with `k`, the scale that panning began at, or `n`, an
event to have in view; `e` is the event that is open. The device remembers mode, width and folds in
a cookie, so that the first paint is right; whatever a request says, it is checked and bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from web.drawing.folding import LEAST_SPAN_NS, Interval

STEPS, TIME = "steps", "time"
COOKIE = "wiretale_view"
WIDTH = 1_284  # of a drawing on a screen of 1,440 pixels
LEAST_WIDTH, MOST_WIDTH = 320, 4_000
MOST_NS = 10**15  # no trace is longer
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)-(\d{1,9}(?:\.\d{1,6})?)", re.ASCII)
_PIXELS = re.compile(r"(-?\d{1,5}(?:\.\d{1,3})?),(-?\d{1,5}(?:\.\d{1,3})?)", re.ASCII)
_PAN = re.compile(r"-?\d{1,5}(?:\.\d{1,3})?", re.ASCII)
_SCALE = re.compile(r"\d\.\d{1,9}e[+-]\d{1,2}", re.ASCII)
_COOKIE = re.compile(r"(steps|time)\.(\d{3,4})\.([01])", re.ASCII)


@dataclass(frozen=True)
class Look:
    """How to draw a timeline."""

    mode: str = STEPS
    chosen: bool = False  # whether the mode was asked for, now or before
    width: int = WIDTH
    folding: bool = True
    window: Interval | None = None  # nanoseconds; None for all of it
    pixels: tuple[float, float] | None = None
    pan: float = 0.0  # pixels, negative to the left
    scale: float = 0.0  # pixels a nanosecond that panning began at, 0 for those of now
    event: int = 0
    open: int = 0  # the event that the panes show, which is drawn whatever else is not


STEPS_LOOK = Look()


def read_look(query: Mapping[str, str], cookie: str) -> Look:
    """The look that a request asks for. What is not understood is as if it were not there."""
    remembered = _COOKIE.fullmatch(cookie)
    mode, width, folding = remembered.groups() if remembered else ("", str(WIDTH), "1")
    asked = query.get("m", "")
    if asked in (STEPS, TIME):
        mode = asked
    wide = query.get("w", "")
    fold = query.get("fold", "")
    return Look(
        mode=mode or STEPS,
        chosen=bool(mode),
        width=_bounded(wide if re.fullmatch(r"\d{1,5}", wide, re.ASCII) else width),
        folding=(fold if fold in ("0", "1") else folding) == "1",
        window=_span(query.get("z", "")),
        pixels=_pixel_span(query.get("x", "")),
        pan=_pan(query.get("p", "")),
        scale=_scale(query.get("k", "")),
        event=_number(query.get("n", "")),
        open=_number(query.get("e", "")),
    )


def remembered(look: Look) -> str:
    """The value of the cookie."""
    return f"{look.mode}.{look.width}.{int(look.folding)}"


def look_query(mode: str, window: Interval | None = None, folding: bool = True) -> str:
    """The query of a look, for a link."""
    parts = {"m": mode}
    if window is not None:
        parts["z"] = span_text(window)
    if mode == TIME:
        parts["fold"] = str(int(folding))
    return urlencode(parts)


def span_text(window: Interval) -> str:
    """A span as `z` has it."""
    return "-".join(f"{ns // 10**6}.{ns % 10**6:06d}".rstrip("0").rstrip(".") for ns in window)


def within(window: Interval, total_ns: int) -> Interval:
    """The nearest span that is inside of the trace and not shorter than a microsecond."""
    total = max(total_ns, LEAST_SPAN_NS)
    length = min(max(window[1] - window[0], LEAST_SPAN_NS), total)
    start = min(max(window[0], 0), total - length)
    return start, start + length


def _bounded(width: str) -> int:
    return min(max(int(width), LEAST_WIDTH), MOST_WIDTH)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else 0


def _span(text: str) -> Interval | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    start, end = (min(round(float(part) * 1e6), MOST_NS) for part in found.groups())
    return (start, end) if start <= end else None


def _pan(text: str) -> float:
    return float(text) if _PAN.fullmatch(text) else 0.0


def _scale(text: str) -> float:
    return float(text) if _SCALE.fullmatch(text) else 0.0


def _pixel_span(text: str) -> tuple[float, float] | None:
    found = _PIXELS.fullmatch(text)
    if found is None:
        return None
    start, end = (float(part) for part in found.groups())
    return (start, end) if start < end else None
