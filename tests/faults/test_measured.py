"""What the most greedy servers make a fetch cost: memory, computing, descriptors, trace."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.faults.hostile import Converse, HostileServer, receive_request, repeat, reply
from tests.faults.rows.compression import GZIP, brotli_bomb, coded, gzip_bomb, zstd_bomb

ROOT: Final = Path(__file__).parents[2]
MIB: Final = 1 << 20
OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"
SMALL: Final = OK + b"Content-Length: 5\r\nConnection: close\r\n\r\nsmall"

GREEDY: Final[dict[str, tuple[str, Callable[[], Converse]]]] = {
    "H1-05 an endless line": ("h1.header_too_large", lambda: repeat(OK + b"X: ", b"a" * 65_536)),
    "H1-25 an endless body": ("limit.body", lambda: repeat(OK + b"\r\n", b"a" * 65_536)),
    "H1-29 endless 100": (
        "limit.interim",
        lambda: repeat(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000),
    ),
    "CHK-05 chunks of one octet": (
        "limit.chunks",
        lambda: repeat(CHUNKED, b"1\r\na\r\n" * 10_000),
    ),
    "CMP-01 gzip": ("limit.decoded", lambda: reply(coded(b"gzip", gzip_bomb()))),
    "CMP-03 zstd": ("limit.decoded", lambda: reply(coded(b"zstd", zstd_bomb()))),
    "CMP-03 br": ("limit.decoded", lambda: reply(coded(b"br", brotli_bomb()))),
    "CMP-09 junk": ("limit.body", lambda: reply(coded(b"gzip", GZIP + b"junk" * 2_500_000))),
}


def but_for_small(converse: Converse) -> Converse:
    """The conversation, or a small page for who asks for that."""

    def choose(connection: socket.socket) -> None:
        if b"/small" in connection.recv(65_536, socket.MSG_PEEK):
            receive_request(connection)
            connection.sendall(SMALL)
        else:
            converse(connection)

    return choose


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("name", GREEDY)
def test_a_greedy_server_costs_a_bounded_amount(name: str) -> None:
    code, build = GREEDY[name]
    with HostileServer(but_for_small(build())) as server:
        url = f"http://{server.endpoint}/"
        command = [sys.executable, "-m", "tests.faults.measured", url, server.endpoint]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
        )
    cost = json.loads(done.stdout)
    print(f"{name:30}{cost}")  # noqa: T201
    assert cost["code"] == code
    assert cost["next"] == "ok"
    assert cost["grown"] <= 16 * MIB
    assert cost["cpu_s"] <= 2.0
    assert cost["descriptors"] == 0
    assert cost["saved"] <= 8 * MIB
    assert cost["events"] <= 10_030
