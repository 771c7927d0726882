"""Language: in which one a page speaks.

English is complete and is the language of the texts in the code. Another one needs a catalogue in
`translations/` and a name in `LANGUAGES`; what a catalogue lacks is said in English. The visitor's
choice stands in a cookie, `?lang=` overrides it for one page, and without either the browser's
Accept-Language decides (RFC 9110 §12.5.4). Octets, names of fields and the RFCs' words are the
same in every language.
"""

from __future__ import annotations

from collections.abc import Callable
from gettext import NullTranslations
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from babel import negotiate_locale
from flask import Blueprint, Flask, g, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel, get_domain
from jinja2 import pass_context
from jinja2.runtime import Context

from web.written import bound, figures

YEAR_S: Final = 365 * 24 * 3_600
COOKIE: Final = "wiretale_language"
ENGLISH: Final = "en"
LANGUAGES: Final = {ENGLISH: "English", "de": "Deutsch"}
"""The languages that there are, each by the name that it has in itself."""
CATALOGUES: Final = Path(__file__).resolve().parent.parent / "translations"

languages = Blueprint("languages", __name__)


def speak(app: Flask) -> None:
    """Makes `_()` in templates and `flask_babel.gettext` in code follow the request's language."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    Babel(app, default_locale=ENGLISH, locale_selector=language)
    jinja: Any = app.jinja_env
    jinja.install_gettext_callables(_gettext, _ngettext, newstyle=True)
    known: dict[str, Any] = app.jinja_env.globals
    known |= {"language": language, "languages": LANGUAGES, "this_page": this_page}
    known["alternates"] = alternates
    jinja.filters["bound"] = bound
    known |= {name: _with_figures(known[name]) for name in ("gettext", "ngettext")}


def _with_figures(translate: Callable[..., str]) -> Callable[..., str]:
    """Jinja's own, whose values are written as the language writes figures."""

    @pass_context
    def said(context: Context, *sentences: object, **values: object) -> str:
        return translate(context, *sentences, **figures(values, language()))

    return said


def _gettext(sentence: str) -> str:
    return catalogue().gettext(sentence)


def _ngettext(singular: str, plural: str, number: int) -> str:
    return catalogue().ngettext(singular, plural, number)


def catalogue() -> NullTranslations:
    """What is said in the language of the request; where none is served, sentences as they are.

    Flask-Babel looks for it anew for each sentence, and a page has ten thousand of them: half of
    the time of a page went there. Here it is found once a request.
    """
    try:
        found: NullTranslations = g.catalogue
    except RuntimeError:
        return NullTranslations()
    except AttributeError:
        found = g.catalogue = get_domain().get_translations()
    return found


def language() -> str:
    """The language of this request, one of `LANGUAGES`; English where there is no request."""
    try:
        tag: str = g.language
    except AttributeError:
        tag = g.language = _wanted() if has_request_context() else ENGLISH
    except RuntimeError:
        return ENGLISH
    return tag


def _wanted() -> str:
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    accepted = (tag.replace("-", "_") for tag in request.accept_languages.values())
    return negotiate_locale(accepted, LANGUAGES) or ENGLISH


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
    # Browsers leave tabs and line ends out of an address, wherever they stand.
    back = request.form.get("back", "/").translate(dict.fromkeys(map(ord, "\t\r\n")))
    # A second slash, or a backslash that browsers read as one, would lead to another site.
    ours = back.startswith("/") and back[1:2] not in ("/", "\\")
    answer = redirect(back if ours else "/", 303)
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, httponly=True, samesite="Lax")
    return answer
