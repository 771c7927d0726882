"""Asked: what a request wants to see of the boundary ruler, and its address.

`z` is the visible range of what came from the server, in octets ("0-4096"), `zs` that of what was
sent. `u` selects a unit by its number in the trace, `e` a call or a captured packet by its event.
`f` and `b` are the field and the place that were selected in that unit on the trace's page: nothing
is drawn of them here, and the way back has them as long as the unit is the same. A script adds
`w`, how many pixels there are. What is not understood is as if it were not there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

WIDTH = 1_100  # pixels of a strip where no script says how many there are
LEAST_WIDTH, MOST_WIDTH = 200, 4_000
LEAST_OCTETS = 16  # in view
RECEIVED, SENT = "received", "sent"
_KEYS = {RECEIVED: "z", SENT: "zs"}
_RANGE = re.compile(r"(\d{1,12})-(\d{1,12})", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_SPOT = re.compile(r"[\d.-]{1,40}", re.ASCII)

Window = tuple[int, int]
"""Octets from and to (exclusive)."""


@dataclass(frozen=True)
class Asked:
    """What to show."""

    received: Window | None = None  # None for all of it
    sent: Window | None = None
    unit: int = 0  # 0 for none
    event: int = 0
    width: int = WIDTH
    field: str = ""  # of the unit, as the trace's page has it
    place: str = ""

    def window(self, direction: str, octets: int) -> Window:
        """The visible range of a strip that has so many octets."""
        wanted = self.received if direction == RECEIVED else self.sent
        return within(wanted or (0, octets), octets)

    def zoomed(self, direction: str, window: Window | None) -> Asked:
        """The same with another range of one strip; None for all of it."""
        if direction == RECEIVED:
            return replace(self, received=window)
        return replace(self, sent=window)

    def selecting(self, unit: int, event: int) -> Asked:
        """The same with another selection."""
        same = bool(unit) and unit == self.unit
        return replace(
            self,
            unit=unit,
            event=0 if unit else event,
            field=self.field if same else "",
            place=self.place if same else "",
        )

    def showing(self, unit: int, spot: Mapping[str, str]) -> Asked:
        """The same with a unit and what is selected within it."""
        chosen = replace(self, unit=0).selecting(unit, self.event)
        return replace(chosen, field=spot.get("f", ""), place=spot.get("b", ""))

    @property
    def spot(self) -> dict[str, str]:
        """What is selected within the unit, as an address has it."""
        return {name: text for name, text in (("f", self.field), ("b", self.place)) if text}

    def query(self) -> str:
        """As a link has it, with its question mark; "" where it says nothing."""
        parts: dict[str, str] = {}
        for direction, window in ((RECEIVED, self.received), (SENT, self.sent)):
            if window is not None:
                parts[_KEYS[direction]] = f"{window[0]}-{window[1]}"
        if self.unit:
            parts |= {"u": str(self.unit), **self.spot}
        elif self.event:
            parts["e"] = str(self.event)
        return f"?{urlencode(parts)}" if parts else ""


def read_asked(query: Mapping[str, str]) -> Asked:
    """What the query of a request asks for."""
    width = _number(query.get("w", "")) or WIDTH
    return Asked(
        received=_window(query.get("z", "")),
        sent=_window(query.get("zs", "")),
        unit=_number(query.get("u", "")),
        event=_number(query.get("e", "")),
        width=min(max(width, LEAST_WIDTH), MOST_WIDTH),
        field=_spot(query.get("f", "")),
        place=_spot(query.get("b", "")),
    )


def within(window: Window, octets: int) -> Window:
    """The nearest range that is inside of the strip and not too short to be seen."""
    length = min(max(window[1] - window[0], LEAST_OCTETS), octets)
    start = min(max(window[0], 0), octets - length)
    return start, start + length


def _number(text: str) -> int:
    return int(text) if _NUMBER.fullmatch(text) else 0


def _spot(text: str) -> str:
    return text if _SPOT.fullmatch(text) else ""


def _window(text: str) -> Window | None:
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    start, end = int(found[1]), int(found[2])
    return (start, end) if start < end else None
