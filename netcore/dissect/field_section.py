"""A field section of HTTP/2 or HTTP/3 as text: what a field block stands for (RFC 9113 §8.2, §8.3).

Neither of them ever sends this text. It is how we write down the fields that came out of a field
block, in the form that HTTP/1.1 gives them: so it can be read, and compared with what it was made
from. HTTP/3 took its rules over from HTTP/2; they stand in other sections (RFC 9114 §4.2, §4.3).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from netcore.reader import Reader
from netcore.registries.http import FIELD_NAMES, STATUS_CODES

FIELD_LINES = 1_000  # as in HTTP/1.1
_LINE = re.compile(rb"[^\n]*\n?")
_FORBIDDEN_IN_NAME = re.compile("[^\x21-\x40\x5b-\x7e]")  # RFC 9113 §8.2.1


class _Rules(NamedTuple):
    """Where a version has its rules."""

    name: str
    code: str  # what the codes of errors begin with
    fields: str
    names: str  # how a name is written
    connection: str  # what has no place because it is of one connection
    pseudo: str
    pseudo_fields: dict[str, str]


def _pseudo_fields(request: str, response: str, protocol: str) -> dict[str, str]:
    names = (":method", ":scheme", ":authority", ":path")
    return {**dict.fromkeys(names, request), ":status": response, ":protocol": protocol}


_HTTP2: Final = _Rules(
    *("HTTP/2", "h2", "RFC 9113 §8.2", "RFC 9113 §8.2.1", "RFC 9113 §8.2.2", "RFC 9113 §8.3"),
    _pseudo_fields("RFC 9113 §8.3.1", "RFC 9113 §8.3.2", "RFC 8441 §4"),
)
_HTTP3: Final = _Rules(
    *("HTTP/3", "h3", "RFC 9114 §4.2", "RFC 9114 §4.2", "RFC 9114 §4.2", "RFC 9114 §4.3"),
    _pseudo_fields("RFC 9114 §4.3.1", "RFC 9114 §4.3.2", "RFC 9220 §3"),
)
_OF_ONE_CONNECTION = frozenset(
    {"connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"}
)


def read_field_section(r: Reader) -> None:
    """RFC 9113 §8.2."""
    _read_field_lines(r, _HTTP2)


def read_field_section_http3(r: Reader) -> None:
    """RFC 9114 §4.2."""
    _read_field_lines(r, _HTTP3)


def _read_field_lines(r: Reader, rules: _Rules) -> None:
    are_pseudo_over = False
    for _ in range(FIELD_LINES):
        if not r.remaining:
            return
        with r.block("field_line", r.match(_LINE), rules.fields):
            is_pseudo = r.peek(1) == b":"
            _read_field_line(r, rules, late=is_pseudo and are_pseudo_over)
            are_pseudo_over = are_pseudo_over or not is_pseudo
    if r.remaining:
        r.malformed(
            f"{rules.code}.too_many_fields: {FIELD_LINES:,} field lines are shown, not those after"
        )


def _read_field_line(r: Reader, rules: _Rules, *, late: bool) -> None:
    """A name, a value, and what is wrong with them; names that begin with a colon have rules."""
    line = r.peek(r.remaining).removesuffix(b"\r\n")
    length = line.find(b":", 1)
    if length < 0 or not line.startswith(b": ", length):
        r.malformed("a field line is a name, a colon, a space and a value")
    name = line[:length].decode("latin-1")
    label, spec = _known(name, rules)
    r.text("field_name", length, label, spec)
    wrong = _wrong_name(name, rules, late=late)
    if wrong:
        r.blame(f"{rules.code}.bad_field: {wrong}")
    r.octets("colon", 1)
    r.octets("sp", 1)
    value = line[length + 2 :].decode("latin-1")
    if value:
        label = STATUS_CODES.get(int(value), "unassigned") if _is_status(name, value) else ""
        r.text("field_value", len(value), label, "RFC 9110 §5.5")
    wrong = _wrong_value(name, value, rules)
    if wrong:
        r.blame(f"{rules.code}.bad_field: {wrong}")
    r.octets("crlf", 2)


def _known(name: str, rules: _Rules) -> tuple[str, str]:
    if name in rules.pseudo_fields:
        return "pseudo-header field", rules.pseudo_fields[name]
    known = FIELD_NAMES.get(name)
    return (known.status, known.reference) if known else ("not registered", "RFC 9110 §5.1")


def _wrong_name(name: str, rules: _Rules, *, late: bool) -> str:
    if late:
        return f"pseudo-header fields stand in front of all others ({rules.pseudo})"
    if name.startswith(":") and name not in rules.pseudo_fields:
        return f"no pseudo-header field has this name ({rules.pseudo})"
    if _FORBIDDEN_IN_NAME.search(name):
        return f"a name has no upper case, no space and no control character ({rules.names})"
    if name in _OF_ONE_CONNECTION:
        return f"fields of one connection have no place in {rules.name} ({rules.connection})"
    return ""


def _wrong_value(name: str, value: str, rules: _Rules) -> str:
    if {"\0", "\r"} & set(value) or value.strip(" \t") != value:
        return f"a value has no NUL or CR, and no white space at its ends ({rules.names})"
    if name == "te" and value != "trailers":
        return f"the only value of te in {rules.name} is trailers ({rules.connection})"
    if name == ":status" and not _is_status(name, value):
        return f"a status code has three digits ({rules.pseudo_fields[name]})"
    return ""


def _is_status(name: str, value: str) -> bool:
    return name == ":status" and bool(re.fullmatch("[0-9]{3}", value, re.ASCII))
