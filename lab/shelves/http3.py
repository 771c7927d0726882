"""HTTP/3: the same pages over QUIC, and what can go wrong below and above it."""

from __future__ import annotations

from typing import Final

from lab.behaviour import Ask, Behaviour, Shelf
from lab.quic import V2, Conversation, Quic
from lab.shelves.basics import secure
from lab.streams import Asked, Streams
from lab.tls import Tls
from lab.visit import Visit

H3: Final = Ask(http="3")
OVER_TCP: Final = Tls()
INTERNAL_ERROR: Final = 0x102
ENABLE_PUSH: Final = 0x2  # of HTTP/2; reserved in HTTP/3 (RFC 9114, 7.2.4.1)
HELLO_BODY: Final = b"""\
Hello from the lab, in HTTP/3.

No TCP connection was made. The first datagram that you sent held the
ClientHello already, and this body came in STREAM frames of QUIC.
"""


def hello(conversation: Conversation, asked: Asked) -> None:
    """One answer on the stream that asked."""
    conversation.respond(asked, 200, HELLO_BODY)


def two_streams(conversation: Conversation, asked: Asked) -> None:
    """A redirect, and what it leads to: on the next stream of the same connection."""
    if asked.path == "/":
        conversation.respond(asked, 302, b"It is at /second\n", [("location", "/second")])
        return
    conversation.respond(asked, 200, b"You are on stream %d of QUIC.\n" % asked.stream)


SAME_BODY: Final = b"""\
One page, three ways to fetch it.

This text is the same over HTTP/1.1, HTTP/2 and HTTP/3. Only what is around
it differs: how it was asked for, framed, sealed and carried.
"""


def same_over_http1(visit: Visit) -> None:
    """The page that all three versions give, over HTTP/1.1."""
    visit.respond("200 OK", SAME_BODY)


def same_over_http2(streams: Streams, asked: Asked) -> None:
    """The page that all three versions give, over HTTP/2."""
    streams.respond(asked, 200, SAME_BODY)


def same_over_http3(conversation: Conversation, asked: Asked) -> None:
    """The page that all three versions give, over HTTP/3."""
    conversation.respond(asked, 200, SAME_BODY)


LINES: Final = b"".join(b"Line %04d of a body that needs many datagrams.\n" % n for n in range(400))


def many_datagrams(conversation: Conversation, asked: Asked) -> None:
    """A body of 18,800 octets, some of which are lost on the way for the first time."""
    conversation.respond(asked, 200, LINES)


def key_update(conversation: Conversation, asked: Asked) -> None:
    """Half of the body under the first keys, half under the next (RFC 9001 §6)."""
    conversation.begin(asked, 200, [("content-length", str(len(LINES)))])
    half = len(LINES) // 2
    conversation.send(asked, LINES[:half])
    conversation.quic.request_key_update()
    conversation.send(asked, LINES[half:], last=True)


def closed(conversation: Conversation, asked: Asked) -> None:
    """CONNECTION_CLOSE in place of an answer."""
    conversation.quic.close(INTERNAL_ERROR, reason_phrase="the lab is out of paper")


HALF_BODY: Final = b"This is the first half of it. "


def reset(conversation: Conversation, asked: Asked) -> None:
    """A head and half a body, and then RESET_STREAM: the connection stays."""
    conversation.begin(asked, 200, [("content-length", str(2 * len(HALF_BODY)))])
    conversation.send(asked, HALF_BODY)
    conversation.after_sending = lambda: conversation.quic.reset_stream(
        asked.stream, INTERNAL_ERROR
    )


def large_fields(conversation: Conversation, asked: Asked) -> None:
    """A HEADERS frame of 80,000 octets."""
    lines = [(f"x-{number}", "~" * 1_000) for number in range(80)]
    conversation.begin(asked, 200, lines)


def nobody(datagram: bytes) -> tuple[bytes, ...]:
    """No answer to any datagram."""
    return ()


def advertise(visit: Visit) -> None:
    """Over TCP: where the same is had over QUIC, and a redirect to try it with."""
    port = visit.links["alt-svc"].rstrip("/").rpartition(":")[2]
    header = f'Alt-Svc: h3=":{port}"; ma=60'
    if visit.request.target != "/":
        visit.respond("200 OK", b"You came over TCP again.\n", (header,))
        return
    visit.is_open = False
    visit.respond("302 Found", b"Come over QUIC.\n", (header, "Location: /again"))


def came(conversation: Conversation, asked: Asked) -> None:
    """What a client finds that took the offer."""
    conversation.respond(asked, 200, b"You came over QUIC.\n")


def _row(title: str, about: str, quic: Quic, ask: Ask = H3) -> Behaviour:
    return Behaviour(title, about, secure, OVER_TCP, ask, quic=quic)


SHELF: Final = Shelf(
    "http3",
    "HTTP/3",
    "Over QUIC, which is UDP with keys, streams and repeats of its own.",
    {
        "h3": _row("Hello, HTTP/3", "one request, one answer, in datagrams", Quic(hello)),
        "three-versions": Behaviour(
            "One page, three versions",
            "the same bytes over HTTP/1.1, HTTP/2 and HTTP/3, for comparing",
            same_over_http1,
            Tls(alpn=("h2", "http/1.1")),
            streams=same_over_http2,
            quic=Quic(same_over_http3),
        ),
        "h3-streams": _row(
            "Two streams of QUIC",
            "a redirect on one connection: the next stream",
            Quic(two_streams),
            Ask(http="3", follow=True),
        ),
        "h3-retry": _row(
            "Asks you to come again",
            "Retry: the server wants to see that your address is yours",
            Quic(hello, retry=True),
        ),
        "h3-versions": _row(
            "Speaks another version",
            "Version Negotiation: this server has QUIC version 2 only",
            Quic(hello, versions=(V2,)),
        ),
        "h3-early-data": _row(
            "Answers at once",
            "the second time the request is in the first flight (0-RTT)",
            Quic(hello, early_data=True),
            Ask(http="3", resume_session=True),
        ),
        "h3-key-update": _row(
            "Changes its keys", "half of the body under the next keys", Quic(key_update)
        ),
        "alt-svc": Behaviour(
            "Says where else it is",
            "Alt-Svc over TCP, and the next request comes over QUIC",
            advertise,
            OVER_TCP,
            Ask(follow=True),
            quic=Quic(came),
        ),
    },
)

WRONG: Final = Shelf(
    "http3-wrong",
    "HTTP/3, gone wrong",
    "Datagrams get lost, streams and connections end early, and rules are broken.",
    {
        "h3-lossy": _row(
            "Loses datagrams",
            "some of the body has to be sent again",
            Quic(many_datagrams, lost=frozenset({5, 6, 9})),
        ),
        "h3-lost-request": _row(
            "Does not hear the request",
            "the datagram with the request is lost, and what it carried is sent again",
            Quic(many_datagrams, unheard=frozenset({3})),
        ),
        "h3-closed": _row(
            "Closes with a reason", "CONNECTION_CLOSE in place of an answer", Quic(closed)
        ),
        "h3-reset": _row(
            "Resets a stream", "half a body, then RESET_STREAM: the connection stays", Quic(reset)
        ),
        "h3-settings": _row(
            "A setting of HTTP/2",
            "ENABLE_PUSH, which HTTP/3 forbids to send",
            Quic(hello, settings=((ENABLE_PUSH, 0),)),
        ),
        "h3-large-fields": _row(
            "Fields without measure", "a HEADERS frame of 80,000 bytes", Quic(large_fields)
        ),
        "h3-silence": _row(
            "Nobody on UDP", "no datagram is answered; TCP is", Quic(hello, answers=nobody)
        ),
    },
)
