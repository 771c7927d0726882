"""HTTP/1.1 heads, chunks and trailer sections (RFC 9112).

Octets are shown as they are, also where the grammar does not allow them: then the error stands
at the leaf that broke the rule, with the code of the failure that it leads to. Each line is a
block, so a bad line does not hide the lines behind it.
"""

from __future__ import annotations

import re

from netcore.field import Field
from netcore.reader import Reader
from netcore.registries.http import FIELD_NAMES, STATUS_CODES

FIELD_LINES = 1_000  # the client refuses more than 256; some hundred more are worth seeing
CHUNK_LINE_OCTETS = 256  # as in the client

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)  # RFC 9110 §5.6.2
_HTTP_VERSION = re.compile(r"HTTP/[0-9]\.[0-9]", re.ASCII)  # RFC 9112 §2.3
_SPACE = re.compile(rb"[ \t]*")
_LINE = re.compile(rb"[^\n]*\n?")
_LINE_END = re.compile(rb"\r?\n")
_FOLDED_LINE = re.compile(rb"[^\n]*(?:\n[ \t][^\n]*)*\n?")
_OBS_FOLD = re.compile(rb"[ \t]*\r?\n[ \t]+")
_FORBIDDEN = re.compile(r"[\x00\r\n\x0b\x0c]")  # RFC 9110 §5.5; VT and FF: h11 refuses them
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_HEXDIGITS = re.compile(rb"[0-9A-Fa-f]*")


def read_request_head(r: Reader) -> None:
    """RFC 9112 §2.1."""
    with r.block("request_line", r.match(_LINE), "RFC 9112 §3"):
        _read_request_line(r)
    _read_field_section(r)


def read_response_head(r: Reader) -> None:
    """RFC 9112 §2.1."""
    with r.block("status_line", r.match(_LINE), "RFC 9112 §4"):
        _read_status_line(r)
    _read_field_section(r, {})


def read_trailer_section(r: Reader) -> None:
    """RFC 9112 §7.1.2."""
    _read_field_section(r)


def _read_request_line(r: Reader) -> None:
    """RFC 9112 §3: method SP request-target SP HTTP-version."""
    method, _, rest = r.peek(_content_length(r)).partition(b" ")
    target, _, version = rest.rpartition(b" ")
    if not _TOKEN.fullmatch(r.text("method", len(method), spec="RFC 9110 §9")):
        r.blame("a method is a token (RFC 9110 §9.1)")
    if not target:
        r.malformed("a request line has a method, a target and a version, with a space between")
    _read_sp(r)
    r.text("request_target", len(target), spec="RFC 9112 §3.2")
    if b" " in target:
        r.blame("a target has no spaces in it (RFC 9112 §3.2)")
    _read_sp(r)
    _read_http_version(r, len(version))
    _read_line_end(r)


def _read_status_line(r: Reader) -> None:
    """RFC 9112 §4: HTTP-version SP status-code SP [ reason-phrase ]."""
    line = r.peek(_content_length(r))
    version = line.find(b" ")
    is_cut = r.until(b"\n") < 0 and b"HTTP/".startswith(line[:5])
    failure = "h1.incomplete_header" if is_cut else "h1.bad_status_line"
    if not line.startswith(b"HTTP/") or version < 0:
        r.malformed(
            f"{failure}: this line should begin with HTTP/1.1 and a status code of three digits"
        )
    _read_http_version(r, version, f"{failure}: ")
    _read_sp(r)
    code = line.find(b" ", version + 1)
    code = len(line) if code < 0 else code
    _read_status_code(r, code - version - 1, failure)
    if code < len(line):
        _read_sp(r)
        if code + 1 < len(line):
            phrase = r.text("reason_phrase", len(line) - code - 1)
            if _FORBIDDEN.search(phrase):
                r.blame("h1.bad_header: control characters cannot stand in a reason phrase")
    _read_line_end(r)


def _read_status_code(r: Reader, length: int, failure: str) -> None:
    """RFC 9110 §15."""
    digits = r.peek(length)
    spec = "RFC 9110 §15"
    if len(digits) == 3 and digits.isdigit() and digits[:1] != b"0":
        value = int(digits)
        label = STATUS_CODES.get(value, "unassigned")
        error = "" if value < 600 else "a status code lies between 100 and 599 (RFC 9110 §15)"
        r.add(Field("status_code", r.offset * 8, 24, value, label, spec, error))
    else:
        r.text("status_code", length, spec=spec)
        r.blame(f"{failure}: a status code has three digits, the first from 1 to 5")


def _read_http_version(r: Reader, length: int, code: str = "") -> None:
    version = r.text("http_version", length, spec="RFC 9112 §2.3")
    if not _HTTP_VERSION.fullmatch(version):
        r.blame(f"{code}a version is written HTTP/, a digit, a dot, a digit")
    elif version not in ("HTTP/1.0", "HTTP/1.1"):
        code = "" if version.startswith("HTTP/1.") else code  # a later 1.x is read as 1.1
        r.blame(f"{code}the version in HTTP/1 messages is HTTP/1.0 or HTTP/1.1")


def _read_field_section(r: Reader, delimits: dict[str, int] | None = None) -> None:
    """RFC 9112 §5: *( field-line CRLF ) CRLF, or a cut-off beginning of it.

    In: `delimits`, in a response: what its fields have said so far about where it ends.
    """
    for _ in range(FIELD_LINES):
        if not r.remaining:
            r.malformed("h1.incomplete_header: no empty line ends the field lines")
        if r.match(_LINE_END):
            _read_line_end(r, "empty_line", "RFC 9112 §2.1")
            return
        with r.block("field_line", r.match(_FOLDED_LINE), "RFC 9112 §5"):
            _read_field_line(r, delimits)
    if r.remaining:
        r.malformed(f"h1.too_many_headers: {FIELD_LINES:,} field lines are shown, not those after")


def _read_field_line(r: Reader, delimits: dict[str, int] | None) -> None:
    """RFC 9112 §5: field-name ":" OWS field-value OWS."""
    colon = r.peek(_content_length(r)).find(b":")
    if colon < 0 and r.until(b"\n") < 0:
        r.malformed("h1.incomplete_header: this line is cut off before its colon")
    if colon < 0:
        r.malformed("h1.bad_header: a field line needs a colon after its name")
    name = r.peek(colon).decode("latin-1")
    known = FIELD_NAMES.get(name.lower())
    label, spec = (known.status, known.reference) if known else ("not registered", "RFC 9110 §5.1")
    r.text("field_name", colon, label, spec)
    if not _TOKEN.fullmatch(name):
        r.blame("h1.bad_header: a field name is a token, without spaces (RFC 9112 §5.1)")
    r.octets("colon", 1)
    value = r.peek(_content_length(r)).decode("latin-1").strip(" \t")
    error = "" if delimits is None else _doubtful_end(name.lower(), value, delimits)
    if error and not value:
        r.blame(error)
    _read_space(r, "ows", "RFC 9110 §5.6.3")
    _read_field_value(r, error)


def _doubtful_end(name: str, value: str, before: dict[str, int]) -> str:
    """What makes it doubtful where the response ends (RFC 9112 §6.3), with the failure's code."""
    if name == "transfer-encoding":
        again = name in before
        before[name] = 1
        if again or value.lower() != "chunked":
            return "h1.bad_te: a client can read one transfer coding, which is 'chunked'"
    if name == "content-length":
        parts = [part.strip(" \t") for part in value.split(",")]
        if not all(_LENGTH.fullmatch(part) for part in parts):
            return "h1.bad_length: a length is a number in decimal digits (RFC 9110 §8.6)"
        lengths = {before.setdefault(name, int(parts[0])), *map(int, parts)}
        if len(lengths) > 1:
            return "h1.conflicting_length: another length was given (RFC 9112 §6.3)"
    return ""


def _read_field_value(r: Reader, error: str) -> None:
    """RFC 9110 §5.5, and the obsolete folding of RFC 9112 §5.2."""
    while r.remaining:
        value = r.peek(_content_length(r)).rstrip(b" \t")
        if value:
            text = r.text("field_value", len(value), spec="RFC 9110 §5.5")
            if error:
                r.blame(error)
            if _FORBIDDEN.search(text):
                r.blame("h1.bad_header: CR, LF, NUL, VT and FF cannot stand in a field value")
        if r.match(_OBS_FOLD):
            _read_obs_fold(r)
            continue
        _read_space(r, "ows", "RFC 9110 §5.6.3")
        _read_line_end(r)


def _read_obs_fold(r: Reader) -> None:
    """RFC 9112 §5.2: obs-fold = OWS CRLF RWS."""
    r.octets("obs_fold", r.match(_OBS_FOLD), spec="RFC 9112 §5.2")
    r.blame("this value goes on in the next line: obsolete, and read as one space (obs-fold)")


def read_chunk(r: Reader) -> None:
    """RFC 9112 §7.1."""
    size = _read_chunk_size(r)
    _read_space(r, "bws", "RFC 9110 §5.6.3")
    if r.peek(1) == b";":
        length = min(_content_length(r), CHUNK_LINE_OCTETS)
        r.text("chunk_ext", length, spec="RFC 9112 §7.1.1")
    if r.peek(1) not in (b"\r", b"\n", b""):
        r.malformed("chunk.bad_size: behind the size stands a line end or a semicolon")
    _read_line_end(r)
    if size:
        _read_chunk_data(r, size)


def _read_chunk_size(r: Reader) -> int:
    """RFC 9112 §7.1: 1*HEXDIG. The number of octets of chunk-data."""
    length = r.match(_HEXDIGITS)
    if not length:
        r.malformed("chunk.bad_size: a chunk begins with its size in hexadecimal digits")
    if length >= CHUNK_LINE_OCTETS:
        r.malformed(f"chunk.line_too_long: {length:,} digits are no size of a chunk")
    size = int(r.peek(length), 16)
    label = "last chunk" if not size else f"{size:,} octet{'' if size == 1 else 's'}"
    value = size if size < 1 << 53 else None  # as far as JSON's readers count exactly
    r.add(Field("chunk_size", r.offset * 8, length * 8, value, label, "RFC 9112 §7.1"))
    return size


def _read_chunk_data(r: Reader, size: int) -> None:
    """RFC 9112 §7.1: chunk-data CRLF."""
    there = min(size, r.remaining)
    if there:
        r.octets("chunk_data", there, spec="RFC 9112 §7.1")
    if there < size:
        r.malformed(
            f"http.incomplete_body: chunk_data should be {size:,} octets long, {there:,} are there"
        )
    if r.peek(1) not in (b"\r", b"\n", b""):
        r.malformed("chunk.bad_delimiter: CRLF should follow the data of a chunk")
    _read_line_end(r)


def _content_length(r: Reader) -> int:
    """Octets of this line without its CRLF or LF."""
    line = r.peek(r.match(_LINE))
    if not line.endswith(b"\n"):
        return len(line) - line.endswith(b"\r")
    return len(line) - (2 if line.endswith(b"\r\n") else 1)


def _read_sp(r: Reader) -> None:
    r.octets("sp", 1)


def _read_space(r: Reader, name: str, spec: str) -> None:
    length = r.match(_SPACE)
    if length:
        r.octets(name, length, spec=spec)


def _read_line_end(r: Reader, name: str = "crlf", spec: str = "RFC 9112 §2.2") -> None:
    """RFC 9112 §2.2: CRLF; an LF alone may be accepted."""
    there = r.peek(2)
    if there == b"\r\n":
        r.octets(name, 2, spec=spec)
    elif there[:1] == b"\n":
        r.octets(name, 1, spec=spec)
        r.blame("LF stands here without CR; a recipient may accept that (RFC 9112 §2.2)")
    elif there:
        r.octets(name, 1, spec=spec)
        r.blame("CR stands here without LF")
    else:
        r.malformed("this line is cut off before its end")
