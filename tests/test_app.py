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

from app import bind, create_app, main
from netcore.options import Options
from netcore.trace import Trace

ROOT = Path(__file__).resolve().parent.parent


def nothing(url: str, options: Options, on_event: object = None, **_: object) -> Trace:
    return Trace(url, "", options, [])


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "lab.example"])
def test_private_targets_are_refused_where_others_can_reach_the_app(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--host", host, "--allow-private", "--no-lab"]) == 2
    said = capsys.readouterr().err
    assert "--allow-private is refused" in said
    assert "Bind it to 127.0.0.1" in said


def test_private_targets_are_refused_in_public(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PUBLIC", "1")
    assert main(["--allow-private", "--no-lab"]) == 2
    said = capsys.readouterr().err
    assert "Leave PUBLIC unset" in said
    assert "Bind it" not in said


def test_the_page_says_that_private_targets_are_allowed(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path, "FETCH": nothing, "ALLOW_PRIVATE": True})
    assert "Private addresses are allowed" in app.test_client().get("/").text
    app.extensions["tracing"].close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_scripts_are_not_run_where_others_can_reach_the_app(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["--host", host, "--scripts", "--no-lab"]) == 2
    assert "--scripts is refused: others could run programs" in capsys.readouterr().err
    monkeypatch.setenv("PUBLIC", "1")
    assert main(["--scripts"]) == 2
    assert "--scripts is refused" in capsys.readouterr().err


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
    """The address that an application in a process of its own tells last."""
    command = [sys.executable, "app.py", "--port", "18765", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(1 + arguments.count("--scripts"))]
            yield lines[-1].split()[-1]
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=20) == 0


@pytest.mark.wire
@pytest.mark.slow
def test_one_command_serves_the_page_and_the_lab_and_ends_cleanly() -> None:
    with served() as address, urllib.request.urlopen(f"{address}", timeout=10) as answer:
        assert address.startswith("http://127.0.0.1:")
        assert "Start here, offline" in answer.read().decode()


@pytest.mark.wire
@pytest.mark.slow
def test_scripts_are_run_for_whoever_opens_the_address_that_is_printed() -> None:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with served("--no-lab", "--scripts") as address:
        page = "/learn/sockets/2"
        with urllib.request.urlopen(address.partition("/learn")[0] + page, timeout=10) as answer:
            assert "<textarea" not in answer.read().decode()
        with opener.open(address, timeout=10) as answer:
            assert answer.url.endswith("/learn")
        with opener.open(address.partition("/learn")[0] + page, timeout=10) as answer:
            assert "<textarea" in answer.read().decode()


@pytest.mark.parametrize(
    ("host", "public", "anywhere"),
    [("127.0.0.1", "", True), ("127.0.0.1", "1", False), ("0.0.0.0", "", False)],
)
def test_only_ones_own_machine_sends_what_changes_something_anywhere(
    monkeypatch: pytest.MonkeyPatch, host: str, public: str, anywhere: bool
) -> None:
    class Made(Exception):
        """In place of a server: the configuration is all that is asked for."""

    def make(config: dict[str, object]) -> None:
        assert config["ANY_METHOD"] is anywhere
        assert ("TRUSTED_HOSTS" in config) is anywhere  # a proxy passes on names of its own
        raise Made

    monkeypatch.setattr("app.create_app", make)
    monkeypatch.setenv("PUBLIC", public)
    with pytest.raises(Made):
        main(["--host", host, "--no-lab"])
