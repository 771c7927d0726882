"""What is read before a question is asked: resolv.conf, --resolve, --dns-server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netcore.errors import FetchError
from netcore.name_servers import NameServer, parse_resolve, parse_server, system_resolvers


def test_the_first_three_name_servers_of_resolv_conf_are_used(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# a comment\nsearch example.com\nnameserver 192.0.2.1\nnameserver nonsense\n"
        "nameserver\nnameserver fe80::1%eth0\nnameserver 2001:db8::1 # here\n"
        "options ndots:5\nnameserver 192.0.2.2\nnameserver 192.0.2.3\n"
    )
    assert system_resolvers(path) == ["192.0.2.1", "2001:db8::1", "192.0.2.2"]


def test_without_resolv_conf_this_machine_is_asked(tmp_path: Path) -> None:
    assert system_resolvers(tmp_path / "nothing") == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.1", ("udp", "192.0.2.1", 53)),
        ("192.0.2.1:5353", ("udp", "192.0.2.1", 5353)),
        ("2001:db8::1", ("udp", "2001:db8::1", 53)),
        ("[2001:db8::1]", ("udp", "2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("udp", "2001:db8::1", 5353)),
        ("udp://192.0.2.1", ("udp", "192.0.2.1", 53)),
        ("tcp://192.0.2.1", ("tcp", "192.0.2.1", 53)),
        ("tls://192.0.2.1", ("tls", "192.0.2.1", 853)),
        ("tls://[2001:db8::1]:8530", ("tls", "2001:db8::1", 8530)),
        ("https://192.0.2.1", ("https", "192.0.2.1", 443, "/dns-query")),
        ("https://192.0.2.1/", ("https", "192.0.2.1", 443, "/dns-query")),
        ("https://192.0.2.1:8443/resolve", ("https", "192.0.2.1", 8443, "/resolve")),
    ],
)
def test_a_resolver_is_an_address_and_how_it_is_asked(text: str, expected: tuple[Any, ...]) -> None:
    assert parse_server(text) == NameServer(*expected)


def test_a_resolver_is_shown_with_its_port() -> None:
    assert parse_server("tls://[2001:db8::1]").endpoint == "[2001:db8::1]:853"
    assert parse_server("192.0.2.1").endpoint == "192.0.2.1:53"
    assert parse_server("tls://192.0.2.1").is_encrypted
    assert not parse_server("tcp://192.0.2.1").is_encrypted


@pytest.mark.parametrize(
    "text",
    [
        *("", "dns.example", "192.0.2.1:x", "192.0.2.1:0", "[::1]x:5", "::1%lo"),
        *("tls://", "quic://192.0.2.1", "https://192.0.2.1/a b", "tls://192.0.2.1/a"),
        *("//192.0.2.1", "https://192.0.2.1/\n", "https://dns.example/dns-query"),
    ],
)
def test_anything_else_is_no_resolver(text: str) -> None:
    with pytest.raises(FetchError):
        parse_server(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example.COM:443:192.0.2.1", ("example.com", 443, ["192.0.2.1"])),
        ("example.com.:80:[2001:db8::1]", ("example.com", 80, ["2001:db8::1"])),
        ("a.example:80:192.0.2.1,::1", ("a.example", 80, ["192.0.2.1", "::1"])),
    ],
)
def test_resolve_takes_what_curl_takes(text: str, expected: tuple[str, int, list[str]]) -> None:
    assert parse_resolve(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a.example", "a.example:80", "a.example:80:b.example", ":80:::1"]
)
def test_resolve_without_its_three_parts_is_refused(text: str) -> None:
    with pytest.raises(FetchError):
        parse_resolve(text)
