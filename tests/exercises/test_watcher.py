"""What the program around a script writes down of it."""

from __future__ import annotations

import pytest

from exercises.running import Call, run
from exercises.watcher import CALLS

pytestmark = [pytest.mark.wire, pytest.mark.slow]

CONNECT = "import socket, sys\nc = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"


def calls(script: str, target: str = "echo") -> tuple[list[Call], str]:
    """The calls on the connection of a script, from behind its connect, and what it printed."""
    done = run(CONNECT + script, target, "c0de")
    assert done.connections, done.output
    connect, *others = done.connections[0]
    assert connect.name == "connect"
    assert connect.moved > 0
    return others, done.output


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("c.send(b'abc')", "send"),
        ("c.sendall(memoryview(b'abc'))", "sendall"),
        ("c.sendmsg([b'a', b'bc'])", "sendmsg"),
    ],
)
def test_a_write_is_one_call_of_so_many_octets(call: str, name: str) -> None:
    found, output = calls(call)
    assert [(each.name, each.asked, each.moved) for each in found] == [(name, 3, 3)], output


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("c.recv(5)", "recv"),
        ("c.recv_into(bytearray(5))", "recv_into"),
        ("c.recvfrom(5)", "recvfrom"),
        ("c.recvfrom_into(bytearray(5))", "recvfrom_into"),
        ("c.recvmsg(5)", "recvmsg"),
    ],
)
def test_a_read_is_one_call_that_asks_for_more_than_it_gets(call: str, name: str) -> None:
    found, output = calls(f"c.sendall(b'abc')\n{call}")
    assert [(each.name, each.asked, each.moved) for each in found[1:]] == [(name, 5, 3)], output


def test_a_file_made_of_a_socket_is_seen_through() -> None:
    found, output = calls("c.sendall(b'abc\\n')\nprint(c.makefile('rb').readline())")
    assert output == "b'abc\\n'\n"
    assert [(each.name, each.moved) for each in found] == [("sendall", 4), ("recv_into", 4)]


def test_a_timeout_is_written_down_with_its_seconds() -> None:
    found, _ = calls("c.settimeout(0.05)\ntry: c.recv(1)\nexcept TimeoutError: pass")
    assert [(each.name, each.error, each.seconds) for each in found] == [
        ("recv", "TimeoutError", 0.05)
    ]


def test_what_python_says_of_a_wrong_argument_stays_as_it_is() -> None:
    _, output = calls("c.send('text')")
    assert "TypeError: a bytes-like object is required, not 'str'" in output


def test_another_spelling_of_the_import_is_watched_too() -> None:
    script = "from socket import socket as S\nd = S()\nd.connect(c.getpeername())\nd.send(b'x')"
    done = run(CONNECT + script, "echo", "c0de")
    assert [[call.name for call in each] for each in done.connections] == [
        ["connect"],
        ["connect", "send"],
    ], done.output


def test_a_script_that_calls_without_end_is_stopped() -> None:
    output = calls("c.setblocking(False)\nwhile True:\n try: c.recv(1)\n except OSError: pass")[1]
    assert f"more than {CALLS:,} calls" in output


def test_exit_and_main_are_those_of_a_script() -> None:
    done = run(
        "if __name__ == '__main__':\n    print(__file__)\n    raise SystemExit(3)", "big", "a"
    )
    assert (done.output, done.status) == ("script.py\n", 3)
