"""Which Chromium is taken, where several or none are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import find_chromium
from tools.find_chromium import find


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def nothing_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WIRETALE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(find_chromium, "SYSTEM_PATHS", ())


def test_playwrights_own_comes_before_the_systems(tmp_path: Path) -> None:
    system = program(tmp_path / "chromium")
    own = program(tmp_path / "chrome")
    assert find(own) == Path(own)
    assert find(str(tmp_path / "not downloaded")) == Path(system)


def test_the_one_that_was_named_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = program(tmp_path / "mine")
    monkeypatch.setenv("WIRETALE_CHROMIUM", named)
    assert find(program(tmp_path / "chrome")) == Path(named)


def test_what_cannot_be_run_is_none(tmp_path: Path) -> None:
    (tmp_path / "chromium").write_text("not a program")
    assert find(str(tmp_path)) is None
    assert find("") is None
