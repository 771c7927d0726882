"""A network whose only router lies: run in a network namespace of its own, as root of it.

    python -m tests.netcore.hostile_router

To what runs out of time at its first hop it answers with errors that quote other connections, or
nothing that can be read; at the second hop with the truth, three hundred times; behind that never.
A path is probed through it, and the trace goes to standard output.
"""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import threading
from ipaddress import ip_address

from lab.link_end import open_tun
from netcore.dissect.checksums import sum_of
from netcore.guard import Admitted
from netcore.options import Options
from netcore.probing import Probing
from netcore.recorder import Recorder
from netcore.trace import Completed, Trace, encode
from netcore.wire import Wire

LIAR = "10.66.0.1"
HONEST = "10.0.0.9"
TARGET = "93.184.216.34"
FLOOD = 300


def summed(octets: bytes, at: int) -> bytes:
    """The octets with their checksum put in."""
    return octets[:at] + (65_535 - sum_of(octets)).to_bytes(2, "big") + octets[at + 2 :]


def time_exceeded(source: str, target: bytes, quoted: bytes) -> bytes:
    """An ICMP error in an IP packet."""
    message = summed(struct.pack("!BBHI", 11, 0, 0, 0) + quoted, 2)
    addresses = ip_address(source).packed + target
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0) + addresses
    return summed(header, 10) + message


def lies(packet: bytes) -> list[bytes]:
    """Quotes that do not fit: another port, another number, another target, too little, nothing."""
    wrong = [bytearray(packet) for _ in range(4)]
    wrong[0][21] ^= 1
    wrong[1][24] ^= 0x80
    wrong[2][19] ^= 1
    wrong[3][9] = 17
    return [*map(bytes, wrong), packet[:24], b"", os.urandom(40)]


def route(tun: int) -> None:
    """Answer what comes, for ever."""
    while True:
        packet = os.read(tun, 65_536)
        if packet[:1] != b"\x45" or packet[9] != 6:
            continue
        if packet[8] == 1:
            answers = [time_exceeded(LIAR, packet[12:16], lie) for lie in lies(packet)]
        else:
            answers = [time_exceeded(HONEST, packet[12:16], packet[:28])] * FLOOD
        for answer in answers if packet[8] <= 2 else ():
            os.write(tun, answer)


def main() -> None:
    """Make the network, probe, and tell."""
    tun = open_tun("wire0")
    for command in (
        ("addr", "add", "10.0.0.2/24", "dev", "wire0"),
        ("link", "set", "wire0", "up"),
        ("route", "add", "default", "dev", "wire0"),
    ):
        subprocess.run(["ip", *command], check=True)
    threading.Thread(target=route, args=(tun,), daemon=True).start()
    trace = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [])
    recorder = Recorder(trace)
    with Wire(recorder) as wire, recorder.stage("path"):
        Probing(wire, Admitted(TARGET, 80, "the test says so")).run()
    recorder.record(Completed(recorder.now_ns(), 200))
    sys.stdout.buffer.write(encode(trace))


if __name__ == "__main__":
    main()
