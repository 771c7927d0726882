"""Bodies as HAR holds them: the content of a response, and what was posted with a request."""

from __future__ import annotations

import codecs
import re
from base64 import b64encode
from urllib.parse import parse_qsl

import msgspec

from netcore.content_coding import Budget, content_decoder
from netcore.errors import FetchError
from netcore.exports.messages import Message

Json = dict[str, object]

_PARAMETERS = 10_000  # of a form that is taken apart
FORM = "application/x-www-form-urlencoded"
_TEXTUAL = re.compile(
    r"text/.*|.*/.*\+(json|xml|yaml)|image/svg.*|"
    r"application/(json|javascript|ecmascript|xml|xhtml.*|x-www-form-urlencoded|x-ndjson|graphql"
    r"|x-javascript|yaml|toml|sql|jsonlines|problem.*|manifest.*)",
    re.ASCII,
)
_CHARSET = re.compile(r";[ \t]*charset[ \t]*=[ \t]*\"?([A-Za-z0-9_.:+-]{1,40})", re.ASCII | re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CHARSETS = frozenset(
    codecs.lookup(name).name
    for name in (
        *("utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "ascii", "koi8-r", "koi8-u"),
        *("shift_jis", "euc_jp", "iso2022_jp", "gb2312", "gbk", "gb18030", "big5", "euc_kr"),
        *(f"iso8859-{part}" for part in range(1, 17) if part != 12),
        *(f"cp{page}" for page in (866, 874, *range(1250, 1259))),
    )
)
"""Python knows more, some of which cost time or are no character sets."""


class Content(msgspec.Struct, frozen=True):
    """The content of a response, as far as it could be decoded. `trouble` says what stopped it."""

    octets: bytes
    trouble: str = ""
    decoded: bool = False  # whether a content coding was undone
    ends_early: bool = False  # all of it could be decoded, and the end of a coding was not there


def decode(response: Message, codings: int, budget: Budget) -> Content:
    """Undo the content codings of a response. In: how many are allowed; how much may come out."""
    raw = response.content
    parts: list[bytes] = []
    try:
        values = response.values("content-encoding") if raw else []
        decoder, names, unknown = content_decoder(values, codings, budget)
        if unknown:
            return Content(raw, f"The content coding {unknown} was not undone.")
        for part in decoder.decode(raw):
            parts.append(part)
    except FetchError as error:
        return Content(b"".join(parts), error.message, decoded=True)
    try:
        decoder.finish()
    except FetchError as error:
        return Content(b"".join(parts), error.message, decoded=True, ends_early=True)
    return Content(b"".join(parts), decoded=bool(names))


def media_type(message: Message) -> str:
    """The value of Content-Type as it was written, "" without one."""
    return next(iter(message.values("content-type")), "")


def content_json(content: Content, mime_type: str) -> Json:
    """HAR's `content` without its comment: text where it is text, else base64."""
    shown: Json = {"size": len(content.octets), "mimeType": mime_type}
    if not content.octets:
        return shown
    text = text_of(content.octets, mime_type)
    if text is None:
        return {**shown, "text": b64encode(content.octets).decode(), "encoding": "base64"}
    return {**shown, "text": text}


def post_data(octets: bytes, mime_type: str, note: str = "") -> Json:
    """HAR's `postData`: parameters of a form or text; `_base64` where it is neither.

    In: `note`, what else there is to say of it.
    """
    shown: Json = {"mimeType": mime_type, "comment": note} if note else {"mimeType": mime_type}
    text = text_of(octets, mime_type)
    if text is None:
        said = " ".join(filter(None, ("The content is not text: _base64 holds its octets.", note)))
        return {**shown, "text": "", "_base64": b64encode(octets).decode(), "comment": said}
    if mime_type.partition(";")[0].strip().lower() == FORM and _is_form(text):
        return {**shown, "params": pairs(text)}
    return {**shown, "text": text}


def pairs(query: str) -> list[Json]:
    """The names and values of a query or of a form, decoded."""
    found = parse_qsl(query, keep_blank_values=True, errors="replace")
    return [{"name": name, "value": value} for name, value in found]


def text_of(octets: bytes, mime_type: str) -> str | None:
    """The octets as text by the charset that was given, else UTF-8; None if they are not text.

    Text that could not be turned into the same octets again is none, and neither is what has
    control characters that do not belong in text.
    """
    essence = mime_type.partition(";")[0].strip().lower()
    if essence and not _TEXTUAL.fullmatch(essence):
        return None
    given = _CHARSET.search(mime_type)
    try:
        charset = codecs.lookup(given[1] if given else "utf-8").name
        if charset not in _CHARSETS:
            return None
        text = octets.decode(charset)
        same = text.encode(charset) == octets
    except (LookupError, ValueError):
        return None
    return text if same and not _CONTROL.search(text) else None


def _is_form(text: str) -> bool:
    """Whether nothing is lost by taking it apart: there is a "=" in every part, and few of them."""
    return text.count("&") < _PARAMETERS and all("=" in part for part in text.split("&"))
