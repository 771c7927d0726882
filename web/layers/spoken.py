"""Spoken: sentences in the language of the request, as text and nothing else."""

from __future__ import annotations

import flask_babel


def gettext(message: str, **values: object) -> str:
    """A sentence with its values in place."""
    return str(flask_babel.gettext(message, **values))


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """The sentence that fits a number; the number itself is shown by the values."""
    return str(flask_babel.ngettext(singular, plural, number, **values))
