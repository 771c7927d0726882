"""HTTP/2: one connection cut into frames, and what can go wrong among them."""

from __future__ import annotations

from typing import Final

from hpack import Encoder
from hyperframe.frame import GoAwayFrame, PushPromiseFrame, RstStreamFrame, SettingsFrame

from lab.behaviour import Ask, Behaviour, Shelf
from lab.shelves.basics import EXPECT, secure
from lab.streams import Asked, Streams
from lab.tls import Tls

H2: Final = Tls(alpn=("h2", "http/1.1"))
INTERNAL_ERROR, ENHANCE_YOUR_CALM = 2, 11
HELLO_BODY: Final = b"""\
Hello from the lab, in HTTP/2.

The head of this response was packed into a few octets of HEADERS. This body
came in a DATA frame, and a flag in it said that the stream was at its end.
"""


def hello(streams: Streams, asked: Asked) -> None:
    """One answer on the stream that asked."""
    streams.respond(asked, 200, HELLO_BODY)


def two_streams(streams: Streams, asked: Asked) -> None:
    """A redirect, and what it leads to: on the same connection, packed against the same table."""
    if asked.path == "/":
        streams.respond(asked, 302, b"It is at /second\n", [("location", "/second")])
        return
    streams.respond(asked, 200, b"You are on stream %d of this connection.\n" % asked.stream)


WINDOW: Final = 500
WINDOW_BODY: Final = b"This line waits until the window is open again. " * 32


def small_window(streams: Streams, asked: Asked) -> None:
    """Say in how many frames the body came, through a window of 500 octets."""
    text = f"{asked.body_octets:,} octets came in {asked.body_frames} DATA frames.\n"
    streams.respond(asked, 200, text.encode())


HALF_BODY: Final = b"This is the first half of it. "


def rst_stream(streams: Streams, asked: Asked) -> None:
    """A head and half a body, and then RST_STREAM: the connection stays."""
    streams.begin(asked, 200, [("content-length", str(2 * len(HALF_BODY)))])
    streams.h2.send_data(asked.stream, HALF_BODY)
    streams.send_frame(RstStreamFrame(asked.stream, error_code=INTERNAL_ERROR))


def goaway(streams: Streams, asked: Asked) -> None:
    """GOAWAY in place of an answer: no stream was worked on."""
    words = b"restarting, come again"
    streams.send_frame(GoAwayFrame(0, last_stream_id=0, additional_data=words))
    streams.is_open = False


def push(streams: Streams, asked: Asked) -> None:
    """A promise of something nobody asked for, although the client's SETTINGS forbid it."""
    block = Encoder().encode(
        [(":method", "GET"), (":scheme", "https"), (":path", "/style.css"), (":authority", "x")]
    )
    frame = PushPromiseFrame(asked.stream, promised_stream_id=2, data=block)
    frame.flags.add("END_HEADERS")
    streams.send_frame(frame)


FLOOD: Final = 200


def settings_flood(streams: Streams, asked: Asked) -> None:
    """Two hundred SETTINGS, each of which wants an answer."""
    for window in range(FLOOD):
        streams.send_frame(SettingsFrame(0, settings={4: 65_535 + window % 2}))


SHELF: Final = Shelf(
    "http2",
    "HTTP/2",
    "One connection, cut into frames. The server chooses h2 by ALPN while TLS is being set up.",
    {
        "h2": Behaviour(
            "Hello, HTTP/2", "one request, one answer, in frames", secure, H2, streams=hello
        ),
        "h2-streams": Behaviour(
            "Two streams",
            "a redirect on one connection: the second head is smaller",
            secure,
            H2,
            Ask(follow=True),
            streams=two_streams,
        ),
        "h2-again": Behaviour(
            "Three times, three streams",
            "the same page again: from the second on its fields take seven bytes",
            secure,
            H2,
            Ask(times=3),
            streams=hello,
        ),
        "small-window": Behaviour(
            "Small window",
            "a POST that may send 500 bytes and then has to wait",
            secure,
            H2,
            Ask(method="POST", headers=(EXPECT,), body=WINDOW_BODY),
            streams=small_window,
            window=WINDOW,
        ),
        "rst-stream": Behaviour(
            "Breaks off a stream",
            "half a body, then RST_STREAM: the connection stays",
            secure,
            H2,
            streams=rst_stream,
        ),
        "goaway": Behaviour(
            "Sends you away", "GOAWAY in place of an answer", secure, H2, streams=goaway
        ),
        "push": Behaviour(
            "Pushes",
            "promises what nobody asked for, although we forbade it",
            secure,
            H2,
            streams=push,
        ),
        "settings-flood": Behaviour(
            "Settings without end",
            "two hundred SETTINGS, each to be answered",
            secure,
            H2,
            streams=settings_flood,
        ),
    },
)
