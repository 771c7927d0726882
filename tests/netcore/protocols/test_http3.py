"""Requests and responses of HTTP/3, beside the library's server, in memory."""

from __future__ import annotations

import pytest
from aioquic.h3.connection import FrameType, Setting, encode_frame, encode_settings
from aioquic.h3.events import DataReceived, HeadersReceived
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Authority
from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http1 import Broken, Content, End, Head, Interim
from netcore.protocols.http3 import Http3
from tests.netcore.protocols.quic_pair import HOST, LIMITS, Pair, pair

STATUS = [(b":status", b"200")]


def answered(made: Pair, http: Http3, *sections: object, body: bytes | None = None) -> list[object]:
    """The events of a response with these field sections, and content behind them."""
    assert made.h3 is not None
    for number, section in enumerate(sections, start=1):
        last = number == len(sections) and body is None
        made.h3.send_headers(0, section, end_stream=last)  # type: ignore[arg-type]
    if body is not None:
        made.h3.send_data(0, body, end_stream=True)
    events: list[object] = []
    for _ in range(8):
        made.step()
        events += http.receive(b"\0")
    return events


def broken(events: list[object]) -> Broken:
    found = events[-1]
    assert isinstance(found, Broken), events
    return found


def test_a_request_and_its_response(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    (asked,) = [each for each in made.asked if isinstance(each, HeadersReceived)]
    assert asked.headers == [
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":path", b"/"),
        (b":authority", HOST.encode()),
    ]
    assert asked.stream_ended
    early = [(b":status", b"103"), (b"link", b"</a>")]
    events = answered(made, http, early, [*STATUS, (b"content-length", b"5")], body=b"hello")
    kinds = [type(event) for event in events]
    assert kinds == [Interim, Head, Content, End]
    head = events[1]
    assert isinstance(head, Head)
    assert (head.status_code, head.http_version, head.framing, head.length) == (
        200,
        "3",
        "length",
        5,
    )
    assert http.greeted
    assert http.why_not_kept() == ""


def test_two_requests_on_one_connection(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    answered(made, http, STATUS)
    http.start("GET", "/second", (("Host", HOST),))
    made.step()
    paths = [dict(e.headers)[b":path"] for e in made.asked if isinstance(e, HeadersReceived)]
    assert paths == [b"/", b"/second"]


def test_content_goes_out_in_pieces(authority: Authority) -> None:
    made = pair(authority)
    http = Http3(made.client, LIMITS)
    http.start("POST", "/", (("Host", HOST), ("Connection", "close")), b"u" * 400_000)
    assert http.left_out == ["Connection"]
    steps = 0
    while not http.request_sent:
        http.send_content()
        made.step()
        steps += 1
        assert steps < 500
    made.step()
    octets = sum(len(e.data) for e in made.asked if isinstance(e, DataReceived))
    assert octets == 400_000


def test_trailers_end_a_response(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    assert made.h3 is not None
    made.h3.send_headers(0, STATUS)
    made.h3.send_data(0, b"hello", end_stream=False)
    made.h3.send_headers(0, [(b"x", b"y")], end_stream=True)
    made.step()
    events = http.receive(b"\0")
    assert isinstance(events[-1], End)
    assert events[-1].trailers == (("x", "y"),)
    assert sum(isinstance(event, End) for event in events) == 1


def test_a_response_to_head_has_no_content(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks("HEAD")
    events = answered(made, http, [*STATUS, (b"content-length", b"99")])
    assert [type(event) for event in events] == [Head, End]


@pytest.mark.parametrize(
    ("sections", "code"),
    [
        ([[(b":status", b"101")]], "h3.protocol"),
        ([[(b"a", b"b")]], "h3.protocol"),
        ([[*STATUS, (b"transfer-encoding", b"chunked")]], "h3.protocol"),
        ([[*STATUS, (b"content-length", b"5")]], "h3.protocol"),
        ([[*STATUS, *[(b"a", b"b")] * 256]], "h3.header_too_large"),
        ([[*STATUS, (b"a", b"b" * 20_000)]], "h3.header_too_large"),
        ([[(b":status", b"103")]] * 11, "limit.interim"),
    ],
)
def test_malformed_responses(
    sections: list[list[tuple[bytes, bytes]]], code: str, authority: Authority
) -> None:
    made = pair(authority)
    http = made.asks()
    for section in sections:
        made.h3.send_headers(0, section)  # type: ignore[union-attr]
    made.server.send_stream_data(0, b"", end_stream=True)
    events: list[object] = []
    for _ in range(30):
        made.step()
        events += http.receive(b"\0")
    assert broken(events).code == code
    assert "HTTP/2" not in broken(events).message
    assert http.why_not_kept()
    made.step()
    assert made.server._close_event is not None  # the server is told


def settings_frame(*pairs: tuple[int, int]) -> bytes:
    return encode_frame(FrameType.SETTINGS, b"".join(encode_settings({k: v}) for k, v in pairs))


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (settings_frame((0x2, 1)), "h3.settings"),
        (settings_frame((0x6, 1), (0x6, 2)), "h3.settings"),
        (settings_frame((Setting.ENABLE_CONNECT_PROTOCOL, 2)), "h3.settings"),
        (encode_frame(FrameType.GOAWAY, b"\0"), "h3.settings"),
        (encode_frame(FrameType.SETTINGS, b"\x40"), "h3.protocol"),
        (b"\x04\x80\x02\0\0" + bytes(70_000), "h3.protocol"),
    ],
)
def test_settings_that_are_none(octets: bytes, code: str, authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    assert made.h3 is not None
    # Another control stream would be refused for being one: the first one is forgotten.
    h3 = http._h3
    assert h3 is not None
    h3._peer_control_stream_id, h3._settings_received = None, False
    stream = made.server.get_next_available_stream_id(is_unidirectional=True)
    made.server.send_stream_data(stream, b"\0" + octets)
    events: list[object] = []
    for _ in range(12):
        made.step()
        events += http.receive(b"\0")
    assert broken(events).code == code


def test_goaway_keeps_the_response_and_not_the_connection(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    assert made.h3 is not None
    control = made.h3._local_control_stream_id
    assert control is not None
    made.server.send_stream_data(control, encode_frame(FrameType.GOAWAY, b"\x04"))
    events = answered(made, http, STATUS)
    assert isinstance(events[-1], End)
    assert "GOAWAY" in http.why_not_kept()


def test_an_end_in_the_middle(authority: Authority) -> None:
    http = pair(authority).asks()
    assert broken(list(http.receive(b""))).code == "quic.closed"
    assert http.receive(b"") == []


def test_what_cannot_be_written(authority: Authority) -> None:
    http = Http3(pair(authority).client, LIMITS)
    with pytest.raises(FetchError) as caught:
        http.start("GET", "/", (("Host", "\u20ac"),))
    assert caught.value.code == "http.bad_request"


@given(octets=st.binary(max_size=400), kind=st.sampled_from([b"", b"\0", b"\2", b"\3", b"\1"]))
@settings(max_examples=40, deadline=None)
def test_no_octets_of_a_stream_make_it_raise(octets: bytes, kind: bytes) -> None:
    with Authority() as own:
        made = pair(own)
        http = made.asks(limits=Limits())
        stream = made.server.get_next_available_stream_id(is_unidirectional=True) if kind else 0
        made.server.send_stream_data(stream, kind + octets, end_stream=not kind)
        made.step()
        for event in http.receive(b"\0"):
            assert isinstance(event, Head | Content | End | Interim | Broken)


def test_content_before_a_fault_in_the_same_datagram_is_given_out(authority: Authority) -> None:
    made = pair(authority)
    http = made.asks()
    said = b"\x01\x03\x00\x00\xd9" + b"\x00\x05hello" + encode_frame(FrameType.SETTINGS, b"")
    made.server.send_stream_data(0, said)
    made.step()
    made.step()
    *rest, last = http.receive(b"\0")
    assert [type(event) for event in rest] == [Head, Content]
    assert isinstance(last, Broken)
    assert last.code == "h3.frame_unexpected"
