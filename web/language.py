"""Language: in which one a page speaks.

English is complete and is the language of the texts in the code. Another one needs a catalogue in
`translations/` and a name in `LANGUAGES`; what a catalogue lacks is said in English. The visitor's
choice stands in a cookie, `?lang=` overrides it for one page, and without either the browser's
Accept-Language decides (RFC 9110 §12.5.4). Octets, names of fields and the RFCs' words are the
same in every language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from babel import negotiate_locale
from flask import Blueprint, Flask, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from jinja2 import pass_context
from jinja2.runtime import Context

from web.written import figures

YEAR_S: Final = 365 * 24 * 3_600
COOKIE: Final = "wiretale_language"
ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "de": "Deutsch"}
"""The languages that there are, each by the name that it has in itself."""
CATALOGUES: Final = Path(__file__).resolve().parent.parent / "translations"

_OUTSIDE: ContextVar[str] = ContextVar("language where no request is served", default=ENGLISH)

languages = Blueprint("languages", __name__)


def speak(app: Flask) -> None:
    """Makes `_()` in templates and `flask_babel.gettext` in code follow the request's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app, default_locale=ENGLISH, locale_selector=language)
    known: dict[str, Any] = app.jinja_env.globals
    known |= {"language": language, "languages": LANGUAGES, "this_page": this_page}
    known["alternates"] = alternates
    known |= {name: _with_figures(known[name]) for name in ("gettext", "ngettext")}


def _with_figures(translate: Callable[..., str]) -> Callable[..., str]:
    """Jinja's own, whose values are written as the language writes figures."""

    @pass_context
    def said(context: Context, *sentences: object, **values: object) -> str:
        return translate(context, *sentences, **figures(values, language()))

    return said


def language() -> str:
    """The language of this request, one of `LANGUAGES`; without one that of `speaking`."""
    if not has_request_context():
        return _OUTSIDE.get()
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    accepted = (tag.replace("-", "_") for tag in request.accept_languages.values())
    return negotiate_locale(accepted, LANGUAGES) or ENGLISH


@contextmanager
def speaking(tag: str) -> Iterator[None]:
    """What is said after a request is over stays in its language; without this, in English."""
    token = _OUTSIDE.set(tag)
    try:
        yield
    finally:
        _OUTSIDE.reset(token)


def this_page() -> str:
    """The address of the page that is shown, to come back to; "/" for the answer to a form."""
    if request.method != "GET":
        return "/"
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def alternates() -> list[tuple[str, str]]:
    """The page in each language, and "x-default", which the browser's wishes decide: addresses.

    Empty for the answer to a form, which has no address.
    """
    if request.method != "GET":
        return []
    page = this_page()
    mark = "&" if "?" in page else "?"
    return [*((tag, f"{page}{mark}lang={tag}") for tag in LANGUAGES), ("x-default", page)]


@languages.post("/language")
def choose() -> ResponseReturnValue:
    """Keeps the chosen language in a cookie for a year, and goes back to the page it was for."""
    back = request.form.get("back", "/")
    # A second slash, or a backslash that browsers read as one, would lead to another site.
    ours = back.startswith("/") and back[1:2] not in ("/", "\\")
    answer = redirect(back if ours else "/", 303)
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="Lax")
    return answer
