"""First conversations: a question, an answer, and what can stand between them."""

from __future__ import annotations

import ssl
from typing import Final

from lab.behaviour import Ask, Behaviour, Shelf
from lab.tls import Tls
from lab.visit import TEXT, Visit

PLAIN_BODY: Final = b"""\
Hello from the lab.

You are reading the body of an HTTP/1.1 response. The empty line above it
ended the head, and Content-Length said how many octets would follow: 286.
When the last of them had arrived, the response was over, although the
connection stayed open for the next request.
"""


def plain(visit: Visit) -> None:
    """One body of a known length."""
    visit.respond("200 OK", PLAIN_BODY)


def secure(visit: Visit) -> None:
    """One body of a known length, for servers whose point is the handshake."""
    visit.respond("200 OK", b"Between the two of us this line was readable, elsewhere not.\n")


def redirect(visit: Visit) -> None:
    """Two redirects: to another path of this server, then to another server."""
    if visit.request.target == "/second":
        location = visit.links.get("plain", "/arrived")
    elif visit.request.target == "/arrived":
        plain(visit)
        return
    else:
        location = "/second"
    _send_on(visit, location)


def keep_alive(visit: Visit) -> None:
    """Two redirects that stay here, so that one connection can carry all three requests."""
    onward = {"/1": "/2", "/2": "/3"}.get(visit.request.target)
    if onward:
        _send_on(visit, onward)
        return
    count = f"This is answer number {visit.requests} on this connection.\n"
    visit.respond("200 OK", count.encode())


def _send_on(visit: Visit, location: str) -> None:
    body = f"What you asked for is at {location}\n".encode()
    visit.respond("302 Found", body, (f"Location: {location}",))


SLOW_BODY: Final = b"The head came at once. This line was held back.\n"


def slow(visit: Visit) -> None:
    """The head at once, the body when the server feels like it."""
    headers = (f"Content-Type: {TEXT}", f"Content-Length: {len(SLOW_BODY)}")
    if visit.begin("200 OK", headers):
        visit.wait(visit.hold_s)
        visit.send(SLOW_BODY)


CONTINUE_BODY: Final = b"You said that I may send this."
EXPECT: Final = ("Expect", "100-continue")


def continue_100(visit: Visit) -> None:
    """Say whether the client asked before it sent. `Visit` has said 100 by now."""
    octets = visit.request.body_octets
    if visit.asked_first:
        text = f"You asked, I said 100, and {octets:,} octets followed.\n"
    elif octets:
        text = f"{octets:,} octets came without a question before them.\n"
    else:
        text = "Send a body with Expect: 100-continue, and I shall be asked first.\n"
    visit.respond("200 OK", text.encode())


HINT_S: Final = 0.06
HINTS: Final = ("Link: </style.css>; rel=preload; as=style",)


def early_hints(visit: Visit) -> None:
    """An interim answer that says what the final one will need, then that one."""
    if visit.request.minor > 0:  # HTTP/1.0 has no interim answers
        visit.send(visit.head("103 Early Hints", HINTS, interim=True))
        visit.wait(HINT_S)
    visit.respond("200 OK", b"The hint came while this was being made.\n", HINTS)


SHELF: Final = Shelf(
    "basics",
    "First conversations",
    "A question, an answer, and what can stand between them.",
    {
        "plain": Behaviour("Hello, HTTP/1.1", "one request, one answer, nothing hidden", plain),
        "tls13": Behaviour(
            "Hello, TLS 1.3",
            "the same over TLS 1.3: one round trip, then all is encrypted",
            secure,
            Tls(minimum=ssl.TLSVersion.TLSv1_3),
        ),
        "redirect": Behaviour(
            "Redirect chain", "two answers that say: ask elsewhere", redirect, ask=Ask(follow=True)
        ),
        "keep-alive": Behaviour(
            "Kept alive",
            "three requests that can share one connection",
            keep_alive,
            ask=Ask("/1", follow=True),
        ),
        "again": Behaviour(
            "Asked three times",
            "the same page three times: only the first request has to connect",
            plain,
            ask=Ask(times=3),
        ),
        "slow": Behaviour("Slow server", "the head at once, the body after three seconds", slow),
        "early-hints": Behaviour(
            "Early hints", "an answer before the answer: 103, then 200", early_hints
        ),
        "100-continue": Behaviour(
            "Asks first",
            "a POST that asks before its body: Expect, 100, then 200",
            continue_100,
            ask=Ask(method="POST", headers=(EXPECT,), body=CONTINUE_BODY),
        ),
    },
)
