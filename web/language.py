"""Language: in which one a page speaks.

English is complete and is the language of the texts in the code. Another one needs a catalogue in
`translations/` and a name in `LANGUAGES`; what a catalogue lacks is said in English. The visitor's
choice stands in a cookie, `?lang=` overrides it for one page, and without either the browser's
Accept-Language decides (RFC 9110 §12.5.4). Octets, names of fields and the RFCs' words are the
same in every language.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from babel import negotiate_locale
from flask import Flask, has_request_context, request
from flask_babel import Babel, gettext

COOKIE: Final = "wiretale_language"
ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "de": "Deutsch"}
"""The languages that there are, each by the name that it has in itself."""


def speak(app: Flask) -> None:
    """Makes `_()` in templates and `flask_babel.gettext` in code follow the request's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(Path(app.root_path) / "translations")
    Babel(app, default_locale=ENGLISH, locale_selector=language)
    app.jinja_env.globals |= {"language": language, "languages": LANGUAGES}


def language() -> str:
    """The language of this request, one of `LANGUAGES`; English where there is no request."""
    if not has_request_context():
        return ENGLISH
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    accepted = (tag.replace("-", "_") for tag in request.accept_languages.values())
    return negotiate_locale(accepted, LANGUAGES) or ENGLISH


def say(sentence: str, **values: object) -> str:
    """A sentence in the language of this request; the values stand in it as `%(name)s`."""
    return str(gettext(sentence, **values))
