"""The rule that nothing is skipped unseen, on small test runs of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MARKED = """
import pytest
@pytest.mark.{mark}
def test_one():
    pytest.skip("it is not installed")
"""
MARKED_FIXTURE = """
import pytest
@pytest.fixture
def server():
    pytest.skip("it is not installed")
@pytest.mark.peer
def test_one(server): ...
"""
WHOLE_FILE = """
import pytest
pytest.skip("it is not installed", allow_module_level=True)
"""
EXPECTED_FAILURE = """
import pytest
@pytest.mark.peer
@pytest.mark.xfail(reason="it is not installed")
def test_one(): assert False
"""


def run(folder: Path, test: str, required: str) -> tuple[int, str]:
    """The exit status and the output of a run of one file under our rule."""
    (folder / "conftest.py").write_text("from tests.no_skips import *\n")
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(
        [*command, "-W", "ignore", f"--rootdir={folder}"],
        env=os.environ
        | {"WIRETALE_REQUIRE_PEERS": required, "PYTHONPATH": str(ROOT)}
        | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # a second of each start
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "test", [MARKED.format(mark="peer"), MARKED.format(mark="browser"), MARKED_FIXTURE, WHOLE_FILE]
)
def test_a_skip_fails_where_everything_has_to_be_there(tmp_path: Path, test: str) -> None:
    status, output = run(tmp_path, test, required="1")
    assert status != 0
    assert "it is not installed" in output
    assert "allows no skip" in output
    status, output = run(tmp_path, test, required="")
    assert status in (0, 5)  # 5: nothing was left to run
    assert "1 skipped" in output


@pytest.mark.slow
@pytest.mark.parametrize("test", [MARKED.format(mark="wire"), EXPECTED_FAILURE])
def test_other_skips_and_expected_failures_are_left_alone(tmp_path: Path, test: str) -> None:
    assert run(tmp_path, test, required="1")[0] == 0
