"""The README and CONTRIBUTING name what exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from lab import Lab
from netcore import __main__ as command_line

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/dependencies.md",
    "docs/trace-format.md",
    "docs/explain-format.md",
    "docs/har.md",
    "docs/again.md",
    "docs/peers.md",
)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_file_that_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_is_named_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = re.findall(r"(?:`|^ {4})make ([a-z]+)", (ROOT / page).read_text("utf-8"), re.M)
    assert set(named) <= targets


def test_every_option_that_the_readme_names_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.main(["--help"])
    known = set(re.findall(r"(?<!\S)--?[a-zA-Z-]+", capsys.readouterr().out))
    text = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"`(--?[a-zA-Z-]+)", text)) | set(re.findall(r" (--[a-z-]+) ", text))
    assert {"-L", "-o", "--json", "--allow-private"} <= named
    assert named - {"--help"} <= known


@pytest.mark.wire
@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_the_lab_has_as_many_targets_and_shelves_as_are_told(lab: Lab, page: str) -> None:
    told = re.findall(r"(\d+) targets on (\d+) shelves", (ROOT / page).read_text("utf-8"))
    assert told == [(str(len(lab.targets)), str(len(lab.shelves)))]
