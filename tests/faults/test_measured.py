"""What the most greedy servers make a fetch cost: memory, computing, descriptors, trace."""

from __future__ import annotations

import itertools
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
from tests.netcore.protocols.http2_octets import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    frame,
    head,
    hello,
    setting,
)

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

HELLO2: Final = hello() + head([(":status", "200")], 1)
# A literal that is kept: the name x, and a value whose length is written as 127 + 3,873.
LARGE: Final = b"\x40\x01x\x7f\xa1\x1e" + b"v" * 4_000
GREEDY_2: Final[dict[str, tuple[str, Callable[[], Converse]]]] = {
    "H2-03 endless SETTINGS": ("h2.flood", lambda: repeat(hello(), setting(3, 1) * 5_000)),
    "H2-07 endless empty DATA": ("h2.flood", lambda: repeat(HELLO2, frame(DATA, 0, 1) * 5_000)),
    "H2-09 endless CONTINUATION": (
        "h2.continuation_flood",
        lambda: repeat(
            hello() + frame(HEADERS, 0, 1, b"\x88"), frame(CONTINUATION, 0, 1, b"\0\1a\1b" * 900)
        ),
    ),
    "H2-11 a field of 4 KiB, 8,000 times": (
        "h2.header_list_too_large",
        lambda: reply(hello() + frame(HEADERS, END_HEADERS, 1, b"\x88" + LARGE + b"\xbe" * 8_000)),
    ),
    "H2-25 endless content": (
        "h2.flow_control",
        lambda: repeat(HELLO2, frame(DATA, 0, 1, bytes(16_384))),
    ),
}


def second_of(converse: Converse) -> Converse:
    """This conversation on the second connection, a small page in HTTP/2 on all others."""
    turns = itertools.count()
    small = HELLO2 + frame(DATA, END_STREAM, 1, b"small")

    def choose(connection: socket.socket) -> None:
        (converse if next(turns) == 1 else reply(small))(connection)

    return choose


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
@pytest.mark.parametrize("name", [*GREEDY, *GREEDY_2])
def test_a_greedy_server_costs_a_bounded_amount(name: str) -> None:
    code, build = (GREEDY | GREEDY_2)[name]
    spoken = but_for_small if name in GREEDY else second_of
    with HostileServer(spoken(build())) as server:
        url = f"http://{server.endpoint}/"
        command = [sys.executable, "-m", "tests.faults.measured", url, server.endpoint]
        command.append("1.1" if name in GREEDY else "2")
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
