"""The program under signals: what was recorded is saved."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netcore import program
from netcore.interruption import Interruption
from netcore.options import Options
from netcore.trace import AnyEvent, Completed, Failed, StageStarted, Trace, decode
from tests.faults.hostile import HostileServer, reply

pytestmark = pytest.mark.wire

SIZE = 300_000
FIELDS = b"".join(b"x-%d: 1\r\n" % at for at in range(200))  # explained they fill a pipe
BODY = b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (FIELDS, SIZE) + b"x" * SIZE
PIPE = 65_536  # octets that Linux lets a program write before anybody reads
AT_ONCE = (
    "import runpy, netcore.interruption as one; one._ONE_S = 0; "
    "runpy.run_module('netcore', run_name='__main__', alter_sys=True)"
)


def started(tmp_path: Path, url: str) -> subprocess.Popen[bytes]:
    """The program, which writes one export to a pipe and others to files."""
    os.mkfifo(tmp_path / "pipe")
    files = ["--explain", "pipe", "--har", "har", "--pcapng", "pcapng", "--json", "json"]
    command = [sys.executable, "-c", AT_ONCE, url, "--allow-private", *files]
    path = {**os.environ, "PYTHONPATH": os.getcwd()}
    return subprocess.Popen(
        command, cwd=tmp_path, env=path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_signal_while_files_are_written_does_not_stop_it(
    number: signal.Signals, tmp_path: Path
) -> None:
    with (
        HostileServer(reply(BODY)) as server,
        started(tmp_path, f"http://{server.endpoint}/") as process,
    ):
        with (tmp_path / "pipe").open("rb") as pipe:  # waits until it is written
            process.send_signal(number)
            explained = json.loads(pipe.read())
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    assert explained["outcome"]["status_code"] == 200
    assert len(json.dumps(explained)) > 2 * PIPE
    assert sorted(os.listdir(tmp_path)) == ["har", "json", "pcapng", "pipe"]


def test_another_one_stops_it_and_one_line_says_what_is_missing(tmp_path: Path) -> None:
    with (
        HostileServer(reply(BODY)) as server,
        started(tmp_path, f"http://{server.endpoint}/") as process,
        (tmp_path / "pipe").open("rb"),
    ):
        for number in (signal.SIGINT, signal.SIGTERM):
            process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode().splitlines() == [
        "python -m netcore: interrupted before --explain pipe, --har har, --pcapng pcapng "
        "could be written"
    ]
    assert sorted(os.listdir(tmp_path)) == ["json", "pipe"]


OnEvent = Callable[[int, AnyEvent], None]


@pytest.mark.parametrize("events", [[], [StageStarted(0, "target"), StageStarted(7, "dns", 2)]])
def test_an_interruption_that_escapes_the_fetch_loses_nothing(
    events: list[AnyEvent],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def torn(url: str, options: Options, on_event: OnEvent, *, on_body: object) -> Trace:
        for number, event in enumerate(events, start=1):
            on_event(number, event)
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "fetch", torn)
    path = tmp_path / "json"
    status = program.run(["http://x.example/", "--json", str(path)], Interruption())
    assert status == 130
    assert len(capsys.readouterr().err.splitlines()) == 1
    trace = decode(path.read_bytes())
    assert trace.events[:-1] == events
    assert isinstance(trace.outcome, Failed)
    assert (trace.outcome.code, trace.outcome.stage) == (
        "fetch.interrupted",
        "dns" if events else "target",
    )


def test_an_interruption_behind_the_outcome_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def done(url: str, options: Options, on_event: OnEvent, *, on_body: object) -> Trace:
        on_event(1, Completed(9, 200))
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "fetch", done)
    path = tmp_path / "json"
    assert program.run(["http://x.example/", "--json", str(path)], Interruption()) == 0
    assert decode(path.read_bytes()).events == [Completed(9, 200)]
