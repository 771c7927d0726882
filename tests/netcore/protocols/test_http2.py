"""HTTP/2 without I/O: states of one stream after the other, windows, and what ends a response."""

from __future__ import annotations

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded, WindowUpdated
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.http1 import Broken, Content, End, Head, HttpEvent, Interim
from netcore.protocols.http2 import Http2
from tests.netcore.protocols.http2_octets import (
    DATA,
    END_STREAM,
    GOAWAY,
    HEADERS,
    HOST,
    LIMITS,
    PADDED,
    PING,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    code_of,
    frame,
    goaway,
    greeting,
    head,
    hello,
    receive,
    setting,
)


class Peer:
    """A client and a server of the library, back to back."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.client = Http2(limits)
        self.server = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self.server.initiate_connection()
        self.heard: list[object] = []

    def ask(self, method: str = "GET", content: bytes | None = None) -> list[object]:
        self.client.start(method, "/", HOST, content)
        self.client.send_content()
        return self.listen()

    def listen(self) -> list[object]:
        events = list(self.server.receive_data(self.client.data_to_send()))
        self.heard += events
        return events

    def say(self) -> list[HttpEvent]:
        return self.client.receive(self.server.data_to_send())


# What crosses


def test_a_request_is_what_was_asked_with_pseudo_header_fields_first() -> None:
    peer = Peer()
    events = peer.ask()
    request = next(event for event in events if isinstance(event, RequestReceived))
    assert request.headers == [
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":path", b"/"),
        (b":authority", b"a.test"),
        (b"accept", b"*/*"),
    ]
    assert any(isinstance(event, StreamEnded) for event in events)
    assert peer.server.remote_settings.enable_push == 0
    assert peer.server.remote_settings.max_header_list_size == LIMITS.header_octets


def test_a_response_becomes_the_events_of_http_1() -> None:
    peer = Peer()
    peer.ask()
    peer.server.send_headers(1, [(":status", "103"), ("link", "</a>")])
    peer.server.send_headers(1, [(":status", "200"), ("content-length", "5"), ("X-A", "b")])
    peer.server.send_data(1, b"hel")
    peer.server.send_data(1, b"lo")
    peer.server.send_headers(1, [("x-end", "yes")], end_stream=True)
    fields = (("content-length", "5"), ("x-a", "b"))
    assert peer.say() == [
        Interim(103, ""),
        Head(200, "", "2", fields, "length", 5, ()),
        Content(b"hel"),
        Content(b"lo"),
        End((("x-end", "yes"),)),
    ]


def test_a_second_request_is_stream_3_and_uses_the_table() -> None:
    peer = Peer()
    sizes: list[int] = []
    for stream in (1, 3):
        peer.client.start("GET", "/", HOST)
        octets = peer.client.data_to_send()
        sizes.append(len(octets[octets.rindex(frame(HEADERS, 5, stream)[3:]) :]))
        peer.server.receive_data(octets)
        peer.server.send_headers(stream, [(":status", "204")], end_stream=True)
        assert peer.say() == [Head(204, "", "2", (), "none", None, ()), End(())]
        assert peer.client.why_not_kept() == ""
    assert sizes[1] < sizes[0]


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200"), ("GET", "204"), ("GET", "304")])
@pytest.mark.parametrize("apart", [True, False])
def test_a_response_without_content_may_say_the_length_of_another(
    method: str, status: str, apart: bool
) -> None:
    fields = [(":status", status), ("content-length", "5")]
    octets = hello() + head(fields, 1, 0 if apart else END_STREAM)
    octets += frame(DATA, END_STREAM, 1) if apart else b""
    first, *rest = receive(octets, method=method)
    assert isinstance(first, Head)
    assert (first.framing, first.length) == ("none", None)
    assert rest == [End(())]


def test_content_goes_out_as_far_as_the_windows_let_it() -> None:
    peer = Peer()
    content = bytes(range(256)) * 1024
    peer.ask("POST", content)
    came = [event.data for event in peer.heard if isinstance(event, DataReceived)]
    assert len(b"".join(came)) == 65_535
    assert not peer.client.request_sent
    for _ in range(20):
        for size in (len(piece) for piece in came if piece):
            peer.server.acknowledge_received_data(size, 1)
        peer.say()
        peer.client.send_content()
        heard = [event for event in peer.listen() if isinstance(event, DataReceived)]
        came = [event.data for event in heard]
        if peer.client.request_sent:
            break
    whole = [event.data for event in peer.heard if isinstance(event, DataReceived)]
    assert b"".join(whole) == content


def test_an_answer_before_the_content_was_sent_cancels_the_rest() -> None:
    peer = Peer()
    peer.ask("POST", bytes(100_000))
    peer.server.send_headers(1, [(":status", "413")], end_stream=True)
    assert peer.say()[-1] == End(())
    assert frame(RST_STREAM, 0, 1, b"\0\0\0\x08") in peer.client.data_to_send()
    assert peer.client.request_sent
    assert peer.client.why_not_kept() == "The request was not sent to its end."


def test_the_last_octets_are_goaway_and_of_an_open_stream_a_cancellation() -> None:
    client = Http2(LIMITS)
    assert client.close() == b"", "nothing was begun"
    client.start("GET", "/", HOST)
    client.data_to_send()
    assert client.close() == frame(RST_STREAM, 0, 1, b"\0\0\0\x08") + goaway(0)
    assert client.close() == b""


def test_a_ping_and_settings_are_answered() -> None:
    client = Http2(LIMITS)
    client.start("GET", "/", HOST)
    client.data_to_send()
    assert client.receive(hello() + frame(PING, 0, 0, b"12345678")) == []
    assert client.data_to_send() == frame(SETTINGS, 1, 0) + frame(PING, 1, 0, b"12345678")


@pytest.mark.parametrize(
    "field", ["Connection", "Upgrade", "Keep-Alive", "Transfer-Encoding", "TE"]
)
def test_fields_of_one_connection_are_left_out_and_named(field: str) -> None:
    client = Http2(LIMITS)
    client.start("GET", "/", (*HOST, (field, "x")))
    assert client.left_out == [field]


def test_a_request_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(FetchError, match="cannot be written as HTTP/2") as caught:
        Http2(LIMITS).start("GET", "", HOST)
    assert caught.value.code == "http.bad_request"


# Windows


def test_the_window_of_a_bounded_response_is_the_bound_and_one_octet() -> None:
    limits = Limits(body_read_octets=100_000)
    peer = Peer(limits)
    peer.ask()
    peer.server.send_headers(1, [(":status", "200")])
    assert peer.server.local_flow_control_window(1) == 100_001
    while size := min(peer.server.local_flow_control_window(1), 16_384):
        peer.server.send_data(1, bytes(size))
        assert not any(isinstance(event, Broken) for event in peer.say())
        peer.listen()
    assert peer.server.outbound_flow_control_window > 0, "the connection's is opened again"
    over = peer.client.receive(frame(DATA, 0, 1, b"x"))
    assert [event.code for event in over if isinstance(event, Broken)] == ["h2.flow_control"]
    assert peer.client.data_to_send()[-4:] == b"\0\0\0\x03", "FLOW_CONTROL_ERROR"


def test_padding_does_not_use_up_the_window() -> None:
    limits = Limits(body_read_octets=10_000)
    client = Http2(limits)
    client.start("GET", "/", HOST)
    client.receive(hello() + head([(":status", "200")], 1))
    client.data_to_send()
    padded = frame(DATA, PADDED, 1, b"\xff" + b"a" + bytes(255))
    for _ in range(100):
        assert client.receive(padded) == [Content(b"a")]
    assert client.data_to_send().count(frame(WINDOW_UPDATE, 0, 1, b"\0\0\x01\0")) == 100


@pytest.mark.slow
def test_without_a_bound_the_window_is_opened_as_content_comes() -> None:
    peer = Peer(Limits(body_read_octets=None))
    peer.ask()
    peer.server.send_headers(1, [(":status", "200")])
    size = 0
    while size < 20 << 20:
        for _ in range(64):
            peer.server.send_data(1, bytes(16_384))
        size += sum(len(event.data) for event in peer.say() if isinstance(event, Content))
        peer.listen()
    assert any(isinstance(event, WindowUpdated) and event.stream_id for event in peer.heard)


# One response


OK = head([(":status", "200")], 1)
END = frame(DATA, END_STREAM, 1, b"hello")

WHOLE = (
    hello()
    + head([(":status", "103")], 1)
    + head([(":status", "200"), ("server", "x")], 1)
    + frame(PING, 0, 0, bytes(8))
    + frame(DATA, PADDED, 1, b"\x02ab\0\0")
    + frame(0x42, 0, 7, b"an extension")
    + frame(DATA, 0, 1)
    + frame(DATA, 0, 1, b"c")
    + head([("x-end", "yes")], 1, END_STREAM)
    + goaway(1)
)


@pytest.mark.slow
@given(st.lists(st.integers(0, len(WHOLE)), max_size=8))
@settings(deadline=None)
def test_cuts_make_no_difference_to_a_response(cuts: list[int]) -> None:
    events = receive(WHOLE, cuts)
    assert events[1:] == [
        Head(200, "", "2", (("server", "x"),), "end_stream", None, ()),
        Content(b"abc"),
        End((("x-end", "yes"),)),
    ]


def test_every_octet_alone_makes_the_same_response() -> None:
    assert receive(WHOLE, list(range(len(WHOLE)))) == receive(WHOLE)


# Behind the response


@pytest.mark.parametrize(
    ("behind", "note", "kept"),
    [
        (frame(RST_STREAM, 0, 1, b"\0\0\0\0"), "RST_STREAM: NO_ERROR", ""),
        (frame(RST_STREAM, 0, 1, b"\0\0\0\xff"), "RST_STREAM: 0xff", ""),
        (frame(PING, 0, 0, b"short"), "Behind the response: A PING frame", "failed"),
        (goaway(1), "", "GOAWAY"),
        (frame(PING, 0, 0, bytes(8)), "", ""),
        (setting(3, 0), "", "no stream"),
    ],
)
def test_what_comes_behind_a_response_spoils_only_the_connection(
    behind: bytes, note: str, kept: str
) -> None:
    client = Http2(LIMITS)
    client.start("GET", "/", HOST)
    events = client.receive(hello() + OK + END + behind)
    assert isinstance(events[-1], End)
    assert note in "".join(client.notes)
    assert kept in client.why_not_kept()
    assert bool(kept) == bool(client.why_not_kept())


def test_a_goaway_of_a_later_stream_lets_the_response_go_on() -> None:
    events = receive(hello() + OK + goaway(1) + END)
    assert events[-2:] == [Content(b"hello"), End(())]


def test_a_goaway_says_its_error_and_its_words() -> None:
    broken = receive(hello() + goaway(0, 11, b"too many"))[-1]
    assert isinstance(broken, Broken)
    assert "ENHANCE_YOUR_CALM" in broken.message
    assert "too many" in broken.message


def test_after_a_failure_goaway_says_why_and_nothing_else_is_sent() -> None:
    client = Http2(LIMITS)
    client.start("GET", "/", HOST)
    client.data_to_send()
    client.receive(hello() + frame(HEADERS, 4, 1, b"\xff\xff\xff\xff\xff") + END)
    assert client.data_to_send() == goaway(0, 9), "COMPRESSION_ERROR"
    assert client.receive(END) == []
    assert client.close() == b""


# Upgrade


def test_a_switched_connection_answers_on_stream_1_and_goes_on_with_3() -> None:
    client = Http2(LIMITS)
    value = client.offer_upgrade()
    server = H2Connection(H2Configuration(client_side=False, header_encoding=None))
    server.initiate_upgrade_connection(value.encode())
    client.upgraded("HEAD")
    server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "200"), ("content-length", "7")], end_stream=True)
    first, last = client.receive(server.data_to_send())
    assert isinstance(first, Head)
    assert last == End(())
    client.start("GET", "/next", HOST)
    events = server.receive_data(client.data_to_send())
    assert [event.stream_id for event in events if isinstance(event, RequestReceived)] == [3]


def test_the_greeting_of_a_client_is_the_preface_and_settings() -> None:
    client = Http2(Limits(body_read_octets=999))
    assert client.data_to_send() == b""
    client.start("GET", "/", HOST)
    assert client.data_to_send().startswith(greeting(window=1000))


def test_goaway_is_a_frame_of_the_connection() -> None:
    assert code_of(hello() + frame(GOAWAY, 0, 1, bytes(8))) == "h2.protocol"
