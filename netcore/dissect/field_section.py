"""A field section of HTTP/2 as text: what a field block stands for (RFC 9113 §8.2 and §8.3).

HTTP/2 never sends this text. It is how we write down the fields that came out of a field block,
in the form that HTTP/1.1 gives them: so it can be read, and compared with what it was made from.
"""

from __future__ import annotations

import re

from netcore.reader import Reader
from netcore.registries.http import FIELD_NAMES, STATUS_CODES

FIELD_LINES = 1_000  # as in HTTP/1.1
_LINE = re.compile(rb"[^\n]*\n?")
_FORBIDDEN_IN_NAME = re.compile("[^\x21-\x40\x5b-\x7e]")  # RFC 9113 §8.2.1
_PSEUDO_FIELDS = {
    ":method": "RFC 9113 §8.3.1",
    ":scheme": "RFC 9113 §8.3.1",
    ":authority": "RFC 9113 §8.3.1",
    ":path": "RFC 9113 §8.3.1",
    ":status": "RFC 9113 §8.3.2",
    ":protocol": "RFC 8441 §4",
}
_OF_ONE_CONNECTION = frozenset(
    {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"}
)


def read_field_section(r: Reader) -> None:
    """RFC 9113 §8.2."""
    are_pseudo_over = False
    for _ in range(FIELD_LINES):
        if not r.remaining:
            return
        with r.block("field_line", r.match(_LINE), "RFC 9113 §8.2"):
            is_pseudo = r.peek(1) == b":"
            _read_field_line(r, late=is_pseudo and are_pseudo_over)
            are_pseudo_over = are_pseudo_over or not is_pseudo
    if r.remaining:
        r.malformed(f"h2.too_many_fields: {FIELD_LINES:,} field lines are shown, not those after")


def _read_field_line(r: Reader, *, late: bool) -> None:
    """RFC 9113 §8.2.1, and §8.3 for names that begin with a colon."""
    line = r.peek(r.remaining).removesuffix(b"\r\n")
    length = line.find(b":", 1)
    if length < 0 or not line.startswith(b": ", length):
        r.malformed("a field line is a name, a colon, a space and a value")
    name = line[:length].decode("latin-1")
    label, spec = _known(name)
    r.text("field_name", length, label, spec)
    wrong = _wrong_name(name, late=late)
    if wrong:
        r.blame(f"h2.bad_field: {wrong}")
    r.octets("colon", 1)
    r.octets("sp", 1)
    value = line[length + 2 :].decode("latin-1")
    if value:
        label = STATUS_CODES.get(int(value), "unassigned") if _is_status(name, value) else ""
        r.text("field_value", len(value), label, "RFC 9110 §5.5")
    wrong = _wrong_value(name, value)
    if wrong:
        r.blame(f"h2.bad_field: {wrong}")
    r.octets("crlf", 2)


def _known(name: str) -> tuple[str, str]:
    if name in _PSEUDO_FIELDS:
        return "pseudo-header field", _PSEUDO_FIELDS[name]
    known = FIELD_NAMES.get(name)
    return (known.status, known.reference) if known else ("not registered", "RFC 9110 §5.1")


def _wrong_name(name: str, *, late: bool) -> str:
    if late:
        return "pseudo-header fields stand in front of all others (RFC 9113 §8.3)"
    if name.startswith(":") and name not in _PSEUDO_FIELDS:
        return "no pseudo-header field has this name (RFC 9113 §8.3)"
    if _FORBIDDEN_IN_NAME.search(name):
        return "a name has no upper case, no space and no control character (RFC 9113 §8.2.1)"
    if name in _OF_ONE_CONNECTION:
        return "fields of one connection have no place in HTTP/2 (RFC 9113 §8.2.2)"
    return ""


def _wrong_value(name: str, value: str) -> str:
    if {"\0", "\r"} & set(value) or value.strip(" \t") != value:
        return "a value has no NUL or CR, and no white space at its ends (RFC 9113 §8.2.1)"
    if name == "te" and value != "trailers":
        return "the only value of te in HTTP/2 is trailers (RFC 9113 §8.2.2)"
    if name == ":status" and not _is_status(name, value):
        return "a status code has three digits (RFC 9113 §8.3.2)"
    return ""


def _is_status(name: str, value: str) -> bool:
    return name == ":status" and bool(re.fullmatch("[0-9]{3}", value, re.ASCII))
