"""The script of octets that were typed: it sends exactly these, and prints what comes back."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec
import pytest

from netcore import Limits, Options, Trace, fetch
from netcore.exports.python_script import python_script
from netcore.exports.script_raw import raw_script
from netcore.trace import Failed
from tests.faults.hostile import Datagram, HostileResolver, HostileServer
from tests.netcore.exports.test_python_script import run

pytestmark = [pytest.mark.wire, pytest.mark.slow]

TYPED = b"one line\r\n\0\xff'\"\\" + b"and a longer one" * 9
OPTIONS = Options(raw=TYPED, allow_private=True, any_port=True, limits=Limits(silence_s=0.5))


def lines_of_code(script: str) -> list[str]:
    return [line for line in script.splitlines() if line.strip() and not line.startswith("#")]


def test_over_tcp_the_same_octets_go_out_and_the_answer_is_printed(tmp_path: Path) -> None:
    heard: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        octets = b""
        while len(octets) < len(TYPED):
            octets += connection.recv(65_536)
        heard.append(octets)
        connection.sendall(b"an answer\xff")

    with HostileServer(converse) as server:
        trace = fetch(f"tcp://{server.endpoint}", OPTIONS)
        script = b"".join(python_script(trace))
        ran = run(script, tmp_path)
    assert heard == [TYPED, TYPED]
    assert (ran.status, ran.out, ran.err) == (0, b"an answer\xff", "")
    assert len(lines_of_code(script.decode())) < 25


@pytest.mark.parametrize("typed", [TYPED, b""])
def test_over_udp_the_same_datagram_goes_out_and_each_answer_is_printed(
    typed: bytes, tmp_path: Path
) -> None:
    heard: list[bytes] = []

    def answer(octets: bytes) -> list[Datagram]:
        heard.append(octets)
        return [Datagram(b"one, "), Datagram(b""), Datagram(b"two")]

    with HostileResolver(answer) as server:
        options = msgspec.structs.replace(OPTIONS, raw=typed)
        trace = fetch(f"udp://{server.address}", options)
        ran = run(b"".join(python_script(trace)), tmp_path)
    assert heard == [typed, typed]
    assert (ran.status, ran.out, ran.err) == (0, b"one, two", "")


def test_where_nobody_takes_a_datagram_the_script_says_so_too(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    trace = fetch(f"udp://127.0.0.1:{port}", OPTIONS)
    assert isinstance(trace.outcome, Failed)
    script = raw_script(trace)
    assert "# In the recording it failed: " in script
    ran = run(script.encode(), tmp_path)
    assert (ran.status, ran.out) == (1, b"")
    assert "nothing takes the datagram" in ran.err


def test_what_was_refused_or_not_kept_is_a_script_that_says_so(tmp_path: Path) -> None:
    refused = fetch("tcp://10.0.0.1:9", msgspec.structs.replace(OPTIONS, allow_private=False))
    with HostileServer(lambda connection: None) as server:
        limits = Limits(silence_s=0.05, kept_octets=50)
        cut = fetch(f"tcp://{server.endpoint}", msgspec.structs.replace(OPTIONS, limits=limits))
    for trace, why in ((refused, "nothing was sent: "), (cut, "the recording kept 50")):
        ran = run(b"".join(python_script(trace)), tmp_path)
        assert (ran.status, ran.out) == (1, b"")
        assert why in ran.err


def test_nothing_of_the_url_or_the_failure_becomes_code() -> None:
    with HostileResolver(lambda octets: []) as server:
        limits = Limits(silence_s=0.05)
        trace = fetch(f"udp://{server.address}", msgspec.structs.replace(OPTIONS, limits=limits))
    assert isinstance(trace.outcome, Failed)
    hostile = "x\nimport os\r\x0c\x85\u2028'''"
    trace.events[-1] = msgspec.structs.replace(trace.outcome, message=hostile)
    made = Trace(trace.url + hostile, hostile, trace.options, trace.events)
    script = raw_script(made)
    compile(script, "script.py", "exec")
    assert not any("import os" in line for line in lines_of_code(script))
