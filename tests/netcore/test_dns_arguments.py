"""The options of the command line that are about names."""

from __future__ import annotations

import pytest

from netcore.command_line import options, read


def test_what_is_given_is_what_the_fetch_is_told() -> None:
    given = read(
        [
            *("--dns-server", "tls://192.0.2.1", "--dns-name", "dns.example", "--dns-trace"),
            *("--dns-root", "192.0.2.2:5353", "--dns-root", "2001:db8::1", "http://a.example/"),
        ]
    )
    told = options(given)
    assert (told.dns_server, told.dns_name) == ("tls://192.0.2.1", "dns.example")
    assert told.dns_trace
    assert told.dns_roots == ("192.0.2.2:5353", "2001:db8::1")


@pytest.mark.parametrize(("given", "family"), [("-4", "4"), ("--ipv6", "6")])
def test_one_version_of_ip_is_asked_for_as_curl_does(given: str, family: str) -> None:
    assert options(read([given, "http://a.example/"])).family == family


def test_nothing_given_is_the_systems_resolver_over_udp() -> None:
    told = options(read(["http://a.example/"]))
    assert (told.dns_server, told.dns_name, told.dns_trace, told.dns_roots) == ("", "", False, ())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--dns-server", "dns.example"],
        ["--dns-server", "quic://192.0.2.1"],
        ["--dns-server", "\udcff"],
        ["--dns-root", "tls://192.0.2.1"],
        ["--dns-root", "root"],
    ],
)
def test_what_is_no_resolver_is_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        read([*arguments, "http://a.example/"])
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
