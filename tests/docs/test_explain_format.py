"""docs/explain-format.md says everything about the document of units, and its examples are real."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from netcore import pdu, units
from netcore.exports.units import FORMAT
from netcore.trace import decode

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "explain-format.md").read_text("utf-8")
SECTIONS: Final = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
EXAMPLE: Final = decode((ROOT / "docs" / "trace-example.jsonl").read_bytes())
DOCUMENT: Final[dict[str, Any]] = json.loads(b"".join(units(EXAMPLE)))


def keys(section: str) -> list[str]:
    """What the section's table lists."""
    return re.findall(r"^\| `(\w+)` \|", SECTIONS[section], re.M)


def quoted(section: str) -> dict[str, Any]:
    """The JSON that the section shows."""
    found = re.search(r"```json\n(.*?)\n```", SECTIONS[section], re.S)
    assert found
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def test_every_key_has_its_row() -> None:
    first = DOCUMENT["pdus"][0]
    assert keys("The document") == list(DOCUMENT)
    assert keys("A unit") == list(first)
    assert keys("How a unit was made") == ["how"]
    assert keys("A field") == list(first["fields"])
    assert all(f"`{key}`" in SECTIONS["A unit"] for key in first["origin"])


def test_every_way_to_make_a_unit_has_its_row() -> None:
    listed = re.findall(r'^\| `"([\w-]+)"` \|', SECTIONS["How a unit was made"], re.M)
    constants = (value for name, value in vars(pdu).items() if name.isupper())
    assert sorted(listed) == sorted(step for step in constants if isinstance(step, str))


def test_the_examples_are_those_of_the_example_trace() -> None:
    assert quoted("The document") == {**DOCUMENT, "pdus": []}
    shown = quoted("A unit")
    assert shown == DOCUMENT["pdus"][shown["number"] - 1]


def test_the_version_is_that_of_the_code() -> None:
    assert f"the version of this format: {FORMAT}." in SECTIONS["The document"]
