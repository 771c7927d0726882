"""A network that loses the first packet: run in a network namespace of its own, as root of it.

    python -m tests.netcore.lossy_network

Its server refuses connections, but the first request for one does not reach it. A fetch is captured
there, and its trace goes to standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from lab.link_end import open_tun
from netcore import Options, fetch
from netcore.exports.packets import ACK, RST
from netcore.trace import encode
from tests.netcore.made_packets import segment

TARGET = "93.184.216.34"
OURS = "10.0.0.2"


def serve(tun: int) -> None:
    """Lose one SYN, and refuse those behind it."""
    lost = False
    while True:
        packet = os.read(tun, 65_536)
        if packet[:1] != b"\x45" or packet[9] != 6:
            continue
        if not lost:
            lost = True
            continue
        port = int.from_bytes(packet[20:22], "big")
        after = int.from_bytes(packet[24:28], "big") + 1
        os.write(tun, segment(f"{TARGET}:80", f"{OURS}:{port}", 0, RST | ACK, b"", after))


def main() -> None:
    """Make the network, fetch, and tell."""
    tun = open_tun("wire0")
    for command in (
        ("addr", "add", f"{OURS}/24", "dev", "wire0"),
        ("link", "set", "wire0", "up"),
        ("route", "add", "default", "dev", "wire0"),
    ):
        subprocess.run(["ip", *command], check=True)
    threading.Thread(target=serve, args=(tun,), daemon=True).start()
    sys.stdout.buffer.write(encode(fetch(f"http://{TARGET}/", Options(capture=True))))


if __name__ == "__main__":
    main()
