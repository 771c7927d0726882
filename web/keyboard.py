"""Keyboard: every key of the page in one table, which the sheet of keys is rendered from.

What a key does is the scripts' business; here stands which key it is, what it does in words, and
where it works. A key of one character works only outside of text fields, and all of them can be
switched off in the sheet (WCAG 2.1.4).
"""

from __future__ import annotations

from dataclasses import dataclass

from web.spoken import gettext as _


@dataclass(frozen=True)
class KeyLine:
    """One line of the sheet."""

    keys: tuple[str, ...]  # as they are written on it: "Shift", "←", "w"
    does: str
    through: bool = False  # whether the two keys are the ends of a row: "1 to 7"


@dataclass(frozen=True)
class KeyGroup:
    """The keys of one part of the page."""

    id: str
    title: str
    lines: tuple[KeyLine, ...]


def key_groups() -> tuple[KeyGroup, ...]:
    """The sheet, in the language of the request."""
    return (
        KeyGroup("anywhere", _("Anywhere"), _anywhere()),
        KeyGroup("timeline", _("Timeline"), _timeline()),
        KeyGroup("layers", _("Layers over bytes"), _layers()),
        KeyGroup("fields", _("Fields"), _fields()),
        KeyGroup("bytes", _("Bytes"), _bytes()),
        KeyGroup("bits", _("Bits"), _bits()),
    )


def _anywhere() -> tuple[KeyLine, ...]:
    return (
        KeyLine(("/",), _("go to the address")),
        KeyLine(("n", "p"), _("next step, previous step")),
        KeyLine(("Space",), _("on the timeline or the player: play, pause, answer")),
        KeyLine(("1", "7"), _("go to a stage"), through=True),
        KeyLine(("b",), _("go to the bytes")),
        KeyLine(("l",), _("where the selected bytes came from, what they became")),
        KeyLine(("o",), _("as an onlooker sees it, without the keys")),
        KeyLine(("Esc",), _("leave the field, then the event, then the zoom")),
        KeyLine(("?",), _("this list")),
    )


def _timeline() -> tuple[KeyLine, ...]:
    return (
        KeyLine(("←", "→"), _("event before, event after; with Shift in the same direction")),
        KeyLine(("↑", "↓"), _("nearest event of another lane")),
        KeyLine((",", "."), _("event before, event after of the same stream, or peer and layer")),
        KeyLine(("Home", "End"), _("first event, last event")),
        KeyLine(("Enter",), _("open it; on a bundle, zoom to it; a double click does so too")),
        KeyLine(("w", "s"), _("zoom in, zoom out; Ctrl and the wheel too")),
        KeyLine(("a", "d"), _("pan left, pan right; Shift and the wheel too")),
        KeyLine(("+", "-", "0"), _("zoom in, out, fit all; drag on the axis to select a span")),
        KeyLine(("f",), _("put the open event in the middle; again, fit it")),
        KeyLine(("g",), _("fold gaps, or unfold them")),
        KeyLine(("m",), _("what width shows: time, steps, bytes")),
    )


def _layers() -> tuple[KeyLine, ...]:
    return (
        KeyLine(("←", "→"), _("unit before, unit after in the same row")),
        KeyLine(("↑", "↓"), _("nearest unit of the row above, of the row below")),
        KeyLine(("Enter",), _("select it; on a run: zoom in to it")),
        KeyLine(("+", "-", "0"), _("zoom in, zoom out, show all; Ctrl and the wheel too")),
        KeyLine(("a", "d", "f"), _("pan left, pan right, zoom to what is selected")),
        KeyLine(("m",), _("back to the trace, where width shows time")),
    )


def _fields() -> tuple[KeyLine, ...]:
    return (
        KeyLine(("↑", "↓"), _("field before, field after")),
        KeyLine(("←", "→"), _("close or go up, open or go in")),
        KeyLine(("*",), _("open all at this level")),
        KeyLine(("Enter",), _("go to the field’s bytes")),
    )


def _bytes() -> tuple[KeyLine, ...]:
    return (
        KeyLine(("←", "↑", "↓", "→"), _("move by a byte, by a row; with Shift choose a range")),
        KeyLine(("PageUp", "PageDown"), _("move by a page")),
        KeyLine(("Home", "End"), _("to the ends of the row, with Ctrl of all bytes")),
        KeyLine(("[", "]"), _("field before, field after")),
        KeyLine(("Ctrl", "C"), _("copy what is selected as hexadecimal")),
        KeyLine(("y",), _("copy what is selected as Python bytes")),
        KeyLine(("r",), _("have the explanation read out")),
    )


def _bits() -> tuple[KeyLine, ...]:
    return (
        KeyLine(("←", "→"), _("bit before, bit after")),
        KeyLine(("↑", "↓"), _("the same bit of the byte before, of the byte after")),
    )
