"""What of a fetch's options holds for a WebSocket, and what cannot be asked of one."""

from __future__ import annotations

import msgspec

from netcore.errors import FetchError
from netcore.options import Options
from netcore.outbox import Outbox
from netcore.request import Request
from netcore.target import Target


class Talk(msgspec.Struct, frozen=True):
    """What is to be said on a WebSocket: first `messages`, then what somebody types."""

    messages: tuple[str, ...] = ()
    outbox: Outbox | None = None
    follows: bool = False  # whether an answer that redirects is followed


def is_websocket(url: str) -> bool:
    """Whether a URL as a person typed it, or its beginning, has the scheme ws or wss."""
    return url.strip(" \t\r\n").lower().startswith(("ws:", "wss:"))


def websocket_options(url: str, options: Options) -> Options:
    """The options, for a WebSocket with the one version of HTTP that it is opened in here.

    RFC 8441 opens one on a stream of HTTP/2; that is not done here.
    """
    return msgspec.structs.replace(options, http="1.1") if is_websocket(url) else options


def check_opening(request: Request, options: Options) -> None:
    """Hold what was asked for to what a WebSocket begins with: a GET without content.

    Raises: FetchError http.bad_request.
    """
    if request.method != "GET":
        why = f"A WebSocket is opened by a GET, and {request.method} was asked for."
        raise FetchError("http.bad_request", why)
    if request.content is not None:
        raise FetchError("http.bad_request", "The request that opens a WebSocket has no content.")
    longest = max((len(text.encode()) for text in options.messages), default=0)
    if longest > options.limits.message_octets:
        most = options.limits.message_octets
        raise FetchError(
            "http.bad_request",
            f"A message has {longest:,} octets, and at most {most:,} are sent in one.",
        )


def check_kind(here: Target, there: Target) -> None:
    """Hold a redirect to what a response can lead to.

    Raises: FetchError http.unsupported_scheme where one of HTTP leads to a WebSocket.
    """
    if there.is_websocket and not here.is_websocket:
        raise FetchError(
            "http.unsupported_scheme",
            f"The response leads to {there.scheme}://, where no page is: a WebSocket is opened by "
            "who asks for one, not by a redirect.",
        )
