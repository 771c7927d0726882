"""What ends before a request has left: rules of ours, and wishes that go together badly."""

from __future__ import annotations

from typing import Final

from lab.behaviour import Ask, Behaviour, Named, Shelf
from lab.shelves.basics import plain
from lab.visit import Visit

INJECTED: Final = (("X-Note", "hello\r\nX-Smuggled: yes"),)


def to_a_websocket(visit: Visit) -> None:
    """A redirect from a page to what is none."""
    location = visit.links.get("ws-echo", "ws://ws-echo.lab.test/")
    visit.respond("302 Found", b"Talk to me.\n", (f"Location: {location}",))


SHELF: Final = Shelf(
    "door",
    "Stopped at the door",
    "Some requests are not sent: a rule of ours forbids them, or nobody could write them.",
    {
        "injected-header": Behaviour(
            "A line break in a header",
            "the value would begin a header line of its own",
            plain,
            ask=Ask(headers=INJECTED),
        ),
        "impossible-name": Behaviour(
            "A name that is none",
            "SNI is to say “no such host”, which is no host name",
            plain,
            pretends=True,
            ask=Ask(sni="no such host"),
        ),
        "h3-in-the-clear": Behaviour(
            "HTTP/3 without TLS",
            "http:// and HTTP/3 do not go together",
            plain,
            ask=Ask(http="3"),
        ),
        "to-a-websocket": Behaviour(
            "Redirected to a WebSocket",
            "a page leads to ws://, where no page is",
            to_a_websocket,
            ask=Ask(follow=True),
        ),
    },
    (
        Named(
            "own-machine",
            "Your own machine",
            "localhost is a name that a public service must not fetch",
            "http://localhost/",
            Ask(public=True),
        ),
        Named(
            "mail-port",
            "A port for something else",
            "port 25 is for mail: whoever sends HTTP there may be misunderstood",
            "http://{name}.lab.test:25/",
            Ask(public=True),
        ),
    ),
)
