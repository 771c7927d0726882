"""`python -m exercises`."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from exercises.__main__ import main
from exercises.exercise import Exercise, find
from exercises.line import read_line

pytestmark = [pytest.mark.wire, pytest.mark.slow]


@pytest.fixture
def exercise() -> Exercise:
    found = find("sockets", 1)
    assert found
    return found


@pytest.fixture
def mine(tmp_path: Path, exercise: Exercise) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(exercise.show)
    return path


def test_a_prediction_is_asked_for_first_and_told_afterwards(
    mine: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("4096\n"))
    assert main(["sockets", "1", str(mine)]) == 0
    out = capsys.readouterr().out
    assert out.index("Your prediction:") < out.index("Your script printed:")
    assert "You predicted: 4096" in out
    assert "[x] The script received every byte of the response" in out
    assert "For the page" not in out


def test_with_the_code_of_a_page_the_last_line_is_for_it(
    mine: Path, exercise: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    mine.write_text(exercise.starter)
    assert main(["sockets", "1", str(mine), "--code", "c0de"]) == 1
    out = capsys.readouterr().out
    assert "Your prediction" not in out
    assert "[ ] The script received every byte" in out
    facts = read_line(out.splitlines()[-1], "sockets/1", "c0de")
    assert f"You got {facts['script.received']:,} of {facts['lab.sent']:,} bytes." in out


@pytest.mark.parametrize(
    ("number", "content", "said"),
    [
        ("0", "", "sockets 0 has no script"),
        ("99", "", "sockets 99 has no script"),
        ("1", None, "cannot be read"),
        ("1", "#" * 20_001, "longer than 20,000 bytes"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    number: str,
    content: str | None,
    said: str,
) -> None:
    path = tmp_path / "mine.py"
    if content is not None:
        path.write_text(content)
    assert main(["sockets", number, str(path)]) == 2
    assert said in capsys.readouterr().err
