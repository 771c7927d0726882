"""tcp://host:port and udp://host:port."""

from __future__ import annotations

import pytest

from netcore.errors import Refused
from netcore.raw_target import is_raw, parse_raw


def test_a_host_and_a_port_are_all_that_there_is() -> None:
    target = parse_raw(" TCP://Example.COM:0007/ ")
    assert (target.url, target.scheme, target.host, target.port) == (
        "tcp://example.com:7",
        "tcp",
        "example.com",
        7,
    )
    assert parse_raw("udp://[::1]:80").url == "udp://[::1]:80"
    assert parse_raw("udp://192.0.2.1:53").address == "192.0.2.1"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("tcp://example.com", "guard.bad_url"),
        ("tcp://example.com:", "guard.bad_url"),
        ("tcp://example.com:0", "guard.bad_url"),
        ("tcp://example.com:7/path", "guard.bad_url"),
        ("tcp://example.com/a:7", "guard.bad_url"),
        ("tcp://example.com:7#a:7", "guard.bad_url"),
        ("tcp://user@example.com:7", "guard.bad_url"),
        ("tcp://0x7f.1:7", "guard.bad_host"),
        ("tcp://exa mple.com:7", "guard.bad_url"),
        ("http://example.com:7", "guard.bad_url"),
    ],
)
def test_anything_else_is_refused(url: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_raw(url)
    assert caught.value.code == code


def test_other_schemes_are_not_bare() -> None:
    assert is_raw("udp://x:1")
    assert not is_raw("http://x:1")
    assert not is_raw("tcpx://x:1")
