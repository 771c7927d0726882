"""docs/acceptance.md has every point with its tests, and these are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "acceptance.md").read_text("utf-8")
NAMED: Final = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
POINTS: Final = 14


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert test in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_every_point_has_its_test() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", PAGE, re.MULTILINE)
    assert [int(point) for point, _ in rows] == list(range(1, POINTS + 1))
    assert all("::" in tests for _, tests in rows)
