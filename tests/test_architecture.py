"""The size of things, the partner of each module, and the imports that no contract can state.

What import-linter can state is in pyproject.toml. A list of exceptions here may only shrink.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
ROOMS: Final = ("netcore", "web", "exercises", "lab")
FILE_LINES: Final = 400
FUNCTION_LINES: Final = 40

# A module without a test file of its own, and what tests it instead.
WITHOUT_PARTNER: Final[dict[str, str]] = {
    "netcore/__init__.py": "tests/netcore/test_lab_traces.py",
    "netcore/body_clock.py": "tests/faults/test_faults.py",
    "netcore/connection.py": "tests/faults/test_faults.py",
    "netcore/decoders.py": "tests/netcore/test_content_coding.py",
    "netcore/dissect/opaque.py": "tests/netcore/dissect/test_dissectors.py",
    "netcore/dissect/tls_extensions.py": "tests/netcore/dissect/test_tls_handshake.py",
    "netcore/dissect/tls_vectors.py": "tests/netcore/dissect/test_tls_handshake.py",
    "netcore/capture/capturing.py": "tests/netcore/capture/test_helper.py",
    "netcore/capture/privileges.py": "tests/netcore/capture/test_helper.py",
    "netcore/capture/ring.py": "tests/netcore/capture/test_helper.py",
    "netcore/dissect/checksums.py": "tests/netcore/dissect/test_ip.py",
    "netcore/dissect/icmp.py": "tests/netcore/dissect/test_ip.py",
    "netcore/dissect/tcp_segment.py": "tests/netcore/dissect/test_ip.py",
    "netcore/dissect/udp_datagram.py": "tests/netcore/dissect/test_ip.py",
    "netcore/errors.py": "tests/netcore/test_guard.py",
    "netcore/framing/tls.py": "tests/netcore/test_pdus.py",
    "netcore/pdu.py": "tests/netcore/test_pdus.py",
    "netcore/protocols/chunked.py": "tests/netcore/protocols/test_http1.py",
    "netcore/protocols/head.py": "tests/netcore/protocols/test_http1.py",
    "netcore/protocols/message_body.py": "tests/netcore/protocols/test_http1.py",
    "netcore/protocols/tls_failure.py": "tests/netcore/protocols/test_tls.py",
    "netcore/protocols/tls_records.py": "tests/netcore/protocols/test_tls.py",
    "netcore/wire.py": "tests/peers/test_octets_equal_the_capture.py",
    "web/addresses.py": "tests/web/handshake/test_story.py",
    "web/facts.py": "tests/web/test_pages.py",
    "web/feed.py": "tests/web/test_live.py",
    "web/listing.py": "tests/web/test_pages.py",
    "web/panes.py": "tests/web/test_pages.py",
    "web/parts.py": "tests/web/test_live.py",
    "web/tale.py": "tests/web/test_live.py",
    "web/tracing.py": "tests/web/test_jobs.py",
    "web/views.py": "tests/web/test_pages.py",
    "lab/stop.py": "tests/lab/test_http.py",
    "lab/visit.py": "tests/lab/test_http.py",
}

# Modules that connect, listen or wait by themselves, and who may import them all the same.
CONNECTING: Final[dict[str, tuple[str, ...]]] = {
    "asyncio": (),
    "dns.asyncquery": (),
    "dns.query": (),
    "dns.resolver": (),
    "ftplib": (),
    "http.client": (),
    "http.server": (),
    "requests": (),
    "select": ("netcore/wire.py", "netcore/capture/", "lab/"),
    "selectors": ("netcore/wire.py", "lab/"),
    "smtplib": (),
    "socket": ("netcore/wire.py", "netcore/capture/ring.py", "lab/", "exercises/watcher.py"),
    "socketserver": (),
    "ssl": (
        "netcore/protocols/tls.py",
        "netcore/protocols/tls_context.py",
        "netcore/protocols/tls_verdict.py",
        "lab/",
    ),
    "telnetlib": (),
    "urllib.request": (),
    "urllib3": (),
    "xmlrpc.client": (),
}

NAMELESS: Final = {"utils", "util", "common", "core", "base", "helpers", "misc"}


def sources(*folders: str) -> list[Path]:
    """The Python files of these folders, relative to the root."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in found]


OURS: Final = [Path("app.py"), *sources(*ROOMS)]
ALL_PYTHON: Final = [*OURS, *sources("tools", "tests")]
SCRIPTS: Final = [
    path.relative_to(ROOT)
    for folder in ("static", "tests")
    for path in sorted((ROOT / folder).rglob("*.js"))
]


def text(path: Path) -> str:
    """What a file says."""
    return (ROOT / path).read_text("utf-8")


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(text(path), str(path))


def imported(path: Path) -> Iterator[str]:
    """Every module, and every name out of a module, that a file imports, with dots."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def partner(path: Path) -> Path:
    """Where the tests of a module are."""
    return Path("tests", *path.parent.parts, f"test_{path.stem.strip('_')}.py")


def has_functions(path: Path) -> bool:
    """Whether there is a function to test."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(parsed(path)))


def test_the_lists_of_files_are_not_empty() -> None:
    assert len(OURS) > 60
    assert len(SCRIPTS) > 5


def test_a_file_fits_in_the_head() -> None:
    lines = {str(path): len(text(path).splitlines()) for path in [*ALL_PYTHON, *SCRIPTS]}
    assert {path: count for path, count in lines.items() if count > FILE_LINES} == {}


def test_a_function_fits_on_a_screen() -> None:
    lengths = {
        f"{path} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in ALL_PYTHON
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in lengths.items() if count > FUNCTION_LINES} == {}


def test_a_file_is_named_after_what_it_does() -> None:
    assert [path for path in ALL_PYTHON if NAMELESS & {path.stem, *path.parent.parts}] == []


def test_every_module_has_its_test_file_or_is_listed_with_what_tests_it() -> None:
    alone = {
        str(path) for path in OURS if has_functions(path) and not (ROOT / partner(path)).exists()
    }
    assert sorted(alone) == sorted(WITHOUT_PARTNER), "add the tests, or shorten the list"


def test_what_tests_a_listed_module_exists() -> None:
    assert [name for name in WITHOUT_PARTNER.values() if not (ROOT / name).exists()] == []


def test_nothing_connects_but_the_wire_and_the_lab() -> None:
    wrong = {
        (str(path), name)
        for path in OURS
        for name in imported(path)
        if name in CONNECTING and not str(path).startswith(CONNECTING[name])
    }
    assert wrong == set()


def test_no_import_is_made_behind_the_back_of_the_contracts() -> None:
    hidden = re.compile(r"\bimport_module\b|\b__import__\b")
    allowed = {"netcore/__init__.py"}  # loads each public name when it is first used
    assert {str(path) for path in OURS if hidden.search(text(path))} == allowed


def test_work_that_is_left_over_is_not_noted_in_the_code() -> None:
    note = re.compile(r"\b(TODO|FIXME|XXX)\b")
    paths = [*OURS, *sources("tools"), *SCRIPTS]
    assert [str(path) for path in paths if note.search(text(path))] == []
