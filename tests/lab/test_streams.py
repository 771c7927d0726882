"""The lab's side of HTTP/2, back to back with the library's client."""

from __future__ import annotations

import threading

from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    InformationalResponseReceived,
    ResponseReceived,
)

from lab.streams import Asked, Streams


class InMemory:
    """A connection whose octets come from a list."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = list(parts)
        self.sent = b""

    def recv(self, most: int, /) -> bytes:
        return self.parts.pop(0) if self.parts else b""

    def sendall(self, octets: bytes, /) -> None:
        self.sent += octets


def client(method: str = "GET", body: bytes = b"") -> H2Connection:
    started = H2Connection()
    started.initiate_connection()
    fields = [(":method", method), (":path", "/a"), (":scheme", "http"), (":authority", "a")]
    started.send_headers(1, fields, end_stream=not body)
    for at in range(0, len(body), 16_384):
        started.send_data(1, body[at : at + 16_384], end_stream=at + 16_384 >= len(body))
    return started


def served(asking: H2Connection, *more: bytes, window: int = 0) -> tuple[list[object], Streams]:
    heard: list[Asked] = []

    def serve(streams: Streams, asked: Asked) -> None:
        heard.append(asked)
        streams.respond(asked, 200, b"hello", [("x", asked.path)])

    memory = InMemory(asking.data_to_send(), *more)
    streams = Streams(memory, threading.Event(), window)
    streams.run(serve)
    return list(asking.receive_data(memory.sent)), streams


def test_a_request_is_answered_on_its_stream() -> None:
    events, _ = served(client())
    (head,) = [event for event in events if isinstance(event, ResponseReceived)]
    assert (b"x", b"/a") in (head.headers or [])
    assert [event.data for event in events if isinstance(event, DataReceived)] == [b"hello"]


def test_head_is_answered_without_a_body() -> None:
    events, _ = served(client("HEAD"))
    assert [event.data for event in events if isinstance(event, DataReceived)] == [b""]


def test_a_body_is_counted() -> None:
    _, streams = served(client("POST", bytes(40_000)))
    assert (streams.asked[1].body_octets, streams.asked[1].body_frames) == (40_000, 3)


def test_a_window_of_its_own_is_said_in_settings() -> None:
    asking = client()
    served(asking, window=500)
    assert asking.remote_settings.initial_window_size == 500


def test_who_asks_first_is_told_to_go_on() -> None:
    asking = H2Connection()
    asking.initiate_connection()
    fields = [(":method", "POST"), (":path", "/"), (":scheme", "http"), (":authority", "a")]
    asking.send_headers(1, [*fields, ("expect", "100-continue")])
    events, _ = served(asking)
    assert any(isinstance(event, InformationalResponseReceived) for event in events)


def test_who_breaks_the_rules_is_told_goodbye() -> None:
    events, _ = served(client(), b"\0\0\x05\x06\0\0\0\0\0short")
    assert isinstance(events[-1], ConnectionTerminated)
