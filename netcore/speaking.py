"""Speaking: which version of HTTP a connection speaks, and what of it lasts between requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netcore.options import Limits
from netcore.protocols.http1 import Http1
from netcore.recorder import Recorder
from netcore.request import FieldLines, Request

if TYPE_CHECKING:
    from netcore.protocols.http2 import Http2
    from netcore.protocols.http3 import Http3
    from netcore.protocols.websocket import WebSocket

_OF_AN_UPGRADE = frozenset({"connection", "upgrade", "http2-settings"})


def _http2(limits: Limits) -> Http2:
    from netcore.protocols.http2 import Http2

    return Http2(limits)


class Speaking:
    """The version of one connection.

    In: `http2`, whether it speaks HTTP/2 from its first octet; `upgrade`, whether its first
    request asks to switch to that; `http3`, what speaks HTTP/3 on it; `websocket`, whether its
    requests open a WebSocket.
    """

    def __init__(
        self,
        recorder: Recorder,
        limits: Limits,
        *,
        http2: bool = False,
        upgrade: bool = False,
        http3: Http3 | None = None,
        websocket: bool = False,
    ) -> None:
        self.http3 = http3
        self.http2 = _http2(limits) if http2 else None
        self.is_websocket = websocket
        self.websocket: WebSocket | None = None  # once it is open
        self._chose = recorder.chose
        self._limits = limits
        self._upgrade = upgrade
        self._offered: Http2 | None = None

    def begin(self, request: Request) -> Http1 | Http2 | Http3:
        """What reads the response to the next request."""
        if self.http3 is not None:
            return self.http3
        if self.http2 is not None:
            return self.http2
        self._offered = _http2(self._limits) if self._may_ask(request) else None
        if self.is_websocket:
            return Http1(self._limits, switches="websocket")
        return Http1(self._limits, request.version, switches="h2c" if self._offered else "")

    def _may_ask(self, request: Request) -> bool:
        """Whether this request asks to switch: the first one does, with no such fields already."""
        if not self._upgrade:
            return False
        self._upgrade = False
        given = {name.lower().removesuffix(":") for name, _ in request.user_fields}
        if given & _OF_AN_UPGRADE:
            why = "The request was given fields of its own that an upgrade is made of."
            self._chose("http version", "1.1", why)
            return False
        return True

    def upgrade_fields(self) -> FieldLines:
        """The fields that ask to switch (RFC 7540 §3.2), none if nothing is asked."""
        if self._offered is None:
            return ()
        why = "The request goes out in HTTP/1.1 and asks to switch to HTTP/2 without TLS (h2c)."
        self._chose("http version", "h2c-upgrade", why)
        return (
            ("Connection", "Upgrade, HTTP2-Settings"),
            ("Upgrade", "h2c"),
            ("HTTP2-Settings", self._offered.offer_upgrade()),
        )

    def switch(self, request: Request) -> Http2:
        """The server has switched: from here on HTTP/2 is spoken."""
        assert self._offered is not None
        self.http2, self._offered = self._offered, None
        self.http2.upgraded(request.method)
        why = "The server switched (101): its answer to this request is stream 1."
        self._chose("http version", "2", why)
        return self.http2

    def note_answer(self) -> None:
        """A final answer has begun; if it was asked to switch, the server did not."""
        if self._offered is not None:
            self._offered = None
            why = "The server answered without switching: HTTP/1.1 goes on."
            self._chose("http version", "1.1", why)

    def goodbye(self) -> bytes | None:
        """The last octets before the connection is closed: GOAWAY, Close; None in HTTP/1."""
        if self.websocket is not None:
            return self.websocket.data_to_send()
        return self.http2.close() if self.http2 is not None else None
