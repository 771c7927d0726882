"""Request: what is asked of one hop, and what of it goes along when the server redirects."""

from __future__ import annotations

import re

import msgspec

from netcore.content_coding import ACCEPTED
from netcore.errors import FetchError
from netcore.options import Options
from netcore.target import Target

FieldLines = tuple[tuple[str, str], ...]

USER_AGENT = "wiretale/0.1"
_FORM = "application/x-www-form-urlencoded"
_IDEMPOTENT = ("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Request(msgspec.Struct, frozen=True):
    """A method, the fields that the user set, and content; the target comes with the hop."""

    method: str
    user_fields: FieldLines
    content: bytes | None
    version: str = "1.1"  # of HTTP: "1.0" or "1.1"

    @property
    def expects_continue(self) -> bool:
        """Whether the user asked to wait for 100 before the content goes out."""
        return any(
            name.lower() == "expect" and value.strip().lower() == "100-continue"
            for name, value in self.user_fields
        )

    @property
    def may_be_repeated(self) -> bool:
        """Whether sending it twice asks for no more than sending it once (RFC 9110 §9.2.2)."""
        return self.method in _IDEMPOTENT and self.content is None

    def fields(self, target: Target) -> FieldLines:
        """All fields in the order in which they are sent: Host, the defaults, the user's.

        A user's field replaces the default of that name; one whose name ends in a colon
        ("Accept:") removes it.
        """
        given = {name.lower().removesuffix(":") for name, _ in self.user_fields}
        defaults = [
            ("Host", target.authority),
            ("User-Agent", USER_AGENT),
            ("Accept", "*/*"),
            ("Accept-Encoding", ACCEPTED),
        ]
        lines = [(name, value) for name, value in defaults if name.lower() not in given]
        lines += [line for line in self.user_fields if not line[0].endswith(":")]
        if self.content is not None or self.method in ("POST", "PUT", "PATCH"):
            if "content-type" not in given and self.content is not None:
                lines.append(("Content-Type", _FORM))
            if not given & {"content-length", "transfer-encoding"}:
                lines.append(("Content-Length", str(len(self.content or b""))))
        return tuple(lines)


def first_request(options: Options) -> Request:
    """The request that the options describe.

    Raises: FetchError http.bad_request if a part could not be written without changing the
    request's meaning, such as a line break in a value.
    """
    if not _TOKEN.fullmatch(options.method):
        raise FetchError(
            "http.bad_request",
            f"{options.method!r} is not a method: it has to be "
            "a word of letters, digits and !#$%&'*+-.^_`|~.",
        )
    for name, value in options.headers:
        check_field(name, value)
    version = "1.0" if options.http == "1.0" else "1.1"
    return Request(options.method, options.headers, options.body, version)


def check_field(name: str, value: str) -> None:
    """Raises: FetchError http.bad_request if the field would not arrive as one field."""
    if not _TOKEN.fullmatch(name.removesuffix(":")):
        raise FetchError("http.bad_request", f"{name!r} is not a field name.")
    bad = _BAD_VALUE.search(value)
    if bad:
        raise FetchError(
            "http.bad_request",
            f"The value of {name} has the control character {bad[0]!r} at position "
            f"{bad.start()}; a field value is one line.",
        )
    if not value.isascii() and not _is_latin(value):
        raise FetchError(
            "http.bad_request",
            f"The value of {name} has characters beyond ISO 8859-1, which a field cannot carry.",
        )


def _is_latin(value: str) -> bool:
    return all(ord(character) < 256 for character in value)


def parse_field(line: str) -> tuple[str, str]:
    """One field in curl's spelling: "Name: value", "Name:" to remove it, "Name;" for an empty one.

    What is not ASCII is sent as it stands in UTF-8, as curl does; a value holds one character for
    each octet.
    Raises: ValueError with a sentence if it is none of them.
    """
    line = line.encode("utf-8", "surrogateescape").decode("latin-1")
    name, colon, value = line.partition(":")
    value = value.strip(" \t")
    if colon:
        return (name, value) if value else (f"{name}:", "")
    if line.endswith(";"):
        return line[:-1], ""
    raise ValueError(f"{line!r} is not a header: write 'Name: value', 'Name:' or 'Name;'.")
