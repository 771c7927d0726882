"""The line that goes from a terminal to the page."""

from __future__ import annotations

import pytest

from exercises.line import BadLine, read_line, write_line

FACTS = {"lab.sent": 45_812, "script.ended": True, "script.end": "ended by itself", "x": 1}
WANTED = ["lab.sent", "missing", "script.end", "script.ended"]
LINE = write_line("sockets/3", "c0de", FACTS, WANTED)


def test_the_facts_come_back_as_they_were() -> None:
    told = {name: FACTS[name] for name in WANTED if name in FACTS}
    assert read_line(LINE, "sockets/3", "c0de") == told


def test_a_terminal_may_break_the_line() -> None:
    assert read_line(f" {LINE[:30]}\n  {LINE[30:]}\r\n", "sockets/3", "c0de")["lab.sent"] == 45_812


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "not the line"),
        ("hello", "not the line"),
        ("sockets/3?a=1", "not the line"),
        (LINE + "x" * 1_000, "not the line"),
        (LINE.replace("sockets/3", "sockets/2"), "belongs to sockets/2"),
        (LINE.replace("45812", "45813"), "another code than c0de"),
        (LINE[:-1], "another code than c0de"),
        (write_line("sockets/3", "other", FACTS, WANTED), "another code than c0de"),
        ("sockets/3?a=é&proof=é", "another code than c0de"),
    ],
)
def test_another_line_is_refused_with_the_reason(line: str, message: str) -> None:
    with pytest.raises(BadLine, match=message):
        read_line(line, "sockets/3", "c0de")
