"""What the command line sends by hand."""

from __future__ import annotations

import pytest

from netcore.command_line import options, read
from netcore.options import Options


def told(*arguments: str) -> Options:
    return options(read(arguments))


def test_what_is_typed_is_sent_and_any_port_is_allowed() -> None:
    asked = told("tcp://example.com:7", "--raw", r"GET / HTTP/1.0\r\n\r\n")
    assert (asked.raw, asked.any_port, asked.body) == (b"GET / HTTP/1.0\r\n\r\n", True, None)
    assert told("udp://example.com:7", "-d", r"a\n").raw == rb"a\n"
    assert told("udp://example.com:7").raw == b""


def test_a_request_is_none_of_it() -> None:
    asked = told("http://example.com/", "-d", "a")
    assert (asked.raw, asked.any_port, asked.body) == (None, False, b"a")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("http://example.com/", "--raw", "x"), "--raw is for tcp:// and udp://"),
        (("tcp://example.com:7", "--raw", "x", "-d", "y"), "both say what is sent"),
        (("tcp://example.com:7", "-H", "A: b"), "send octets and no request"),
        (("tcp://example.com:7", "--raw", r"\q"), "means nothing"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    arguments: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        read(arguments)
    assert why in capsys.readouterr().err
