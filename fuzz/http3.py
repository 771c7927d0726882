"""HTTP/3: octets spoilt on the streams of a server, the request's and those of its own."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from aioquic.buffer import encode_uint_var
from aioquic.quic.events import StreamDataReceived

from fuzz.mutations import pieces
from fuzz.target import Target, hold
from netcore.options import Limits
from netcore.protocols.http1 import Broken, Content, End, Head, HttpEvent
from netcore.protocols.http3 import Http3
from netcore.protocols.quic import Quic
from netcore.protocols.tls_context import Offer
from tools.vectors import VECTORS, read_octets

_FIELDS: Final = (("Host", "a.test"), ("User-Agent", "x"))
_LIMITS: Final = Limits(header_octets=4_096, body_read_octets=32_768)
_REQUEST: Final = 0
_STREAMS: Final = (_REQUEST, 3, 7, 11)  # the last three are the server's own
_HEADER: Final = 3  # octets before those of a stream: which one, how many
_CODES: Final = ("h3.", "quic.", "limit.", "http.")
Arrived = list[tuple[int, bytes]]


def _record(place: int, data: bytes) -> bytes:
    """Octets that came on one of the streams."""
    return bytes([place]) + len(data).to_bytes(2, "big") + data


def _records(octets: bytes) -> Arrived:
    """What came, in order: the stream, its octets."""
    found, at = [], 0
    while at + _HEADER <= len(octets):
        length = int.from_bytes(octets[at + 1 : at + _HEADER], "big")
        end = at + _HEADER + length
        found.append((_STREAMS[octets[at] % len(_STREAMS)], octets[at + _HEADER : end]))
        at = end
    return found


def _vectors(*folders: str) -> list[bytes]:
    paths = [path for each in folders for path in sorted((VECTORS / each).glob("*.hex"))]
    return [read_octets(path) for path in paths]


def _seeds() -> Sequence[bytes]:
    settings = _record(1, bytes.fromhex("000400"))
    instructions = b"".join(_vectors("qpack_encoder_instruction")[:6])
    table = _record(2, b"\x02" + instructions)
    answer = _record(0, bytes.fromhex("01030000d9"))  # :status 200
    data = _record(0, bytes.fromhex("000568656c6c6f"))
    folders = sorted(path.name for path in VECTORS.glob("http3_*"))
    frames = _vectors(*(each for each in folders if each != "http3_field_section"))
    sections = _vectors("qpack_field_section", "http3_field_section")
    heads = [_record(0, b"\x01" + encode_uint_var(len(each)) + each) for each in sections]
    return [
        settings + answer + data,
        settings + table + answer + data + _record(3, b"\x03\x81"),
        *(settings + table + head + data for head in heads),
        *(settings + answer + _record(0, frame) + data for frame in frames),
        *(settings + _record(1, frame) + answer + data for frame in frames),
    ]


def _read(octets: bytes, chance: Random) -> int:
    whole = _records(octets)
    cut = [(stream, part) for stream, data in whole for part in pieces(data, chance)]
    events, again = _events(whole), _events(cut)
    hold(_told(events) == _told(again), "the outcome depends on how the octets were cut")
    ends = [event for event in events if isinstance(event, End | Broken)]
    hold(bool(ends) and ends == events[-1:], "events go on behind the end, or nothing ends")
    hold(sum(isinstance(event, Head) for event in events) < 2, "there are two heads")
    content = sum(len(event.data) for event in events if isinstance(event, Content))
    hold(content <= len(octets), "there is more content than octets")
    return len(events)


def _events(arrived: Arrived) -> list[HttpEvent]:
    quic = Quic("a.test", sni="a.test", offer=Offer(alpn=("h3",), group="x25519"))
    quic.start(0)
    http = Http3(quic, _LIMITS)
    http.start("GET", "/", _FIELDS)
    events: list[HttpEvent] = []
    for stream, data in arrived:
        quic._events.append(StreamDataReceived(data=data, end_stream=False, stream_id=stream))
        events += http.receive(b"\0")
    quic._events.append(StreamDataReceived(data=b"", end_stream=True, stream_id=_REQUEST))
    events += http.receive(b"\0")
    events += http.receive(b"")
    for event in events:
        if isinstance(event, Broken):
            hold(event.code.startswith(_CODES), f"the failure has the code {event.code}")
            hold(bool(event.message.strip()), "the failure has no message")
    return events


def _told(events: Sequence[HttpEvent]) -> list[object]:
    """The events with content joined: how it is cut may follow how it arrived.

    So may how much of it came before a fault, which the words of the fault count.
    """
    content = b"".join(e.data for e in events if isinstance(e, Content))
    others = [e for e in events if not isinstance(e, Content)]
    if isinstance(others[-1], Broken):
        return [*others[:-1], others[-1].code]
    return [content, *others]


HTTP3: Final = Target(_seeds, _read, steps_an_octet=1_000, costs=8)
"""Octets of streams, cut in two ways: the end of the request's stream comes behind them."""
