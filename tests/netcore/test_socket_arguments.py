"""What the options of the command line that are about the socket come to."""

from __future__ import annotations

import pytest

from tests.netcore.test_command_line import given, refused


def test_nothing_is_set_that_nobody_asked_for() -> None:
    assert (given().socket_options, given().recv_size) == ((), 0)


def test_the_names_that_curl_has() -> None:
    told = given("--no-tcp-nodelay", "--keepalive-time", "30", "--keepalive-cnt", "4")
    assert dict(told.socket_options) == {
        "TCP_NODELAY": "0",
        "SO_KEEPALIVE": "1",
        "TCP_KEEPIDLE": "30",
        "TCP_KEEPINTVL": "30",
        "TCP_KEEPCNT": "4",
    }
    assert given("--tcp-nodelay").socket_options == (("TCP_NODELAY", "1"),)
    assert given("--no-keepalive").socket_options == (("SO_KEEPALIVE", "0"),)


def test_any_option_by_its_name_and_the_last_one_holds() -> None:
    told = given("--sockopt", "ip_ttl=9", "--sockopt", "IP_TTL=10", "--recv-size", "1")
    assert (told.socket_options, told.recv_size) == ((("IP_TTL", "10"),), 1)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--sockopt", "IP_TTL=0"), "IP_TTL is a number from 1 to 255"),
        (("--sockopt", "SO_MARK=1"), "is no NAME=VALUE"),
        (("--recv-size", "0"), "is no number from 1 to 1,048,576"),
        (("--keepalive-time", "0"), "TCP_KEEPIDLE is a number from 1"),
        (("--tcp-nodelay", "--no-tcp-nodelay"), "not allowed with"),
    ],
)
def test_what_cannot_be_set_is_wrong_usage(
    arguments: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert why in refused(capsys, *arguments)
