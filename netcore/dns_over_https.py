"""Questions in requests of HTTP: DNS over HTTPS (RFC 8484), one after the other on a connection.

The question is the content of a POST, so that the trace shows it as what it is; GET would have it
in the path, in base64url. Its id is 0 (§4.1): the connection tells which answer is whose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from netcore.connection import Connection
from netcore.errors import FetchError
from netcore.name_servers import NameServer
from netcore.options import Limits
from netcore.protocols.dns import MESSAGE_OCTETS
from netcore.protocols.http1 import Broken, Content, End, Head, Http1, HttpEvent

if TYPE_CHECKING:
    from netcore.protocols.http2 import Http2

MEDIA_TYPE: Final = "application/dns-message"  # RFC 8484 §6
_OK: Final = 200


class DnsOverHttps:
    """Asks a resolver in HTTP/2, or in HTTP/1.1 where that was agreed on.

    In: `name`, the host in the URI of the resolver.
    """

    def __init__(
        self, connection: Connection, server: NameServer, name: str, limits: Limits, *, http2: bool
    ) -> None:
        self._connection = connection
        self._server = server
        self._limits = limits
        host = f"[{name}]" if ":" in name else name
        self._authority = host if server.port == 443 else f"{host}:{server.port}"
        self._http2: Http2 | None = None
        if http2:
            from netcore.protocols.http2 import Http2

            self._http2 = Http2(limits)

    def ask(self, question: bytes) -> bytes:
        """One question. Out: the message of the answer.

        Raises: FetchError dns.http, or with a code of tcp or tls, or of a deadline that passed.
        """
        fields = (
            ("Host", self._authority),
            ("Accept", MEDIA_TYPE),
            ("Content-Type", MEDIA_TYPE),
            ("Content-Length", str(len(question))),
        )
        http: Http1 | Http2
        if self._http2 is not None:
            http = self._http2
            http.start("POST", self._server.path, fields, question, "https")
            http.send_content()
            self._connection.queue(http.data_to_send())
        else:
            http = Http1(self._limits)
            self._connection.queue(
                b"".join(http.start("POST", self._server.path, fields, question))
            )
        return self._answer(http)

    def goodbye(self) -> bytes:
        """The last octets before the connection is closed."""
        return self._http2.close() if self._http2 is not None else b""

    def _answer(self, http: Http1 | Http2) -> bytes:
        message = b""
        while True:
            for event in http.receive(self._connection.receive() or b""):
                if isinstance(event, End):
                    return message
                message += self._content(event)
                if len(message) > MESSAGE_OCTETS:
                    raise self._failed("its answer is longer than any DNS message")
            if self._http2 is not None:
                self._connection.queue(self._http2.data_to_send())

    def _content(self, event: HttpEvent) -> bytes:
        """The octets of the content in an event. Raises: FetchError dns.http."""
        if isinstance(event, Broken):
            raise self._failed(f"what it said is no response: {event.message.rstrip('.')}")
        if isinstance(event, Head):
            self._check(event)
        return event.data if isinstance(event, Content) else b""

    def _check(self, head: Head) -> None:
        """RFC 8484 §4.2.1: a status of success, and a DNS message in it."""
        media_type = (head.values("content-type") or ["none"])[0].partition(";")[0].strip()
        if head.status_code != _OK:
            raise self._failed(f"it answered with status {head.status_code}")
        if media_type.lower() != MEDIA_TYPE:
            raise self._failed(f"its answer has the media type {media_type[:60]!a}, no DNS message")

    def _failed(self, what: str) -> FetchError:
        where = f"https://{self._authority}{self._server.path}"
        return FetchError("dns.http", f"The resolver at {where} did not answer by DNS: {what}.")
