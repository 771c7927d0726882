"""Field sections of HTTP/2: what a request's fields become, and which responses are malformed.

HTTP/2 carries the request line as pseudo-header fields and has no place for fields that speak of
one connection (RFC 9113 §8.2.2). The library is asked to leave received fields alone, so that
each fault has its own sentence here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.head import FieldLines, shown

Fields = list[tuple[bytes, bytes]]

OF_ONE_CONNECTION: Final = (
    "connection",
    "proxy-connection",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
)
"""Names of fields that HTTP/2 has no place for."""

_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_BAD_VALUE: Final = re.compile(rb"[\x00\r\n]")
_STATUS: Final = re.compile(rb"[1-9][0-9]{2}")
_LENGTH: Final = re.compile(rb"[0-9]{1,18}")
_OVERHEAD_OCTETS: Final = 32  # that each field counts for beyond its own (RFC 9113 §6.5.2)


class Section(msgspec.Struct, frozen=True):
    """The field section of a response, checked."""

    status_code: int
    fields: FieldLines
    length: int | None  # what Content-Length says
    notes: tuple[str, ...]  # what was odd and accepted, one sentence each


def request_fields(
    method: str, scheme: str, path: str, fields: FieldLines
) -> tuple[Fields, list[str]]:
    """The fields of a request as HTTP/2 has them, Host as `:authority`.

    Out: the fields, and the names of those that were left out.
    Raises: UnicodeEncodeError if a part is not ISO 8859-1.
    """
    lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    authority = [value for name, value in lines if name == b"host"][:1]
    made: Fields = [(b":method", method.encode("latin-1"))]
    if method != "CONNECT":
        made += [(b":scheme", scheme.encode("ascii")), (b":path", path.encode("latin-1"))]
    made += [(b":authority", value) for value in authority]
    dropped = [name for name, value in fields if _has_no_place(name.lower(), value)]
    gone = {name.lower().encode("latin-1") for name in dropped} | {b"host"}
    return made + [line for line in lines if line[0] not in gone], dropped


def _has_no_place(name: str, value: str) -> bool:
    return name in OF_ONE_CONNECTION or (name == "te" and value.strip().lower() != "trailers")


def read_response(fields: Iterable[tuple[bytes, bytes]], limits: Limits) -> Section:
    """Check the fields of a response's head.

    Raises: FetchError h2.bad_header, h2.header_list_too_large.
    """
    lines = list(fields)
    check_size(lines, limits)
    status = [value for name, value in lines if name == b":status"]
    plain = [line for line in lines if not line[0].startswith(b":")]
    front = lines[: len(lines) - len(plain)]
    for name, _ in front:
        if not name.startswith(b":"):
            _refuse("A pseudo-header field stands behind a field.")
    for name, _ in lines:
        if name.startswith(b":") and name != b":status":
            _refuse(f"{shown(name)} is no pseudo-header field of a response.")
    if len(status) != 1:
        _refuse(f"The response has {len(status) or 'no'} :status field{'s' * (len(status) > 1)}.")
    if not _STATUS.fullmatch(status[0]):
        _refuse(f"The :status is {shown(status[0])}, not a number of three digits.")
    if status[0] == b"101":
        _refuse("The :status is 101, which HTTP/2 does not have.")
    notes = _check_lines(plain)
    return Section(int(status[0]), _decoded(plain), _content_length(plain), notes)


def read_trailers(fields: Iterable[tuple[bytes, bytes]], limits: Limits) -> FieldLines:
    """Check the fields of a trailer section.

    Raises: FetchError h2.bad_header, h2.header_list_too_large.
    """
    lines = list(fields)
    check_size(lines, limits)
    if any(name.startswith(b":") for name, _ in lines):
        _refuse("A pseudo-header field stands in the trailer section.")
    _check_lines(lines)
    return _decoded(lines)


def check_size(lines: Fields, limits: Limits) -> None:
    """Hold a section to the bounds, which count as in RFC 9113 §6.5.2.

    Raises: FetchError h2.header_list_too_large.
    """
    code = "h2.header_list_too_large"
    if len(lines) > limits.header_count:
        raise FetchError(code, f"There are more than {limits.header_count:,} fields.")
    sizes = [len(name) + len(value) for name, value in lines]
    if max(sizes, default=0) > limits.header_line_octets:
        most = limits.header_line_octets
        raise FetchError(code, f"One field is longer than {most:,} octets.")
    if sum(sizes) + _OVERHEAD_OCTETS * len(lines) > limits.header_octets:
        raise FetchError(code, f"The field section is longer than {limits.header_octets:,} octets.")


def _check_lines(lines: Fields) -> tuple[str, ...]:
    """Out: what is odd. Raises: FetchError h2.bad_header."""
    notes: list[str] = []
    for name, value in lines:
        if not _NAME.fullmatch(name):
            lower = " Names are in lower case." if name != name.lower() else ""
            _refuse(f"{shown(name)} is not the name of a field.{lower}")
        if _BAD_VALUE.search(value):
            _refuse(f"The value of {shown(name)} holds a line end or NUL: {shown(value)}.")
        if name.decode("ascii") in OF_ONE_CONNECTION:
            _refuse(f"{shown(name)} speaks of one connection, and has no place in HTTP/2.")
        if value != value.strip(b" \t"):
            notes.append(f"The value of {name.decode('ascii')} has white space around it.")
    return tuple(notes)


def _content_length(lines: Fields) -> int | None:
    values = {value.strip(b" \t") for name, value in lines if name == b"content-length"}
    for value in sorted(values):
        if not _LENGTH.fullmatch(value):
            _refuse(f"content-length is {shown(value)}, not a number.")
    lengths = {int(value) for value in values}
    if len(lengths) > 1:
        listed = " and ".join(str(each) for each in sorted(lengths))
        _refuse(f"The response has two values of content-length: {listed}.")
    return lengths.pop() if lengths else None


def _decoded(lines: Fields) -> FieldLines:
    return tuple(
        (name.decode("latin-1"), value.strip(b" \t").decode("latin-1")) for name, value in lines
    )


def _refuse(message: str) -> None:
    raise FetchError("h2.bad_header", message)
