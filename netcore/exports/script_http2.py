"""The lines of a stand-alone script that speak HTTP/2: the frames as they were, and the waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from netcore.dissect.http2 import DATA, HEADER_OCTETS, HEADERS, PADDED, WINDOW_UPDATE
from netcore.exports import script_parts as parts
from netcore.exports.python_literals import comment, hex_rows, octets_literal
from netcore.exports.replay_http2 import Frames, SentFrame
from netcore.registries.http2 import FRAME_TYPES

_STATE = "        {name} = {value}\n"


def http2_class(spoken: Sequence[Frames]) -> str:
    """The class, with what these connections need of it."""
    told = any(frame.told for frames in spoken for frame in frames.sent)
    windows = any(frame.type == DATA for frames in spoken for frame in frames.sent)
    state = ""
    if told:
        state += _STATE.format(name="self.told", value="set()")
    if windows:
        state += _STATE.format(
            name="self.initial, self.windows", value="65535, {0: 65535}  # §6.9.2"
        )
    pinged = any(frames.is_pinged for frames in spoken)
    more = [
        text
        for text, is_used in (
            (parts.PINGED, pinged),
            (parts.TOLD, told),
            (parts.WINDOWS, windows),
        )
        if is_used
    ]
    return parts.HTTP2.format(
        state=state,
        settings=parts.SETTINGS if windows else "",
        padding=parts.PADDING if any(frames.has_padding for frames in spoken) else "",
        more="".join(more),
        methods=parts.SEND_DATA if windows else "",
    )


def conversation(frames: Frames, *, has_failed: bool) -> Iterator[str]:
    """The statements of one connection. `body` is then the content of its last answer."""
    yield "\n" + comment(
        "HTTP/2. SETTINGS and PING are acknowledged as they come. The heads of the answers are "
        "packed with HPACK (RFC 7541), which this script leaves packed."
    )
    yield "http2 = Http2(conn, answer)\n"
    last = max((frame.stream for frame in frames.sent), default=1)
    last = max(last, 1) if frames.upgraded else last
    waited: set[int] = set()
    for kind, run in groupby(frames.sent, _kind):
        group = list(run)
        waited |= {frame.ended for frame in group}
        if kind == "data":
            yield "".join(map(_data, group))
        elif kind == "grant":
            yield _grants(group, last)
        else:
            yield "".join(_flights(group))
    if last not in waited and not has_failed:
        yield f"http2.read_until(lambda: {last} in http2.ended)\n"
    if frames.answers:
        answer = frames.answers[-1]
        status = _status(answer.status)
        yield f'body = http2.bodies.get({answer.stream}, b"")  # the status was {status}\n'


def _status(text: str) -> str:
    return text if text.isascii() and text.isdigit() else "no number"


def _kind(frame: SentFrame) -> str:
    if frame.type == DATA:
        return "data"
    return "grant" if frame.type == WINDOW_UPDATE and frame.content else "other"


def _data(frame: SentFrame) -> str:
    """One DATA frame, when the windows allow."""
    wait = _wait(frame)
    octets = len(frame.octets) - HEADER_OCTETS  # padding counts too
    head, payload = frame.octets[:HEADER_OCTETS], frame.octets[HEADER_OCTETS:]
    padded = " (padded)" if head[4] & PADDED else ""
    return (
        f"{wait}{comment(_title(frame) + padded)}"
        f"http2.send_data(\n    {frame.stream},\n    {octets},\n    {_head(head)}\n"
        f"    + {octets_literal(payload, ' ' * 8)},\n)\n"
    )


def _grants(group: Sequence[SentFrame], last: int) -> str:
    """WINDOW_UPDATE frames, each behind so much content."""
    rows = "".join(f'    ({each.content}, "{each.octets.hex()}"),\n' for each in group)
    return (
        f"{comment('WINDOW_UPDATE (RFC 9113 §6.9), each behind so many octets of content:')}"
        f"for octets, frame in (\n{rows}):\n"
        f"    http2.read_until(lambda: http2.octets >= octets or {last} in http2.ended)\n"
        "    conn.sendall(bytes.fromhex(frame))\n"
    )


def _flights(group: Sequence[SentFrame]) -> Iterator[str]:
    """Frames that go together, up to one that waits."""
    flight: list[SentFrame] = []
    for frame in group:
        wait = _wait(frame)
        if wait and flight:
            yield _sendall(flight)
            flight = []
        yield wait
        flight.append(frame)
    yield _sendall(flight)


def _wait(frame: SentFrame) -> str:
    if frame.ended:
        return f"http2.read_until(lambda: {frame.ended} in http2.ended)\n"
    if frame.told:
        return f"http2.read_until(lambda: {frame.told} in http2.told)  # 100: go on\n"
    return f"http2.read_until(lambda: http2.frames >= {frame.frames})\n" if frame.frames else ""


def _sendall(flight: Sequence[SentFrame]) -> str:
    rows = "".join(row for place, frame in enumerate(flight) for row in _rows(frame, place > 0))
    return f"conn.sendall(\n{rows})\n"


def _rows(frame: SentFrame, is_later: bool) -> Iterator[str]:
    plus = "+ " if is_later else ""
    yield comment(_title(frame), "    ")
    if frame.type < 0:
        yield f"    {plus}{frame.octets!r}\n"
        return
    for name, value in frame.fields:
        yield comment(f"  {name}: {value}", "    ")
    head, payload = frame.octets[:HEADER_OCTETS], frame.octets[HEADER_OCTETS:]
    rows = list(hex_rows(payload))
    if len(rows) < 2:
        yield f"    {plus}{_head(head, payload)}\n"
        return
    yield f"    {plus}{_head(head)}\n"
    yield "    + bytes.fromhex(\n"
    yield from (f"        {row}\n" for row in rows)
    yield "    )\n"


def _head(head: bytes, payload: bytes = b"") -> str:
    """The nine octets in front of a frame (length, type, flags, stream), and a short payload."""
    cut = (head[:3], head[3:4], head[4:5], head[5:], payload)
    return f'bytes.fromhex("{" ".join(part.hex() for part in cut if part)}")'


def _title(frame: SentFrame) -> str:
    if frame.type < 0:
        return "The connection preface (RFC 9113 §3.4), and frames: length, type, flags, stream."
    name = FRAME_TYPES.get(frame.type, "a frame of an unknown type")
    if frame.type == HEADERS:
        return f"{name} on stream {frame.stream}, packed with HPACK:"
    return f"{name} on stream {frame.stream}" if frame.stream else name
