"""The lab's name server inside TLS: DNS over TLS (RFC 7858) and over HTTPS (RFC 8484)."""

from __future__ import annotations

from typing import Final

from lab.authority import Authority, issue
from lab.behaviour import Behaviour
from lab.certificates import Chain
from lab.dns import Answers, converse
from lab.http import LabServer
from lab.log import Log
from lab.streams import Asked, Streams
from lab.tls import Tls
from lab.visit import Connection, Visit

MEDIA_TYPE: Final = "application/dns-message"
PATH: Final = "/dns-query"


def for_the_address(authority: Authority, host: str) -> Chain:
    """For the name and for the address that all lab servers have."""
    return Chain(issue(authority.root, host, (host, "127.0.0.1")))


class DnsOverTls(LabServer):
    """Answers queries, each behind its length, inside TLS. `notation` is for --dns-server."""

    def __init__(self, zone: Answers, authority: Authority, log: Log | None = None) -> None:
        """Bind the port. In: what it knows, who signs its certificate, where calls are noted."""
        tls = Tls(certify=for_the_address, alpn=("dot",))
        behaviour = Behaviour("", "", lambda visit: None, tls)
        super().__init__("over-tls.dns", authority=authority, behaviour=behaviour, log=log)
        self._zone = zone
        self.notation = f"tls://{self.endpoint}"

    def _answer_all(self, connection: Connection) -> None:
        converse(connection, self._zone)


class DnsOverHttps(LabServer):
    """Answers queries that are the content of a POST. `notation` is for --dns-server."""

    def __init__(self, zone: Answers, authority: Authority, log: Log | None = None) -> None:
        """Bind the port. In: what it knows, who signs its certificate, where calls are noted."""
        tls = Tls(certify=for_the_address, alpn=("h2", "http/1.1"))
        behaviour = Behaviour("", "", self._visited, tls, streams=self._asked)
        super().__init__("over-https.dns", authority=authority, behaviour=behaviour, log=log)
        self._zone = zone
        self.notation = f"https://{self.endpoint}{PATH}"

    def _visited(self, visit: Visit) -> None:
        request = visit.request
        response = self._response(request.method, request.target, request.body)
        if response:
            visit.respond("200 OK", response, media_type=MEDIA_TYPE)
        else:
            visit.respond("400 Bad Request", b"A POST with a DNS query is answered here.\n")

    def _asked(self, streams: Streams, asked: Asked) -> None:
        response = self._response(asked.method, asked.path, asked.body)
        if not response:
            streams.respond(asked, 400, b"A POST with a DNS query is answered here.\n")
            return
        length = ("content-length", str(len(response)))
        streams.begin(asked, 200, (("content-type", MEDIA_TYPE), length))
        streams.h2.send_data(asked.stream, response, end_stream=True)

    def _response(self, method: str, path: str, query: bytes) -> bytes:
        if (method, path) != ("POST", PATH):
            return b""
        return self._zone.answer(query, in_datagram=False)
