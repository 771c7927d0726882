"""One host of a link: a TUN device in the network namespace that this process was started in.

    python -m lab.link_end DESCRIPTOR ADDRESS PEER MTU

The device's descriptor goes out over the socket DESCRIPTOR; then the process holds the namespace
until the other end of that socket is closed.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from typing import Final

_TUNSETIFF: Final = 0x400454CA  # linux/if_tun.h
_TUN_WITHOUT_HEADER: Final = 0x0001 | 0x1000  # IFF_TUN | IFF_NO_PI
_NAME: Final = "wire0"


def open_tun(name: str) -> int:
    """A new TUN device of this namespace, as a descriptor. Raises: OSError."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _TUN_WITHOUT_HEADER))
    return descriptor


def main(descriptor: str, address: str, peer: str, mtu: str) -> None:
    """Make the device, give it away, and wait."""
    tun = open_tun(_NAME)
    for command in (
        ("link", "set", "lo", "up"),
        ("addr", "add", address, "peer", peer, "dev", _NAME),
        ("link", "set", _NAME, "mtu", mtu, "up"),
    ):
        subprocess.run(["ip", *command], check=True)  # noqa: S603, S607 (our own words)
    with socket.socket(fileno=int(descriptor)) as owner:
        socket.send_fds(owner, [b"!"], [tun])
        os.close(tun)
        owner.recv(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
