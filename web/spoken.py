"""Spoken: sentences in the language of the request, as text and nothing else.

A value that is a figure as a whole, such as "1,024 bytes" or "11.2 ms", is written as that language
writes it; see `web.written`.
"""

from __future__ import annotations

from web.language import catalogue, language
from web.written import decimal, figures, written


def N_(sentence: str) -> str:
    """A sentence of a table that is made before any request; who shows it calls `gettext`."""
    return sentence


def gettext(message: str, **values: object) -> str:
    """A sentence with its values in place."""
    said = catalogue().gettext(message)
    return said % figures(values, language()) if values else said


def ngettext(singular: str, plural: str, number: int, **values: object) -> str:
    """The sentence that fits a number; the number itself is shown by the values.

    As `num` it is one of the values.
    """
    said = catalogue().ngettext(singular, plural, number)
    return said % {"num": number, **figures(values, language())}


def number(shown: str) -> str:
    """Digits with an English point and commas, as the language of the request writes them."""
    return decimal(shown, language())


def figure(shown: str) -> str:
    """A figure that stands alone, as the language of the request writes it."""
    return written(shown, language())
