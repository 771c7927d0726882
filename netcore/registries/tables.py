"""Reading the registry files that stand beside this module."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from pathlib import Path

_HERE = Path(__file__).parent


def read_numbers(file: str) -> dict[str, dict[int, str]]:
    """The tables of a TOML file: name of the table -> number -> registered name."""
    tables = tomllib.loads((_HERE / file).read_text("utf-8"))
    return {
        name: {int(number, 0): text for number, text in table.items()}
        for name, table in tables.items()
    }


def read_rows(file: str) -> Iterator[list[str]]:
    """The rows of a CSV file, without its comments and the row of column names."""
    lines = (_HERE / file).read_text("utf-8").splitlines()
    rows = csv.reader(line for line in lines if not line.startswith("#"))
    next(rows)
    yield from rows
