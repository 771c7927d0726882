"""Pins, imports and docs/dependencies.md tell the same."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path
from typing import Final

from tools.install_peers import PACKAGES

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
OURS: Final = {"app", "exercises", "lab", "netcore", "tests", "tools", "web"}
PIN: Final = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;]+)(?:; python_version < \S+)?$", re.M)


def pins(file: str) -> tuple[dict[str, str], dict[str, str]]:
    """The versions that a requirements file names: of what we import, and of what that needs."""
    used, _, needed = (ROOT / file).read_text("utf-8").partition("# Needed by those")
    return dict(PIN.findall(used)), dict(PIN.findall(needed))


def listed(section: str) -> dict[str, str]:
    """Package and version of each row of the section's table."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| ([\w-]+) \| (\d[\d.]*) \|", text, re.M))


def normal(name: str) -> str:
    """A package's name as the registry compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_page_lists_what_we_use_with_the_pinned_version() -> None:
    assert listed("To run") == pins("requirements.txt")[0]
    assert listed("To test and to check") == pins("requirements-dev.txt")[0]


def test_the_page_lists_the_programs_that_tests_run_against() -> None:
    text = PAGE.partition("## Programs that tests run against")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| (\S+) \| (\S+) \|", text, re.M)) - {("program", "Debian")} >= {
        *PACKAGES.items(),
        ("Chromium", "chromium-headless-shell"),
    }


def test_what_is_installed_is_what_is_pinned() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for group in pins(file):
            assert {name: version(name) for name in group} == group


def test_everything_that_a_pinned_package_needs_is_pinned() -> None:
    for files in (["requirements.txt"], ["requirements.txt", "requirements-dev.txt"]):
        names = {name for file in files for group in pins(file) for name in group}
        pinned = {normal(name) for name in names}
        for name in names:
            for requirement in requires(name) or []:
                wanted, _, marker = requirement.partition(";")
                if not marker:
                    needed = re.match(r"[A-Za-z0-9_.-]+", wanted)
                    assert needed
                    assert normal(needed.group()) in pinned, f"{name} needs {wanted}"


def test_the_program_imports_nothing_but_what_is_pinned_for_running() -> None:
    files = [
        ROOT / "app.py",
        *(f for r in ("netcore", "web", "exercises", "lab") for f in (ROOT / r).rglob("*.py")),
    ]
    modules = {
        name.partition(".")[0]
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    origin = packages_distributions()
    # Python 3.14 has in `compression` what is pinned for older ones.
    foreign = modules - set(sys.stdlib_module_names) - OURS - {"compression"}
    used = {normal(name) for module in foreign for name in origin[module]}
    assert used == {normal(name) for name in pins("requirements.txt")[0]}
