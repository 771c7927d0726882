"""The request that carries a question, and what is no answer to it, without a network."""

from __future__ import annotations

from typing import Any, cast

import pytest

from netcore.dns_over_https import DnsOverHttps
from netcore.errors import FetchError
from netcore.name_servers import parse_server
from netcore.options import Limits

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 3\r\n\r\nabc"


class Fake:
    """A connection that gives these octets, cut after each."""

    def __init__(self, octets: bytes) -> None:
        self.queued = b""
        self._octets = octets

    def queue(self, data: bytes) -> None:
        self.queued += data

    def receive(self) -> bytes:
        first, self._octets = self._octets[:1], self._octets[1:]
        return first


def over(octets: bytes, notation: str = "https://192.0.2.1/q") -> tuple[DnsOverHttps, Fake]:
    fake = Fake(octets)
    server = parse_server(notation)
    made = DnsOverHttps(cast(Any, fake), server, "dns.example", Limits(), http2=False)
    return made, fake


@pytest.mark.parametrize(
    ("notation", "host"),
    [("https://192.0.2.1/q", b"dns.example"), ("https://192.0.2.1:8443/q", b"dns.example:8443")],
)
def test_the_question_is_the_content_of_a_post(notation: str, host: bytes) -> None:
    https, fake = over(HEAD % b"application/dns-message", notation)
    assert https.ask(b"a question") == b"abc"
    assert fake.queued.startswith(b"POST /q HTTP/1.1\r\nHost: " + host + b"\r\n")
    assert fake.queued.endswith(b"\r\n\r\na question")
    assert b"application/dns-message" in fake.queued
    assert https.goodbye() == b""


@pytest.mark.parametrize(
    "media_type", [b"Application/DNS-Message", b"application/dns-message; a=b"]
)
def test_the_media_type_is_compared_without_case_and_parameters(media_type: bytes) -> None:
    https, _ = over(HEAD % media_type)
    assert https.ask(b"") == b"abc"


@pytest.mark.parametrize(
    "octets",
    [HEAD % b"text/plain", HEAD.replace(b"200", b"500"), b"", HEAD % b"x" * 100, b"\0\1\2\r\n\r\n"],
)
def test_anything_else_is_no_answer(octets: bytes) -> None:
    https, _ = over(octets)
    with pytest.raises(FetchError) as caught:
        https.ask(b"")
    assert caught.value.code == "dns.http"
    assert caught.value.message.isprintable()
