"""The command line: what it prints, writes and exits with."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from netcore.__main__ import main
from netcore.trace import Completed, Failed, decode
from tests.faults.hostile import HostileServer, receive_request, reply

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


@pytest.mark.parametrize("option", ["-o", "--json"])
def test_a_file_that_cannot_be_written_is_a_failure(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with HostileServer(reply(HELLO)) as server:
        url = f"http://{server.endpoint}/"
        assert main([url, "--allow-private", option, "/nonexistent/file"]) == 1
    _, err = capsys.readouterr()
    assert len(err.splitlines()) == 1
    assert "/nonexistent/file cannot be written" in err


@pytest.mark.usefixtures("nothing_left")
def test_no_octet_of_a_hostile_server_reaches_the_terminal_raw() -> None:
    evil = b"\x1b]0;owned\x07\x9b31m"
    head = b"HTTP/1.1 200 " + b"O\x85K" + b"\r\nContent-Length: %d\r\n\r\n" % len(evil)
    with HostileServer(reply(head, evil)) as server:
        done = run(f"http://{server.endpoint}/", "--allow-private")
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert b"\x9b" not in done.stdout.decode().encode("latin-1", "replace")
