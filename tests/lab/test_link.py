"""The link of known delay, and the processes that hold its ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Final

import pytest

from lab.link import SERVER, Link, NoLink

DELAY_S: Final = 0.05
WAIT_S: Final = 20

ECHO: Final = """
import socket
server = socket.create_server(("0.0.0.0", 4433))
print("listens", flush=True)
connection, peer = server.accept()
connection.sendall(connection.recv(9) + peer[0].encode())
"""

ASK: Final = f"""
import socket, time
began = time.monotonic()
connection = socket.create_connection(("{SERVER}", 4433), timeout={WAIT_S})
connected = time.monotonic()
connection.sendall(b"hello from")
print(connection.recv(99).decode(), connected - began, time.monotonic() - connected)
"""


@pytest.fixture
def link() -> Iterator[Link]:
    try:
        with Link(DELAY_S) as made:
            yield made
    except NoLink as error:
        pytest.skip(str(error))


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


@pytest.mark.wire
@pytest.mark.slow
def test_every_packet_takes_its_time_in_either_direction(link: Link) -> None:
    with subprocess.Popen(link.on_server(*python(ECHO)), stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"listens\n"
        asked = subprocess.run(
            link.on_client(*python(ASK)), capture_output=True, timeout=WAIT_S, check=True
        )
    heard, connecting, answering = asked.stdout.decode().rsplit(" ", 2)
    assert heard == "hello fro93.184.216.33"
    assert float(connecting) >= 2 * DELAY_S
    assert float(answering) >= 2 * DELAY_S
    from_client, from_server = link.packets
    assert from_client >= 4  # SYN, ACK, data, and what closes
    assert from_server >= 3


@pytest.mark.wire
@pytest.mark.slow
def test_behind_the_block_nothing_of_it_is_left() -> None:
    try:
        with Link(DELAY_S) as link:
            entered = link.on_server("true")
            assert subprocess.run(entered, timeout=WAIT_S, check=False).returncode == 0
    except NoLink as error:
        pytest.skip(str(error))
    assert subprocess.run(entered, capture_output=True, timeout=WAIT_S, check=False).returncode


def test_where_no_device_can_be_made_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoLink, match="no link can be made here"), Link(DELAY_S):
        raise AssertionError("a link without unshare")
