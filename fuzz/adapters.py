"""Every protocol adapter: whatever a server sends, events or a failure with a code, in bounds.

An adapter that `netcore/protocols` gets is a line of `ADAPTERS`: a test names those that lack one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final

from fuzz.http3 import HTTP3
from fuzz.mutations import pieces
from fuzz.quic import QUIC, QUIC_DATAGRAMS
from fuzz.target import Target, hold
from fuzz.web_sockets import WEBSOCKET
from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols import dns
from netcore.protocols.http1 import Broken, Content, End, Head, Http1, HttpEvent
from netcore.protocols.http2 import Http2
from netcore.protocols.tls import Tls
from netcore.protocols.tls_records import RecordWalk
from tools.vectors import VECTORS, read_octets

_FIELDS: Final = (("Host", "a.test"), ("User-Agent", "x"))
_LIMITS: Final = Limits(header_octets=4_096, chunks=200, body_read_octets=32_768)
_SENT_AN_OCTET: Final = 3  # SETTINGS of nine octets are answered by nine, PING by seventeen


def _vectors(*folders: str) -> list[bytes]:
    paths = [path for folder in folders for path in sorted((VECTORS / folder).glob("*.hex"))]
    return [read_octets(path) for path in paths]


# HTTP


def _http1_seeds() -> Sequence[bytes]:
    heads = _vectors("http1_response_head")
    bodies = [b"hello", b"5\r\nhello\r\n0\r\n\r\n", b"3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\n"]
    made = [
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n" + bodies[2],
        b"HTTP/1.0 200 OK\r\n\r\nto the end",
        b"HTTP/1.1 204 No Content\r\n\r\n",
    ]
    return made + [head + body for head in heads for body in bodies]


def _http1_read(octets: bytes, chance: Random) -> int:
    def begin() -> tuple[Callable[[bytes], list[HttpEvent]], Callable[[], bytes]]:
        http = Http1(_LIMITS)
        http.start("GET", "/", _FIELDS)
        return http.receive, lambda: b""

    return _same_however_cut(begin, octets, chance)


def _http2_seeds() -> Sequence[bytes]:
    settings = bytes.fromhex("000000040000000000")
    frames = [
        read_octets(path)
        for path in sorted(VECTORS.glob("http2_*/*.hex"))
        if path.parent.name not in ("http2_field_section", "http2_connection_preface")
    ]
    answer = bytes.fromhex("000001010400000001") + b"\x88"  # :status 200
    data = bytes.fromhex("000005000100000001") + b"hello"
    settled = settings + bytes.fromhex("000000040100000000")
    whole = settled + answer + data
    return [whole, *(settled + frame + answer + data for frame in frames)]


def _http2_read(octets: bytes, chance: Random) -> int:
    def begin() -> tuple[Callable[[bytes], list[HttpEvent]], Callable[[], bytes]]:
        http = Http2(_LIMITS)
        http.start("GET", "/", _FIELDS)
        http.send_content()
        http.data_to_send()
        return http.receive, http.data_to_send

    return _same_however_cut(begin, octets, chance)


_Begin = Callable[[], tuple[Callable[[bytes], list[HttpEvent]], Callable[[], bytes]]]


def _same_however_cut(begin: _Begin, octets: bytes, chance: Random) -> int:
    """Out: how many events there were. Raises: Finding if they depend on how octets arrive."""
    whole = _events(begin, [octets])
    cut = _events(begin, pieces(octets, chance))
    hold(_told(whole) == _told(cut), "the outcome depends on how the octets were cut")
    ends = [event for event in whole if isinstance(event, End | Broken)]
    hold(bool(ends) and ends == whole[-1:], "events go on behind the end, or nothing ends")
    hold(sum(isinstance(event, Head) for event in whole) < 2, "there are two heads")
    content = sum(len(event.data) for event in whole if isinstance(event, Content))
    hold(content <= len(octets), "there is more content than octets")
    return len(whole)


def _events(begin: _Begin, parts: Sequence[bytes]) -> list[HttpEvent]:
    receive, data_to_send = begin()
    events: list[HttpEvent] = []
    sent = 0
    for part in (*parts, b""):
        events += receive(part)
        sent += len(data_to_send())
    received = sum(map(len, parts))
    hold(sent <= 1_000 + received * _SENT_AN_OCTET, f"{sent} octets answer {received}")
    return events


def _told(events: Sequence[HttpEvent]) -> list[object]:
    """The events with content joined: how it is cut may follow how it arrived."""
    told: list[object] = [b"".join(e.data for e in events if isinstance(e, Content))]
    return told + [event for event in events if not isinstance(event, Content)]


# DNS


_ASKED: Final = dns.Question("a.test", "A", 0, b"")


def _dns_seeds() -> Sequence[bytes]:
    question = dns.ask("a.test", "A")
    answer = question.octets[12:24]
    header = bytes.fromhex("0000818000010001000000 00")
    record = bytes.fromhex("c00c00010001000000010004c0000201")
    alias = bytes.fromhex("c00c0005000100000001000401 62c00e")
    return [header + answer + record, header + answer + alias, *_vectors("dns_message")]


def _dns_read(octets: bytes, chance: Random) -> int:
    octets = bytes(2) + octets[2:]  # the id of the question: else nothing of it is read
    made = 0
    try:
        judged = dns.judge(_ASKED, octets)
        if isinstance(judged, dns.Answer):
            made = len(judged.aliases) + len(judged.addresses)
    except FetchError as error:
        _has_code(error, "dns.")
    stream = dns.Messages()
    found = [each for part in pieces(octets, chance) for each in stream.receive(part)]
    hold(found == dns.Messages().receive(octets), "messages depend on how the octets were cut")
    return made + len(found)


# TLS


def _tls_seeds() -> Sequence[bytes]:
    """What a server says first, to whomever."""
    records = _vectors("tls_record", "tls_ciphertext")
    hello = next((each for each in records if each[:1] == b"\x16"), b"")
    alert = bytes.fromhex("15030300020228")
    return [*records, hello + alert, alert, *_flights()]


def _flights() -> list[bytes]:
    """Handshake messages of the vectors, in records of TLS 1.2."""
    messages = _vectors("tls_handshake", "tls_handshake.dhe")
    return [b"\x16\x03\x03" + len(each).to_bytes(2, "big") + each for each in messages[:40]]


def _tls_records_read(octets: bytes, chance: Random) -> int:
    whole, cut = RecordWalk(), RecordWalk()
    whole.take(octets)
    for part in pieces(octets, chance):
        cut.take(part)
    for name in ("octets", "beginning", "alert", "inside"):
        hold(getattr(whole, name) == getattr(cut, name), f"{name} depends on how it was cut")
    for established in (False, True):
        try:
            whole.check(established)
        except FetchError as error:
            _has_code(error, "tls.flood")
    return len(whole.beginning) + len(whole.alert)


def _tls_read(octets: bytes, chance: Random) -> int:
    tls = Tls("a.test", verify=False)
    try:
        tls.start()
        sent = len(tls.data_to_send())
        for part in (*pieces(octets, chance), b""):
            tls.receive(part)
            sent += len(tls.data_to_send())
        hold(sent < 4_096 + len(octets), "more is said than was heard")
    except FetchError as error:
        _has_code(error, "tls.", "tcp.", "guard.")
    finally:
        tls.release()
    return 1


def _has_code(error: FetchError, *families: str) -> None:
    hold(error.code.startswith(families), f"the failure has the code {error.code}")
    hold(bool(error.message.strip()), "the failure has no message")


ADAPTERS: Final[Mapping[str, Target]] = {
    "http1": Target(_http1_seeds, _http1_read),
    "http2": Target(_http2_seeds, _http2_read, steps_an_octet=1_000),
    "http3": HTTP3,
    "quic": QUIC,
    "quic_datagrams": QUIC_DATAGRAMS,
    "websocket": WEBSOCKET,
    "dns": Target(_dns_seeds, _dns_read, steps_an_octet=1_000),
    "tls": Target(_tls_seeds, _tls_read, costs=20),
    "tls_records": Target(_tls_seeds, _tls_records_read, things=128),
}
"""Module of `netcore/protocols` -> how it is fed."""
