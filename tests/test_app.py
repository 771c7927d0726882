"""The process: where it listens, and what it refuses to be."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app import bind, create_app, is_loopback, main
from netcore.options import Options
from netcore.trace import Trace

ROOT = Path(__file__).resolve().parent.parent


def nothing(url: str, options: Options, on_event: object = None) -> Trace:
    return Trace(url, "", options, [])


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("lab.example", False),
    ],
)
def test_only_loopback_is_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "lab.example"])
def test_private_targets_are_refused_where_others_can_reach_the_app(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--host", host, "--allow-private", "--no-lab"]) == 2
    assert "--allow-private is refused" in capsys.readouterr().err


def test_private_targets_are_refused_in_public(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PUBLIC", "1")
    assert main(["--allow-private", "--no-lab"]) == 2
    assert "PUBLIC" in capsys.readouterr().err


def test_the_page_says_that_private_targets_are_allowed(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path, "FETCH": nothing, "ALLOW_PRIVATE": True})
    assert "Private addresses are allowed" in app.test_client().get("/").text
    app.extensions["tracing"].close()


@pytest.mark.wire
def test_a_taken_port_is_followed_by_the_next_free_one(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path, "FETCH": nothing})
    first = bind(app, "127.0.0.1", 0)
    second = bind(app, "127.0.0.1", first.port)
    assert second.port > first.port
    first.server_close()
    second.server_close()
    app.extensions["tracing"].close()


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """The address of an application in a process of its own."""
    command = [sys.executable, "app.py", "--port", "18765", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0


@pytest.mark.wire
@pytest.mark.slow
def test_one_command_serves_the_page_and_the_lab_and_ends_cleanly() -> None:
    with served() as address, urllib.request.urlopen(f"{address}", timeout=10) as answer:
        assert address.startswith("http://127.0.0.1:")
        assert "Start here, offline" in answer.read().decode()
