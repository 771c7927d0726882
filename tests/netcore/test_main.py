"""The command line: what it prints, writes and exits with."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from netcore.__main__ import main
from netcore.trace import Completed, Failed, decode
from tests.faults.hostile import HostileServer, receive_request, reply
from tests.netcore.exports.archive import errors

pytestmark = pytest.mark.wire

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"


def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "netcore", *arguments], capture_output=True, timeout=30, check=False
    )


def test_the_default_is_the_timeline_in_80_columns_without_colour(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with HostileServer(reply(HELLO)) as server:
        assert main([f"http://{server.endpoint}/", "--allow-private"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "200 OK" in out
    assert "hello" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_any_complete_response_is_a_success() -> None:
    with HostileServer(reply(b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n")) as server:
        assert main([f"http://{server.endpoint}/", "--allow-private"]) == 0


def test_the_content_goes_to_a_file_and_the_trace_to_another(tmp_path: Path) -> None:
    body, saved = tmp_path / "body", tmp_path / "trace.jsonl"
    with HostileServer(reply(HELLO)) as server:
        url = f"http://{server.endpoint}/"
        assert main([url, "--allow-private", "-o", str(body), "--json", str(saved)]) == 0
    assert body.read_bytes() == b"hello"
    assert isinstance(decode(saved.read_bytes()).outcome, Completed)


@pytest.mark.usefixtures("nothing_left")
def test_a_dash_is_standard_output_and_nothing_else_goes_there() -> None:
    with HostileServer(reply(HELLO)) as server:
        url = f"http://{server.endpoint}/"
        body = run(url, "--allow-private", "-o", "-")
        saved = run(url, "--allow-private", "--json", "-")
    assert (body.returncode, body.stdout, body.stderr) == (0, b"hello", b"")
    assert isinstance(decode(saved.stdout).outcome, Completed)


def test_a_failure_is_one_line_and_the_exports_are_written_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body, saved = tmp_path / "body", tmp_path / "trace.jsonl"
    with HostileServer(reply(CUT), listening=True) as server:
        url = f"http://{server.endpoint}/"
        arguments = [url, "--allow-private", "-o", str(body), "--json", str(saved)]
        assert main([*arguments, "--max-time", "0.5"]) == 1
    _, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "limit.total" in err
    assert body.read_bytes() == b"hello"
    outcome = decode(saved.read_bytes()).outcome
    assert isinstance(outcome, Failed)
    assert outcome.code == "limit.total"


def test_without_allow_private_this_machine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with HostileServer(reply(HELLO)) as server:
        assert main([f"http://{server.endpoint}/"]) == 1
        assert server.sent == []
    _, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "guard." in err


def test_data_makes_it_a_post_and_headers_do_as_with_curl(tmp_path: Path) -> None:
    requests: list[bytes] = []

    def note(connection: socket.socket) -> None:
        request = receive_request(connection)
        requests.append(request + (b"" if b"c=d" in request else connection.recv(100)))
        connection.sendall(HELLO)

    content = tmp_path / "data"
    content.write_bytes(b"c=\r\nd\n")
    with HostileServer(note) as server:
        url = f"http://{server.endpoint}/"
        data = ["-d", "a=b", "-d", f"@{content}"]
        assert main([url, "--allow-private", *data, "-H", "Accept:", "-H", "X-Own: 1"]) == 0
    head, _, body = requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST / HTTP/1.1\r\n")
    assert b"\r\nAccept:" not in head
    assert b"\r\nX-Own: 1" in head
    assert b"\r\nContent-Type: application/x-www-form-urlencoded" in head
    assert body == b"a=b&c=d"


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["http://a.example/", "--nonsense"],
        ["http://a.example/", "-H", "nothing"],
        ["http://a.example/", "--max-time", "soon"],
        ["http://a.example/", "--resolve", "a.example"],
        ["http://a.example/", "--dns-server", "dns.example"],
        ["http://a.example/", "--cacert", "/nonexistent"],
        ["http://a.example/", "-d", "@/nonexistent"],
        ["http://\udcff/"],
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1


FILES = ("--json", "--explain", "--har", "--pcapng", "--python", "--curl")


def asked_for(directory: Path) -> list[str]:
    """Options for one export of each kind."""
    return [each for option in FILES for each in (option, str(directory / option[2:]))]


def assert_whole(directory: Path, code: str) -> None:
    """Each export is there, can be read, and tells that failure; "ok" for none."""
    outcome = decode((directory / "json").read_bytes()).outcome
    assert (outcome.code if isinstance(outcome, Failed) else "ok") == code
    explained = json.loads((directory / "explain").read_bytes())
    assert explained["outcome"].get("code", "ok") == code
    assert errors(json.loads((directory / "har").read_bytes())) == []
    assert (directory / "pcapng").read_bytes().startswith(b"\x0a\x0d\x0d\x0a")
    compile((directory / "python").read_bytes(), "script.py", "exec")
    assert b"curl " in (directory / "curl").read_bytes()
    assert sorted(os.listdir(directory)) == sorted(option[2:] for option in FILES)


def test_all_exports_at_once(tmp_path: Path) -> None:
    with HostileServer(reply(HELLO)) as server:
        url = f"http://{server.endpoint}/"
        assert main([url, "--allow-private", *asked_for(tmp_path)]) == 0
    assert_whole(tmp_path, "ok")


@pytest.mark.parametrize(
    ("url", "more", "code"),
    [
        ("http://{endpoint}/", [], "guard.blocked_address"),
        ("no scheme", [], "guard.bad_url"),
        ("http://{endpoint}/", ["-X", "NO WAY"], "http.bad_request"),
        ("http://{closed}/", ["--allow-private"], "tcp.refused"),
        ("https://{endpoint}/", ["--allow-private"], "tls.not_tls"),
        ("http://{endpoint}/", ["--allow-private"], "http.incomplete_body"),
    ],
)
def test_a_failure_of_any_stage_leaves_every_export(
    url: str, more: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def cut(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(CUT)

    closed = HostileServer(cut, listening=False)
    with HostileServer(cut) as server, closed:
        url = url.format(endpoint=server.endpoint, closed=closed.endpoint)
        assert main([url, *more, *asked_for(tmp_path)]) == 1
    assert_whole(tmp_path, code)
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert f"({code})" in err


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize(
    ("signals", "status"),
    [
        ([signal.SIGINT], 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM], 130),
    ],
)
def test_an_interrupted_fetch_leaves_every_export(
    signals: list[signal.Signals], status: int, tmp_path: Path
) -> None:
    asked = threading.Event()

    def say_nothing(connection: socket.socket) -> None:
        receive_request(connection)
        asked.set()
        connection.recv(1)

    with HostileServer(say_nothing) as server:
        command = [sys.executable, "-m", "netcore", f"http://{server.endpoint}/"]
        options = ["--allow-private", *asked_for(tmp_path)]
        with subprocess.Popen([*command, *options], stderr=subprocess.PIPE) as process:
            assert asked.wait(20)
            for each in signals:
                process.send_signal(each)
            _, err = process.communicate(timeout=20)
    assert process.returncode == status
    assert len(err.splitlines()) == 1
    assert b"(fetch.interrupted)" in err
    assert_whole(tmp_path, "fetch.interrupted")


@pytest.mark.parametrize(("number", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("module", ["netcore.client", "msgspec", "netcore.terminal"])
def test_an_interruption_while_modules_are_loaded_is_one_line(
    module: str, number: str, status: int
) -> None:
    program = (
        "import os, runpy, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.{number})\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "runpy.run_module('netcore', run_name='__main__', alter_sys=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "http://127.0.0.1:1/"],
        capture_output=True,
        timeout=30,
        check=False,
    )
    said = b"python -m netcore: interrupted before it had begun\n"
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", said)


@pytest.mark.parametrize("option", ["-o", *FILES])
@pytest.mark.parametrize("path", ["/nonexistent/file", "/dev/full"])
def test_a_file_that_cannot_be_written_is_a_failure_and_the_others_are_written(
    option: str, path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with HostileServer(reply(HELLO)) as server:
        url = f"http://{server.endpoint}/"
        assert main([url, "--allow-private", *asked_for(tmp_path), option, path]) == 1
    _, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert f"{path} cannot be written" in err
    written = {each[2:] for each in FILES if each != option}
    assert set(os.listdir(tmp_path)) == written


def test_an_empty_content_that_cannot_be_written_is_a_failure_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with HostileServer(reply(b"HTTP/1.1 204 None\r\n\r\n")) as server:
        url = f"http://{server.endpoint}/"
        assert main([url, "--allow-private", "-o", "/nonexistent/file"]) == 1
    assert "/nonexistent/file cannot be written" in capsys.readouterr().err


def test_a_library_that_warns_of_what_a_server_sent_is_not_heard() -> None:
    program = (
        "import sys, warnings; import netcore.program as program\n"
        "from netcore.interruption import Interruption\n"
        "fetch = program.fetch\n"
        "def warning(*given, **named):\n"
        "    warnings.warn('an odd serial number')\n"
        "    return fetch(*given, **named)\n"
        "program.fetch = warning\n"
        "sys.exit(program.run(sys.argv[1:], Interruption()))"
    )
    with HostileServer(reply(HELLO)) as server:
        arguments = [f"http://{server.endpoint}/", "--allow-private", "-o", "-"]
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, timeout=30
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"hello", b"")


def test_a_fault_of_an_export_is_one_line_and_the_others_are_written(tmp_path: Path) -> None:
    program = (
        "import runpy; import netcore.exports.har as faulty; faulty.har = lambda trace: 1 / 0; "
        "runpy.run_module('netcore', run_name='__main__', alter_sys=True)"
    )
    with HostileServer(reply(HELLO)) as server:
        arguments = [f"http://{server.endpoint}/", "--allow-private", *asked_for(tmp_path)]
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, timeout=30
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert b"--har" in done.stderr
    assert set(os.listdir(tmp_path)) == {option[2:] for option in FILES} - {"har"}


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("options", [[], ["-o", "-"], ["--har", "-"], ["--explain", "-"]])
def test_a_reader_that_has_gone_is_one_line_and_the_files_are_written(
    options: list[str], tmp_path: Path
) -> None:
    files = [each for each in asked_for(tmp_path) if options[:1] != [each]]
    if len(files) % 2:
        files.remove(str(tmp_path / options[0][2:]))
    with HostileServer(reply(HELLO)) as server:
        reading, writing = os.pipe()
        os.close(reading)
        arguments = [f"http://{server.endpoint}/", "--allow-private", *files, *options]
        with os.fdopen(writing, "wb") as gone:
            done = subprocess.run(
                [sys.executable, "-m", "netcore", *arguments],
                stdout=gone,
                stderr=subprocess.PIPE,
                timeout=30,
                check=False,
            )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert b"standard output cannot be written: Broken pipe" in done.stderr
    assert len(os.listdir(tmp_path)) == len(files) // 2


def test_a_large_content_is_streamed_in_constant_memory(tmp_path: Path) -> None:
    size, piece = 64 << 20, bytes(1 << 20)

    def send(connection: socket.socket) -> None:
        receive_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(piece)):
            connection.sendall(piece)

    measure = "import resource, sys; from netcore.__main__ import main; main(); print(" + (
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )
    peaks = []
    for converse in (reply(HELLO), send):
        with HostileServer(converse) as server:
            arguments = [f"http://{server.endpoint}/", "--allow-private", "-o", "/dev/null"]
            done = subprocess.run(
                [sys.executable, "-c", measure, *arguments], capture_output=True, timeout=60
            )
        peaks.append(int(done.stderr))
    # Up to 16 MiB of the channel are kept, and each octet of it is held twice at most.
    assert peaks[1] - peaks[0] < 40 << 10


@pytest.mark.usefixtures("nothing_left")
def test_no_octet_of_a_hostile_server_reaches_the_terminal_raw() -> None:
    evil = b"\x1b]0;owned\x07\x9b31m"
    head = b"HTTP/1.1 200 " + b"O\x85K" + b"\r\nContent-Length: %d\r\n\r\n" % len(evil)
    with HostileServer(reply(head, evil)) as server:
        done = run(f"http://{server.endpoint}/", "--allow-private")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert b"\x9b" not in done.stdout.decode().encode("latin-1", "replace")
