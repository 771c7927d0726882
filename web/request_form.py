"""The part of the form that says what is asked: the method, header fields and content.

`netcore` writes what it is given. Here stands what a page that anybody may use lets through: no
field that says where a message ends or whom it is for, and nothing that changes something at a
server of others, but where this process serves its own user alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from netcore.errors import FetchError
from netcore.request import check_field, parse_field
from netcore.websocket_opening import is_websocket
from web.lab_targets import is_of_lab
from web.spoken import gettext as _

METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")
SAFE: Final = METHODS[:3]
FIELDS: Final = 32
FIELD_OCTETS: Final = 4_096  # of all lines together
BODY_OCTETS: Final = 8_192
_OURS: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "connection", "keep-alive"),
        *("proxy-connection", "upgrade", "te", "trailer", "http2-settings", "user-agent"),
    }
)
"""Fields that cannot be set: each says where a message or a connection ends, whom it is for or
who asks. By the last one this service knows its own fetches, and does not trace itself."""


@dataclass(frozen=True)
class RequestForm:
    """What was typed. Line breaks are LF, as they are sent in content."""

    method: str = "GET"
    headers: str = ""  # "Name: value", one a line
    content_type: str = ""
    body: str = ""
    wrong: str = ""  # which of them cannot be sent
    error: str = ""  # and why

    @property
    def changed(self) -> bool:
        """Whether anything is not as it is by default."""
        return self != UNTOUCHED_REQUEST

    @property
    def most(self) -> tuple[int, int]:
        """How many bytes of fields and of content are sent."""
        return FIELD_OCTETS, BODY_OCTETS


UNTOUCHED_REQUEST: Final = RequestForm()


def read_request_form(untrusted: Mapping[str, str]) -> RequestForm:
    """What a form holds; `error` says what of it cannot be sent."""
    method = untrusted.get("method", "GET")
    form = RequestForm(
        method=method if method in METHODS else "GET",
        headers=_lines(untrusted.get("headers", "")).strip("\n"),
        content_type=untrusted.get("content_type", "").strip(),
        body=_lines(untrusted.get("body", "")),
    )
    return _held(form, _checks(form))


def suited(form: RequestForm, url: str, *, anywhere: bool, times: int) -> RequestForm:
    """The form, held to where it goes.

    In: `anywhere`, whether others' servers may be asked to change something; `times`, how often
    the request would go out.
    """
    return form if form.error else _held(form, _checks_of_way(form, url, anywhere, times))


def request_form_options(form: RequestForm) -> dict[str, Any]:
    """The members of `Options` that a form without an error sets."""
    has_content = form.body or form.content_type
    return {
        "method": form.method,
        "headers": _fields(form),
        "body": form.body.encode() if has_content else None,
    }


def _held(form: RequestForm, checks: Iterator[tuple[str, Callable[[], object]]]) -> RequestForm:
    for name, check in checks:
        try:
            check()
        except (ValueError, FetchError) as refusal:
            said = refusal.message if isinstance(refusal, FetchError) else str(refusal)
            return replace(form, wrong=name, error=said)
    return form


def _checks(form: RequestForm) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "headers", lambda: _bounded(form.headers, FIELD_OCTETS)
    yield "headers", lambda: _check_fields(form)
    yield "content_type", lambda: _check_type(form)
    yield "body", lambda: _bounded(form.body, BODY_OCTETS)
    yield "body", lambda: _check_body(form)


def _checks_of_way(
    form: RequestForm, url: str, anywhere: bool, times: int
) -> Iterator[tuple[str, Callable[[], object]]]:
    if form.method in SAFE:
        return
    if is_websocket(url):
        yield "method", lambda: _refuse(_("A WebSocket is opened by a GET without content."))
    if not anywhere and not is_of_lab(url):
        text = _(
            "%(method)s may change something, so that from here it goes to the lab’s servers "
            "alone. A Wiretale on your own machine sends it anywhere.",
            method=form.method,
        )
        yield "method", lambda: _refuse(text)
    if times > 1:
        text = _("%(method)s may change something, so that it is sent once.", method=form.method)
        yield "method", lambda: _refuse(text)


def _check_fields(form: RequestForm) -> None:
    for name, value in _typed(form):
        check_field(name, value)
        bare = name.removesuffix(":")
        if bare.lower() in _OURS or bare.lower().startswith("sec-websocket-"):
            text = _(
                "%(name)s is not set here: it says who asks, whom it is for or where the message "
                "ends, and that is written for you.",
                name=bare,
            )
            raise ValueError(text)


def _check_type(form: RequestForm) -> None:
    if not form.content_type:
        return
    check_field("Content-Type", parse_field(f"Content-Type: {form.content_type}")[1])
    _bounded(form.content_type, 200)
    if any(name.lower().startswith("content-type") for name, _value in _typed(form)):
        _refuse(_("Content-Type stands among the header fields too: take one away."))
    if form.method in SAFE:
        _refuse(_no_content(form))


def _check_body(form: RequestForm) -> None:
    if form.body and form.method in SAFE:
        _refuse(_no_content(form))


def _no_content(form: RequestForm) -> str:
    return _("%(method)s is sent without content here: choose POST or PUT.", method=form.method)


def _bounded(text: str, most: int) -> None:
    try:
        length = len(text.encode())
    except UnicodeEncodeError as error:
        raise ValueError(_("Half of a surrogate pair is no character.")) from error
    if length > most:
        text = _(
            "This has %(length)s, and at most %(most)s are sent.",
            length=f"{length:,} bytes",
            most=f"{most:,}",
        )
        raise ValueError(text)


def _typed(form: RequestForm) -> tuple[tuple[str, str], ...]:
    lines = [line for line in form.headers.split("\n") if line.strip()]
    if len(lines) > FIELDS:
        raise ValueError(_("More than %(most)s header fields are not sent.", most=FIELDS))
    return tuple(map(_read, lines))


def _read(line: str) -> tuple[str, str]:
    try:
        return parse_field(line)
    except ValueError as error:
        text = _("%(line)s is no header field: write “Name: value”.", line=repr(line[:80]))
        raise ValueError(text) from error


def _fields(form: RequestForm) -> tuple[tuple[str, str], ...]:
    given = [parse_field(f"Content-Type: {form.content_type}")] if form.content_type else []
    return (*_typed(form), *given)


def _lines(text: str) -> str:
    """Browsers send CRLF for each line break of a field of text."""
    return text.replace("\r\n", "\n")


def _refuse(text: str) -> None:
    raise ValueError(text)
