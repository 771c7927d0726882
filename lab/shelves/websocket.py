"""WebSocket: a connection on which both sides speak, and what can go wrong on it."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

from lab.behaviour import Ask, Behaviour, Serve, Shelf
from lab.frames import (
    CLOSE,
    CONTINUATION,
    FIN,
    GOING_AWAY,
    NORMAL,
    PING,
    RSV1,
    TEXT,
    Frames,
    accept,
    close_payload,
    frame,
)
from lab.tls import Tls
from lab.visit import Visit

DEFLATE: Final = "Sec-WebSocket-Extensions: permessage-deflate"
HELLO: Final = ("Hello",)
GOODBYE: Final = frame(CLOSE, close_payload(NORMAL))
IDLE: Final = frame(CLOSE, close_payload(GOING_AWAY, "nothing was said for 15 seconds"))
Say = Callable[[Frames], None]


def echo(visit: Visit) -> None:
    """Send every message back, frame by frame as it came, and answer a Close."""
    if not _asks(visit):
        return
    frames = accept(visit)
    try:
        while (heard := frames.receive()) is not None:
            if heard.opcode == PING:
                frames.send(frame(PING + 1, heard.payload))
            elif heard.opcode <= 2 or heard.opcode == CLOSE:
                frames.send(frame(heard.opcode, heard.payload, first=heard.first & FIN))
            if heard.opcode == CLOSE:
                return
    except TimeoutError:
        frames.send(IDLE)
        # Closed with the client's Close unread, TCP would send RST and lose what is on its way.
        while (heard := frames.receive()) is not None and heard.opcode != CLOSE:
            pass


def _asks(visit: Visit) -> bool:
    """Whether a WebSocket is asked for. What else comes is told so."""
    if visit.request.header("upgrade").lower() == "websocket":
        return True
    fields = ("Upgrade: websocket", "Sec-WebSocket-Version: 13")
    visit.respond("426 Upgrade Required", b"This server speaks WebSocket. Try ws://.\n", fields)
    return False


def says(*octets: bytes, headers: tuple[str, ...] = (), hears: bool = True) -> Serve:
    """A server that opens a WebSocket, waits for one frame, and sends these octets."""

    def serve(visit: Visit) -> None:
        if not _asks(visit):
            return
        frames = accept(visit, headers)
        frames.receive()
        frames.send(*octets)
        if hears:
            frames.hear_out(said=octets[-1][0] == FIN | CLOSE)

    return serve


def compressed(text: bytes, window: zlib._Compress | None = None) -> bytes:
    """A message as permessage-deflate writes it (RFC 7692 §7.2.1)."""
    deflate = window or zlib.compressobj(wbits=-15)
    return (deflate.compress(text) + deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]


def _repeated() -> bytes:
    """The same text three times: the second and the third cost a few octets."""
    window = zlib.compressobj(wbits=-15)
    text = b"Both sides keep what was said before, so saying it again costs a few bytes."
    return b"".join(frame(TEXT, compressed(text, window), first=FIN | RSV1) for _ in range(3))


def not_upgraded(visit: Visit) -> None:
    """A page, as if nobody had asked for anything else."""
    visit.respond("200 OK", b"A page, and no WebSocket.\n")


def bad_accept(visit: Visit) -> None:
    """An accept value that belongs to the key of RFC 6455's example."""
    accept(visit, accept="s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").hear_out()


def bad_extension(visit: Visit) -> None:
    """An extension that nobody offered."""
    accept(visit, ("Sec-WebSocket-Extensions: x-compress",)).hear_out()


FRAGMENTS: Final = (
    frame(TEXT, b"This message ", first=0),
    frame(PING, b"are you there?"),
    frame(CONTINUATION, b"came in three ", first=0),
    frame(CONTINUATION, b"fragments.", first=FIN),
)
BOMB: Final = frame(TEXT, compressed(bytes(8 << 20)), first=FIN | RSV1)
FLOOD: Final = 200


def _row(title: str, about: str, serve: Serve, tls: Tls | None = None) -> Behaviour:
    return Behaviour(title, about, serve, tls, Ask(messages=HELLO), websocket=True)


SHELF: Final = Shelf(
    "websocket",
    "WebSocket",
    "One connection that stays open: both sides speak when they like, and so can you meanwhile.",
    {
        "ws-echo": Behaviour(
            "WebSocket echo",
            "what you send comes back; your message goes out masked",
            echo,
            ask=Ask(messages=("Hello", "Is anybody there?")),
            websocket=True,
        ),
        "wss-echo": _row("WebSocket echo, under TLS", "the same, inside TLS", echo, Tls()),
        "ws-fragments": _row(
            "In fragments",
            "one message in three frames, a Ping between them",
            says(*FRAGMENTS, GOODBYE),
        ),
        "ws-deflate": _row(
            "Compressed",
            "the same text three times, the later ones in a few bytes",
            says(_repeated(), GOODBYE, headers=(DEFLATE,)),
        ),
        "ws-goodbye": _row(
            "Says goodbye",
            "a Close with a code and a reason",
            says(frame(CLOSE, close_payload(GOING_AWAY, "restarting, come again"))),
        ),
    },
)

WRONG: Final = Shelf(
    "websocket-wrong",
    "WebSocket, gone wrong",
    "Two bytes say all about a frame. Each of these servers gets one thing wrong, once.",
    {
        "ws-page": _row("Is a page", "200 in place of 101", not_upgraded),
        "ws-bad-accept": _row(
            "Does not know the key", "an accept value of another request", bad_accept
        ),
        "ws-bad-extension": _row(
            "Chooses what nobody offered", "an extension of its own", bad_extension
        ),
        "ws-masked": _row(
            "Masks its frames",
            "as only a client does",
            says(frame(TEXT, b"masked", mask=b"\x01\x02\x03\x04")),
        ),
        "ws-reserved-bit": _row(
            "Sets a reserved bit",
            "which no extension was agreed on for",
            says(frame(TEXT, b"reserved", first=FIN | 0x20)),
        ),
        "ws-bad-utf8": _row(
            "No UTF-8", "a text message with half a character", says(frame(TEXT, b"caf\xc3"))
        ),
        "ws-fragmented-ping": _row(
            "Cuts a Ping", "a control frame in fragments", says(frame(PING, b"cut", first=0))
        ),
        "ws-huge": _row(
            "Announces 2^63 bytes",
            "a length that nobody could hold",
            says(b"\x82\x7f\x80" + bytes(7)),
        ),
        "ws-bomb": _row(
            "Deflate bomb",
            "8 KiB that stand for 8 MiB",
            says(BOMB, headers=(DEFLATE,)),
        ),
        "ws-ping-flood": _row(
            "Pings without end",
            "two hundred, each to be answered",
            says(frame(PING, b"answer me") * FLOOD),
        ),
        "ws-bad-close": _row(
            "Closes with 1005",
            "a code that is never sent",
            says(frame(CLOSE, close_payload(1005))),
        ),
        "ws-drops": _row(
            "Hangs up",
            "half a message, then TCP ends",
            says(frame(TEXT, b"This is the first half of a message.")[:20], hears=False),
        ),
    },
)
