"""Written: figures as another language writes them, in the facts that a text is filled with.

Facts come as English has them: "1,024 bytes", "11.2 ms", "3 March 2026". Only what is a
figure or one of the parties as a whole is written anew; versions, addresses and all that came from
outside stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_GERMAN: Final[Mapping[str, str]] = {
    "byte": "Byte",
    "bytes": "Bytes",
    "second": "Sekunde",
    "seconds": "Sekunden",
    "minute": "Minute",
    "minutes": "Minuten",
    "hour": "Stunde",
    "hours": "Stunden",
    "day": "Tag",
    "days": "Tage",
    "about": "etwa",
    "client": "Client",
    "resolver": "Resolver",
    "server": "Server",
    "January": "Januar",
    "February": "Februar",
    "March": "März",
    "May": "Mai",
    "June": "Juni",
    "July": "Juli",
    "October": "Oktober",
    "December": "Dezember",
}
_UNIT: Final = r"(?:bytes?|seconds?|minutes?|hours?|days?|ms|µs|ns|s|B|kB|MB|GB)"
_NUMBER: Final = r"\d{1,3}(?:,\d{3})*(?:\.\d+)?"
_TORN: Final = re.compile(rf"(?<=\d) (?={_UNIT}\b)")
_COUNT: Final = re.compile(r"\d{1,3}(?:,\d{3})+")
_MEASURE: Final = re.compile(rf"{_NUMBER} {_UNIT}(?: \((?:about )?{_NUMBER} {_UNIT}\))?")
_DATE: Final = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4}(?:, \d\d:\d\d(?::\d\d)? UTC)?)")
_PARTY: Final = re.compile(r"client|resolver|server")
_WORD: Final = re.compile(r"[A-Za-z]+")
_SWAPPED: Final = str.maketrans(",.", ".,")


def written(shown: str, language: str) -> str:
    """A fact as a language writes it. In: the fact in English; the language of the text."""
    if language != "de":
        return shown
    if _PARTY.fullmatch(shown):
        return _GERMAN[shown]
    if _COUNT.fullmatch(shown) or _MEASURE.fullmatch(shown):
        return _WORD.sub(_translated, shown.translate(_SWAPPED))
    date = _DATE.fullmatch(shown)
    if date is not None:
        return f"{date[1]}. {_GERMAN.get(date[2], date[2])} {date[3]}"
    return shown


def decimal(shown: str, language: str) -> str:
    """The digits of a number as a language writes them. In: as English has them, "1,024.5"."""
    return shown.translate(_SWAPPED) if language == "de" else shown


def figures(values: Mapping[str, object], language: str) -> dict[str, object]:
    """The values of a sentence, those that are figures as the language writes them."""
    if language == "en":
        return dict(values)
    return {
        name: written(value, language) if isinstance(value, str) else value
        for name, value in values.items()
    }


def bound(shown: str) -> str:
    """A text whose figures are not torn from their units at the end of a line."""
    return _TORN.sub("\N{NO-BREAK SPACE}", shown)


def _translated(word: re.Match[str]) -> str:
    return _GERMAN.get(word[0], word[0])
