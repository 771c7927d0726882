"""Browser log: a HAR 1.2 file as a trace, as far as it goes.

A HAR holds what messages said and how long parts took, not the octets that crossed. Each entry
becomes one request and one response of HTTP/1.1 that say the same, as if on a socket of its own;
the head of the trace says that they are put together (`origin`). No connection is told: nobody saw
one being made, nor which requests shared one. A stage is what the log has as a timing. Content
stands in a HAR as it was after its codings were undone, so the fields of those are left out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from netcore.options import Options
from netcore.trace import (
    HAR,
    AnyEvent,
    BadTrace,
    Called,
    Completed,
    Failed,
    StageEnded,
    StageStarted,
    Trace,
    Truncated,
)

ENTRIES: Final = 100
BODY_OCTETS: Final = 4 << 20  # of all bodies together
FIELDS: Final = 256  # of a message
URL_CHARACTERS: Final = 8_000
_MOST_MS: Final = 24 * 3_600 * 1_000
_TOKEN: Final = frozenset(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
_OF_CODINGS: Final = frozenset({"content-length", "content-encoding", "transfer-encoding"})
_STAGES: Final = {
    "dns": "dns",
    "connect": "connect",
    "ssl": "tls",
    "send": "request",
    "wait": "waiting",
    "receive": "response",
}
_OTHERS: Final = ("dns", "ssl")  # whose octets a HAR does not have, and which say how to read them


class _Named(msgspec.Struct):
    name: str
    value: str = ""


class _Posted(msgspec.Struct):
    text: str = ""


class _Request(msgspec.Struct, rename="camel"):
    method: str
    url: str
    headers: list[_Named] = []
    post_data: _Posted | None = None


class _Content(msgspec.Struct):
    text: str = ""
    encoding: str = ""


class _Response(msgspec.Struct, rename="camel"):
    status: int
    status_text: str = ""
    http_version: str = ""
    headers: list[_Named] = []
    content: _Content = msgspec.field(default_factory=_Content)


class _Entry(msgspec.Struct, rename="camel"):
    started_date_time: str
    request: _Request
    response: _Response
    server_ip_address: str = msgspec.field(name="serverIPAddress", default="")
    timings: dict[str, float | str | None] = {}


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Har(msgspec.Struct):
    log: _Log


class _Message(NamedTuple):
    """A message that is put together, when it was sent or had arrived."""

    time_ns: int
    socket: str
    call: str
    data: bytes
    peer: str


def trace_of_har(untrusted: bytes) -> Trace:
    """A trace that tells the entries of a HAR.

    Raises:
        BadTrace: it is no HAR, has no entry, or too many.
    """
    try:
        entries = msgspec.json.decode(untrusted, type=_Har).log.entries
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadTrace(f"This is no HAR 1.2: {error}.") from error
    if not 0 < len(entries) <= ENTRIES:
        raise BadTrace(f"The HAR has {len(entries):,} entries; 1 to {ENTRIES} can be told.")
    starts = [_moment_ns(entry.started_date_time) for entry in entries]
    first_ns = min(starts)
    messages = [
        message
        for number, (entry, start_ns) in enumerate(zip(entries, starts, strict=True), start=1)
        for message in _messages(entry, start_ns - first_ns, f"tcp:{number}")
    ]
    messages.sort(key=lambda message: message.time_ns)
    main = min(zip(starts, range(len(entries)), strict=True))[1]
    crossed_ns = [message.time_ns for message in messages]
    stages = _stages(entries[main], starts[main] - first_ns, crossed_ns)
    events = _events(messages, stages)
    events.append(_end(entries[main], _learnt_ns(events[-1])))
    started = datetime.fromtimestamp(first_ns / 1e9, UTC).isoformat(timespec="microseconds")
    url = _clean(entries[main].request.url)[:URL_CHARACTERS]
    return Trace(url, started, Options(), events, origin=HAR)


def _moment_ns(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadTrace(f"An entry started at {text[:40]!r}, which is no time.") from None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1e6) * 1_000


def _messages(entry: _Entry, start_ns: int, socket: str) -> Iterator[_Message]:
    """The request when it had been sent, and the response when it had arrived."""
    took = _took(entry)
    before = sum(took[name] for name in ("blocked", "dns", "connect", "send"))
    peer = _peer(entry)
    yield _Message(start_ns + before, socket, "send", _request(entry.request), peer)
    if entry.response.status > 0:
        all_ns = before + took["wait"] + took["receive"]
        yield _Message(start_ns + all_ns, socket, "recv", _response(entry.response), peer)


def _peer(entry: _Entry) -> str:
    """To whom an entry spoke, as the log has it: "192.0.2.1:443"; "" where it does not say.

    The log knows an address, or else the name in the URL; the port is the URL's.
    """
    url = entry.request.url
    parts = urlsplit(url if _is_url(url) else "http://")
    try:
        port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
    except ValueError:
        port = 0
    host = _clean(entry.server_ip_address or parts.hostname or "").strip("[]")[:260]
    if not host:
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _took(entry: _Entry) -> dict[str, int]:
    """Its timings in nanoseconds; what is not known is -1 there, or left out. TLS is in connect."""
    return {name: _ns(entry.timings.get(name)) for name in ("blocked", *_STAGES)}


def _ns(value: object) -> int:
    if not isinstance(value, int | float) or not 0 < value < _MOST_MS:
        return 0
    return int(value * 1e6)


def _request(request: _Request) -> bytes:
    parts = urlsplit(_clean(request.url)) if _is_url(request.url) else urlsplit("http://unknown/")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    body = (request.post_data.text if request.post_data else "").encode("utf-8", "replace")
    named = {each.name.lower() for each in request.headers}
    host = [] if "host" in named else [_Named("Host", parts.netloc.rpartition("@")[2])]
    line = f"{_token(request.method) or 'GET'} {target} HTTP/1.1"
    return _message(line, [*host, *request.headers], body, has_body=bool(body))


def _response(response: _Response) -> bytes:
    text = response.content.text
    body = text.encode("utf-8", "replace")
    if response.content.encoding == "base64":
        try:
            body = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise BadTrace("The content of a response is no base64, as it says it is.") from None
    line = f"HTTP/1.1 {min(response.status, 999):03} {_clean(response.status_text)}"
    has_body = response.status >= 200 and response.status not in (204, 304)
    return _message(line, response.headers, body if has_body else b"", has_body=has_body)


def _message(line: str, fields: Sequence[_Named], body: bytes, *, has_body: bool) -> bytes:
    lines = [line]
    for each in fields[:FIELDS]:
        name = _token(each.name)  # a pseudo-header field of HTTP/2 is none
        if name and name.lower() not in _OF_CODINGS:
            lines += [f"{name}: {_clean(value).strip()}" for value in each.value.split("\n")]
    if has_body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + body


def _token(text: str) -> str:
    return text if text and set(text) <= _TOKEN and len(text) < 200 else ""


def _clean(text: str) -> str:
    """One line of text."""
    return " ".join(text.split("\r")).replace("\n", " ").replace("\0", "")


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False


def _stages(entry: _Entry, start_ns: int, crossed_ns: Sequence[int]) -> list[AnyEvent]:
    """The stages of an entry, one after the other, as its timings have it.

    In: `crossed_ns`, when messages crossed: a stage of other octets than these has none in it.
    """
    took = _took(entry)
    took["connect"] -= min(took["ssl"], took["connect"])
    at = start_ns + took["blocked"]
    stages: list[AnyEvent] = []
    for name, stage in _STAGES.items():
        end = at + took[name]
        empty = not took[name] and name not in ("send", "receive")
        foreign = name in _OTHERS and any(at <= each < end for each in crossed_ns)
        if not (empty or foreign):
            stages += [StageStarted(at, stage), StageEnded(end, stage)]
        at = end
    return stages


def _events(messages: Iterable[_Message], others: Iterable[AnyEvent]) -> list[AnyEvent]:
    """All in order of time; an end stands before the beginning at the same time."""
    room = BODY_OCTETS
    made = list(others)
    for message in messages:
        way = "sent" if message.call == "send" else "received"
        channel, data = f"{message.socket}.{way}", message.data[: max(0, room)]
        room -= len(data)
        length = len(message.data)
        if len(data) < length:
            made.append(Truncated(message.time_ns, channel, len(data)))
        called = Called(
            message.time_ns,
            message.socket,
            message.call,
            (length, message.peer) if message.peer else (length,),
            length,
            channel=channel,
            length=length,
            data=data,
        )
        made.append(called)
    return sorted(made, key=_learnt_ns)


def _learnt_ns(event: AnyEvent) -> int:
    return event.end_ns if isinstance(event, Called) else event.time_ns


def _end(entry: _Entry, time_ns: int) -> Completed | Failed:
    response = entry.response
    if not 100 <= response.status <= 999:
        message = "The log has no response: the browser did not get one, or did not write it down."
        return Failed(time_ns, "response", "tcp.closed_early", message)
    version = response.http_version.lower().rpartition("/")[2].removeprefix("h")[:8]
    size = len(response.content.text)
    return Completed(time_ns, response.status, _clean(response.status_text)[:200], version, 1, size)
