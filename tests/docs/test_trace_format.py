"""docs/trace-format.md says everything about the saved form, and its examples are real."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest

from netcore.options import COMMAND_LINE_LIMITS, Lab, Limits, Options
from netcore.trace import FORMAT, STAGES, AnyEvent, Completed, decode, encode, encode_events

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "trace-format.md").read_text("utf-8")
EXAMPLE: Final = ROOT / "docs" / "trace-example.jsonl"
SECTIONS: Final = dict(re.findall(r"^#{2,3} ([^\n]+)\n(.*?)(?=^#{2,3} |\Z)", PAGE, re.M | re.S))
KINDS: Final[tuple[type[msgspec.Struct], ...]] = get_args(AnyEvent)
CODE: Final = re.compile(
    r'"((?:guard|dns|tcp|udp|tls|h1|h2|h3|quic|ws|chunk|http|decode|limit|redirect|output|fetch)\.[a-z_0-9]+)"'
)


def rows(section: str) -> list[list[str]]:
    """The cells of the section's table, its head left out."""
    lines = [line for line in SECTIONS[section].splitlines() if line.startswith("| `")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split(" | ")] for line in lines]


def default(field: msgspec.structs.FieldInfo) -> str:
    """How the page writes the default of a field of an event."""
    if field.required:
        return "always"
    return json.dumps(msgspec.to_builtins(field.default))


def quoted(section: str) -> dict[str, Any]:
    """The line of JSON that the section shows."""
    found = re.search(r"```json\n(.*?)\n```", SECTIONS[section], re.S)
    assert found
    read: dict[str, Any] = json.loads(found.group(1))
    return read


def test_there_is_a_section_for_each_kind_and_for_no_other() -> None:
    shown = re.findall(r"^### (\w+)$", PAGE.partition("## The events")[2], re.M)
    assert sorted(shown) == sorted(kind.__name__ for kind in KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_table_of_a_kind_names_each_field_with_its_default(kind: type[msgspec.Struct]) -> None:
    expected = [[field.name, default(field)] for field in msgspec.structs.fields(kind)]
    assert [row[:2] for row in rows(kind.__name__)] == expected


def test_the_tables_of_the_first_line_name_each_field() -> None:
    head = json.loads(EXAMPLE.read_bytes().splitlines()[0])
    assert [row[0] for row in rows("The first line")] == list(head)
    assert [row[0] for row in rows("Options")] == list(Options.__struct_fields__)
    assert [row[0] for row in rows("Limits")] == list(Limits.__struct_fields__)
    lab = next(row for row in rows("Options") if row[0] == "lab")
    assert all(f"`{name}`" in lab[-1] for name in Lab.__struct_fields__)


def test_the_limits_are_those_of_the_code() -> None:
    page, command_line = Limits(), COMMAND_LINE_LIMITS
    for name, first, second, _ in rows("Limits"):
        assert json.loads(first.replace(",", "")) == getattr(page, name), name
        assert json.loads(second.replace(",", "")) == getattr(command_line, name), name


def test_stages_and_the_version_are_those_of_the_code() -> None:
    row = next(row for row in rows("StageStarted") if row[0] == "stage")
    assert re.findall(r'"(\w+)"', row[2]) == list(STAGES)
    assert f"`format` is {FORMAT}." in SECTIONS["Versions"]


def test_every_code_of_a_failure_is_listed() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "netcore").rglob("*.py"))
    in_code = {code for code in CODE.findall(sources) if not code.endswith(".toml")}
    listed = {f"{of}.{name}" for of, names in rows("Codes of failures") for name in names.split()}
    assert in_code
    assert {code.replace("`", "") for code in listed} == in_code


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_line_that_is_shown_for_a_kind_decodes(kind: type[msgspec.Struct]) -> None:
    shown = quoted(kind.__name__)
    assert shown["kind"] == kind.__name__
    event = msgspec.json.decode(json.dumps(shown), type=kind)
    assert json.loads(encode_events([event])) == shown  # type: ignore[list-item]


def test_the_example_is_a_whole_trace_that_loads_back_equal() -> None:
    octets = EXAMPLE.read_bytes()
    trace = decode(octets)
    assert isinstance(trace.outcome, Completed)
    assert len(octets.splitlines()) == len(trace.events) + 1
    assert decode(encode(trace)) == trace


def test_the_lines_of_python_run() -> None:
    program = re.search(r"```python\n(.*?)```", PAGE, re.S)
    assert program
    assert len(program.group(1).strip().splitlines()) <= 8
    done = subprocess.run(
        [sys.executable, "-c", program.group(1)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("https://tls13.lab.test")
