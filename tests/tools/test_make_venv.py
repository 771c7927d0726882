"""tools/make_venv.sh with Pythons that only pretend: which one it takes, and what it says."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).resolve().parents[2] / "tools" / "make_venv.sh"

PRETENDER: Final = """\
#!/bin/sh
case "$*" in
    *sys.exit*) exit {too_old} ;;
    *ensurepip*) exit {incomplete} ;;
    *print*) echo {version} ;;
    --version) echo "Python {version}.1" ;;
    "-m venv "*) echo "$0" > "$3" ;;
esac
"""


def python(folder: Path, name: str, version: str, *, incomplete: bool = False) -> None:
    """Put a program there that answers as a Python of this version would."""
    too_old = int(tuple(map(int, version.split("."))) < (3, 11))
    text = PRETENDER.format(too_old=too_old, incomplete=int(incomplete), version=version)
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def run(folder: Path, **variables: str) -> tuple[int, str]:
    """The exit status and what was said, with only the pretenders on the PATH."""
    done = subprocess.run(
        ["/bin/sh", str(SCRIPT), str(folder / "made")],
        env={"PATH": str(folder), **variables},
        capture_output=True,
        text=True,
        timeout=20,
    )
    return done.returncode, done.stderr


def made_by(folder: Path) -> str:
    return Path((folder / "made").read_text().strip()).name


def test_the_usual_name_is_taken_if_it_is_new_enough(tmp_path: Path) -> None:
    python(tmp_path, "python3", "3.11")
    python(tmp_path, "python3.13", "3.13")
    assert run(tmp_path) == (0, "")
    assert made_by(tmp_path) == "python3"


def test_a_newer_one_beside_an_old_one_is_found(tmp_path: Path) -> None:
    python(tmp_path, "python3", "3.9")
    python(tmp_path, "python3.12", "3.12")
    assert run(tmp_path) == (0, "")
    assert made_by(tmp_path) == "python3.12"


def test_one_can_be_chosen_by_hand(tmp_path: Path) -> None:
    python(tmp_path, "python3", "3.11")
    python(tmp_path, "mine", "3.14")
    assert run(tmp_path, PYTHON="mine") == (0, "")
    assert made_by(tmp_path) == "mine"


def test_a_python_that_is_too_old_is_named_with_what_is_needed(tmp_path: Path) -> None:
    python(tmp_path, "python3", "3.9")
    status, said = run(tmp_path)
    assert status == 1
    assert "needs Python 3.11 or later" in said
    assert "python3 is Python 3.9.1." in said
    assert "python3-venv" in said


def test_without_any_python_it_says_so(tmp_path: Path) -> None:
    status, said = run(tmp_path)
    assert status == 1
    assert "found none on the PATH" in said


def test_a_python_without_venv_names_debians_package(tmp_path: Path) -> None:
    python(tmp_path, "python3", "3.11", incomplete=True)
    status, said = run(tmp_path)
    assert status == 1
    assert "apt-get install python3.11-venv" in said
    assert not (tmp_path / "made").exists()
