"""-d to a WebSocket gives messages; the times that it stays open can be given."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcore.command_line import options, read
from netcore.options import Options


def given(*arguments: str) -> Options:
    return options(read(arguments))


def test_each_d_is_a_message_by_itself_in_order() -> None:
    told = given("ws://a.test/", "-d", "one", "--data", "two&three", "-d", "")
    assert (told.method, told.body, told.messages) == ("GET", None, ("one", "two&three", ""))


def test_to_a_page_it_is_content_as_ever() -> None:
    told = given("http://a.test/", "-d", "one", "-d", "two")
    assert (told.method, told.body, told.messages) == ("POST", b"one&two", ())


def test_a_message_can_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "message"
    file.write_text("first\nsecond\n")
    assert given("wss://a.test/", "-d", f"@{file}").messages == ("firstsecond",)
    assert given("wss://a.test/", "--data-binary", f"@{file}").messages == ("first\nsecond\n",)


def test_the_times_are_limits() -> None:
    limits = given("ws://a.test/", "--quiet-time", "0.5", "--open-time", "7").limits
    assert (limits.quiet_s, limits.websocket_s) == (0.5, 7)
    assert (given("ws://a.test/").limits.quiet_s, given("ws://a.test/").limits.websocket_s) == (
        2,
        30,
    )


@pytest.mark.parametrize(
    "arguments",
    [["ws://a.test/", "-I"], ["ws://a.test/", "--quiet-time", "0"], ["ws://a/", "-d", "\udcff"]],
)
def test_what_makes_no_sense_is_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        read(arguments)
    assert left.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
