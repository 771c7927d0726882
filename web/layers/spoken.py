"""Spoken: sentences in the language of the request, as text and nothing else.

Flask-Babel finds the catalogue of the request anew for each sentence, and a page has ten thousand
of them: half of the time of a page went there. Here it is found once a request.
"""

from __future__ import annotations

from gettext import NullTranslations

from flask import g
from flask_babel import get_domain


def gettext(message: str, **values: object) -> str:
    """A sentence with its values in place."""
    said = _catalogue().gettext(message)
    return said % values if values else said


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """The sentence that fits a number; the number itself is shown by the values.

    As `num` it is one of the values.
    """
    return _catalogue().ngettext(singular, plural, number) % {"num": number, **values}


def _catalogue() -> NullTranslations:
    """The request's; where none is served, sentences stay as they are."""
    try:
        found: NullTranslations = g.catalogue
    except RuntimeError:
        return NullTranslations()
    except AttributeError:
        found = g.catalogue = get_domain().get_translations()
    return found
