"""Loading: what speaks a protocol is loaded once a fetch may speak it, before anything is timed.

A fetch of HTTP/1 in the clear needs none of them; without them the client loads a fifth faster.
"""

from __future__ import annotations

from netcore.options import Options
from netcore.quic_opening import load as load_http3
from netcore.websocket_opening import is_websocket

_IN_THE_CLEAR = "http:"


def load_for(url: str, options: Options) -> None:
    """Load what the first connections of a fetch may speak. In: the URL as a person typed it."""
    if options.http == "3":
        load_http3()
    begins_in_the_clear = url.strip().lower().startswith(_IN_THE_CLEAR)
    load_http2(options.http, secure=not begins_in_the_clear)
    if options.dns_server.startswith("https:"):
        load_http2("2", secure=True)
    if is_websocket(url):
        import netcore.websocket_exchange  # noqa: F401


def load_http2(http: str, *, secure: bool) -> None:
    """Load what speaks HTTP/2, if a connection may speak it.

    In: `http`, the version that was asked for; `secure`, whether TLS comes before it.
    """
    if http in ("2", "h2c-upgrade") or (secure and http == "auto"):
        import netcore.protocols.http2  # noqa: F401
