"""What is read before a question is asked: resolv.conf, --resolve, --dns-server."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcore.errors import FetchError
from netcore.name_servers import parse_resolve, parse_server, system_resolvers


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
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
    ],
)
def test_a_resolver_is_an_address_with_or_without_a_port(
    text: str, expected: tuple[str, int]
) -> None:
    assert parse_server(text) == expected


@pytest.mark.parametrize(
    "text", ["", "dns.example", "192.0.2.1:x", "192.0.2.1:0", "[::1]x:5", "::1%lo"]
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
