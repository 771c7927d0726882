"""The process that makes one host of a link."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from lab.link import CLIENT, SERVER

ROOT: Final = Path(__file__).parents[2]
WAIT_S: Final = 20
SYN: Final = f"""
import socket
socket.setdefaulttimeout(0.01)
try:
    socket.create_connection(("{SERVER}", 4433))
except TimeoutError:
    pass
"""


@pytest.mark.wire
@pytest.mark.slow
def test_what_the_host_sends_comes_out_of_the_device_that_it_gave_away() -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is missing: Debian has it in util-linux")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(WAIT_S)
        number = str(theirs.fileno())
        with subprocess.Popen(
            [
                *("unshare", "--map-root-user", "--net"),
                *(sys.executable, "-m", "lab.link_end", number, CLIENT, SERVER, "1500"),
            ],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            stderr=subprocess.PIPE,
        ) as process:
            theirs.close()
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
            if not descriptors:
                pytest.skip("this kernel lets us make no device in a namespace")
            inside = ["nsenter", "--user", "--net", "--preserve-credentials"]
            inside += ["-t", str(process.pid), sys.executable, "-c", SYN]
            subprocess.run(inside, check=True, timeout=WAIT_S)
            packet = _first_of_ipv4(descriptors[0])
            os.close(descriptors[0])
            ours.close()
            assert process.wait(WAIT_S) == 0
    assert socket.inet_ntoa(packet[12:16]) == CLIENT
    assert socket.inet_ntoa(packet[16:20]) == SERVER
    assert packet[9] == socket.IPPROTO_TCP


def _first_of_ipv4(tun: int) -> bytes:
    """The first IPv4 packet; the kernel says a few things over IPv6 by itself."""
    for _ in range(20):
        packet = os.read(tun, 2_000)
        if packet[0] >> 4 == 4:
            return packet
    raise AssertionError("no packet over IPv4")
