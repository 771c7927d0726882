"""Error queue: what Linux tells of an ICMP error about a socket (ip(7), IP_RECVERR)."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final, NamedTuple

IP_RECVERR: Final = 11  # linux/in.h
IPV6_RECVERR: Final = 25
MESSAGE_OCTETS: Final = 576  # what is quoted is less than a datagram that everybody has to take

_LEVELS: Final = {(0, IP_RECVERR), (41, IPV6_RECVERR)}  # IPPROTO_IP, IPPROTO_IPV6
_EXTENDED: Final = struct.Struct("=IBBBBII")  # struct sock_extended_err
_ORIGINS: Final = {1: "local", 2: "ICMP", 3: "ICMPv6"}
_AF_INET: Final = 2
_AF_INET6: Final = 10


class Reported(NamedTuple):
    """An error, who sent it, and what it was."""

    errno: str  # what the socket's next call would say: "EHOSTUNREACH"
    origin: str  # "ICMP", "ICMPv6", or "local" for the own kernel
    type: int
    code: int
    offender: str  # the address of the router or host that sent it, "" if none is told

    def __str__(self) -> str:
        """As a trace has it: "EHOSTUNREACH ICMP 11 0 192.0.2.1"."""
        return " ".join([self.errno, self.origin, str(self.type), str(self.code), self.offender])


def read_ancillary(ancillary: Iterable[tuple[int, int, bytes]]) -> Reported | None:
    """What the ancillary data of a recvmsg say; None if no error is among them."""
    for level, kind, data in ancillary:
        if (level, kind) in _LEVELS and len(data) >= _EXTENDED.size:
            number, origin, icmp_type, code, _, _, _ = _EXTENDED.unpack_from(data)
            name = errno.errorcode.get(number, str(number))
            offender = _address(data[_EXTENDED.size :])
            return Reported(name, _ORIGINS.get(origin, str(origin)), icmp_type, code, offender)
    return None


def read_reported(text: object) -> Reported | None:
    """The form that a trace has; None for anything else."""
    words = text.split(" ") if isinstance(text, str) and len(text) < 120 else []
    if len(words) != 5 or not (words[2].isdecimal() and words[3].isdecimal()):
        return None
    try:
        offender = str(ip_address(words[4])) if words[4] else ""
    except ValueError:
        return None
    return Reported(words[0], words[1], int(words[2]), int(words[3]), offender)


def _address(data: bytes) -> str:
    """The address in a struct sockaddr_in or sockaddr_in6."""
    family = int.from_bytes(data[:2], "little" if struct.pack("=H", 1)[0] else "big")
    if family == _AF_INET and len(data) >= 8:
        return str(ip_address(data[4:8]))
    if family == _AF_INET6 and len(data) >= 24:
        return str(ip_address(data[8:24]))
    return ""
