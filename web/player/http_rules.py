"""HTTP rules: what is worth saying of heads, frames, bodies and WebSocket frames."""

from __future__ import annotations

from collections.abc import Iterator

from netcore.field import Field, find, find_all
from netcore.figures import duration
from web.player.found import Found, Place, found, value_at
from web.spoken import gettext as _

_SECTIONS = ("http2_field_section", "http3_field_section")


def request_head(place: Place) -> Iterator[Found]:
    """The head of a request of HTTP/1.1."""
    line = find(place.tree, "request_line")
    if line is not None:
        method, target = find(line, "method"), find(line, "request_target")
        if method is not None and target is not None:
            yield found("request_line", line, method=method.value, target=target.value)
    host = _field_line(place.tree, "host")
    if host is not None:
        yield found("host", host, value=_value(host))
    upgrade = _field_line(place.tree, "upgrade")
    if upgrade is not None:
        yield found("upgrade", upgrade, value=_value(upgrade))
    end = find(place.tree, "empty_line")
    if end is not None:
        yield found("empty_line", end)


def response_head(place: Place) -> Iterator[Found]:
    """The head of a response of HTTP/1.1."""
    code = find(place.tree, "status_code")
    if code is not None:
        yield from _status(place, code, code.value)
    yield from _told_by_fields(place.tree)


def _status(place: Place, field: Field, code: object) -> Iterator[Found]:
    if code == 101:
        yield found("switching", field)
    else:
        yield found("response", field, code=str(code), waited=waited(place))


def waited(place: Place) -> str:
    """How long after the request's last octets this came, in words."""
    mark = place.mark
    sent = [
        each.time_ns
        for each in place.tale.timeline.singles
        if each.hop == mark.hop and each.direction == "sent" and each.layer in ("http", "ws")
    ]
    before = [time_ns for time_ns in sent if time_ns <= mark.time_ns]
    return duration(mark.time_ns - max(before, default=mark.time_ns))


def _told_by_fields(head: Field) -> Iterator[Found]:
    """What a head says of the body and of where to go."""
    location = _field_line(head, "location")
    if location is not None:
        yield found("redirect", location, location=_value(location))
    coding = _field_line(head, "content-encoding")
    if coding is not None:
        yield found("coding", coding, coding=_value(coding))
    length = _field_line(head, "content-length")
    if length is not None:
        value = _value(length)
        yield found("content_length", length, value=int(value) if value.isdecimal() else value)


def chunk(place: Place) -> Iterator[Found]:
    """A chunk of a chunked body."""
    size = find(place.tree, "chunk_size")
    if size is not None and size.value:
        text = place.pdu.octets[size.start // 8 : size.end // 8].decode("ascii", "replace")
        yield found("chunk", size, text=text, value=size.value)


def body(place: Place) -> Iterator[Found]:
    """A body, whole."""
    calls = len(place.pdu.events)
    if place.pdu.size and not place.sent:
        kind = "body_in_reads" if calls > 1 else "body"
        yield found(kind, place.tree, size=place.pdu.size, reads=calls)


def preface(place: Place) -> Iterator[Found]:
    """The octets that a connection of HTTP/2 begins with."""
    yield found("preface", place.tree, size=place.pdu.size)


def settings(place: Place) -> Iterator[Found]:
    """SETTINGS of HTTP/2 and HTTP/3."""
    count = sum(1 for _ in find_all(place.tree, "setting"))
    if count and place.sent:
        yield found("settings", value_at(place.tree, "frame_payload"), count=count)


def headers(place: Place) -> Iterator[Found]:
    """HEADERS of HTTP/2 and HTTP/3, with the fields that they stand for."""
    sections = [each for name in _SECTIONS for each in place.units(name)]
    if not sections:
        return
    section = sections[0].fields()
    wire, plain = place.pdu.size, sections[0].size
    status = _field_line(section, ":status")
    if status is not None:
        yield found("headers_response", code=_value(status), wire=wire, waited=waited(place))
    elif place.sent:
        yield found("headers", wire=wire, plain=plain)
    indexed = value_at(place.tree, "indexed_header_field") or value_at(
        place.tree, "indexed_field_line"
    )
    index = find(indexed, "index") if indexed is not None else None
    if indexed is not None and index is not None and place.sent:
        yield found("indexed", indexed, hex=place.hex(indexed), entry=index.label)


def section(place: Place) -> Iterator[Found]:
    """The fields of a response of HTTP/2 and HTTP/3, as text."""
    if not place.sent:
        yield from _told_by_fields(place.tree)


def data(place: Place) -> Iterator[Found]:
    """DATA of HTTP/2 and HTTP/3."""
    octets = value_at(place.tree, "frame_payload")
    if octets is not None and not place.sent:
        head = place.pdu.size - octets.length // 8
        yield found("data", octets, size=octets.length // 8, head=head)


def goaway(place: Place) -> Iterator[Found]:
    """GOAWAY of HTTP/2."""
    last = find(place.tree, "last_stream_id")
    if last is not None:
        yield found("goaway", last, stream=last.value)


def websocket_frame(place: Place) -> Iterator[Found]:
    """A frame of WebSocket: its mask where there is one, or what the server says."""
    key, opcode = find(place.tree, "masking_key"), find(place.tree, "opcode")
    length = find(place.tree, "payload_length")
    if opcode is None or length is None:
        return
    if opcode.label == "close":
        yield found("ws_close", opcode, actor=_("The client") if place.sent else _("The server"))
    elif key is not None:
        yield found("ws_mask", key, hex=place.hex(key))
    elif not place.sent:
        yield found("ws_received", length, size=length.value)


def _field_line(head: Field, name: str) -> Field | None:
    """The first field line of that name, in lower case."""
    for line in find_all(head, "field_line"):
        written = find(line, "field_name")
        if written is not None and str(written.value).lower() == name:
            return line
    return None


def _value(line: Field) -> str:
    value = find(line, "field_value")
    return str(value.value) if value is not None and value.value is not None else ""
