"""Ring: a socket that sees packets, and the memory that the kernel puts them into (packet(7)).

It sees nothing until it is told which flows: a filter that leaves everything is attached before
the socket is bound, so that not one packet of somebody else is in the ring. The ring is bounded;
what finds no place in it is dropped by the kernel, and counted.
"""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import socket
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Final, NamedTuple

from netcore.capture.filter import Flow, build_filter

# linux/if_packet.h, asm-generic/socket.h, linux/sockios.h
_AF_PACKET: Final = 17
_SOL_PACKET: Final = 263
_PACKET_RX_RING: Final = 5
_PACKET_STATISTICS: Final = 6
_PACKET_VERSION: Final = 10
_TPACKET_V2: Final = 1
_SO_ATTACH_FILTER: Final = 26
_SIOCGIFMTU: Final = 0x8921
_EVERY_PROTOCOL: Final = 3  # ETH_P_ALL
_OURS: Final = 1  # TP_STATUS_USER: the frame is for us to read
_CHECKSUM_NOT_READY: Final = 8
_SEGMENTED_LATER: Final = 256  # TP_STATUS_GSO_TCP
_HEADER: Final = struct.Struct("=IIIHHII")  # of struct tpacket2_hdr, as far as it is read
_STATUS: Final = struct.Struct("=I")
_INTERFACE_AT: Final = 32 + 4  # sll_ifindex, behind the header

_FRAME_OCTETS: Final = 17 * 4096  # the longest packet, 65,535 octets, with what stands before it
_FRAMES: Final = 240  # 16 MiB


class Frame(NamedTuple):
    """A packet from its IP header on."""

    monotonic_ns: int
    interface: int
    length: int
    octets: bytes
    checksum_offloaded: bool
    segmentation_offloaded: bool


class Ring:
    """The socket and its ring. Raises: OSError; EPERM where CAP_NET_RAW is missing."""

    def __init__(self) -> None:
        # Of a cooked socket packets begin at the IP header on every kind of link, and no
        # address of a network card is seen. Protocol 0: it receives nothing before it is bound.
        self._socket = socket.socket(_AF_PACKET, socket.SOCK_DGRAM, 0)
        self._loopback = 0
        with suppress(OSError):
            self._loopback = socket.if_nametoindex("lo")
        self._socket.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V2)
        request = struct.pack("=IIII", _FRAME_OCTETS, _FRAMES, _FRAME_OCTETS, _FRAMES)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_RX_RING, request)
        self._memory = mmap.mmap(self._socket.fileno(), _FRAME_OCTETS * _FRAMES)
        self._at = 0
        self.most = _FRAME_OCTETS  # octets of each packet that are taken out
        self.watch(())
        self._bind()

    def fileno(self) -> int:
        """The file descriptor, to be waited for."""
        return self._socket.fileno()

    def watch(self, flows: Sequence[Flow]) -> None:
        """Let the packets of these flows through, and no others. Raises: OSError."""
        program = ctypes.create_string_buffer(build_filter(flows, self._loopback))
        length = (len(program) - 1) // 8
        told = struct.pack("HP", length, ctypes.addressof(program))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, told)

    def _bind(self) -> None:
        """To all interfaces, which socket.bind cannot: it wants the name of one."""
        address = struct.pack(
            "=HHiHBB8s", _AF_PACKET, socket.htons(_EVERY_PROTOCOL), 0, 0, 0, 0, b""
        )
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.bind(self._socket.fileno(), address, len(address)):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def frames(self) -> Iterator[Frame]:
        """What is in the ring by now, in order."""
        # The kernel stamps packets with the wall clock; the trace counts on the monotonic one.
        ahead_ns = time.time_ns() - time.monotonic_ns()
        while True:
            start = self._at * _FRAME_OCTETS
            status, length, kept, place, _, seconds, rest_ns = _HEADER.unpack_from(
                self._memory, start
            )
            if not status & _OURS:
                return
            (interface,) = struct.unpack_from("=i", self._memory, start + _INTERFACE_AT)
            first = start + place
            octets = self._memory[first : first + min(kept, self.most)]
            _STATUS.pack_into(self._memory, start, 0)
            self._at = (self._at + 1) % _FRAMES
            yield Frame(
                seconds * 1_000_000_000 + rest_ns - ahead_ns,
                interface,
                length,
                octets,
                bool(status & _CHECKSUM_NOT_READY),
                bool(status & _SEGMENTED_LATER) or length > self.mtu(interface),
            )

    def dropped(self) -> int:
        """How many packets found no place since this was last asked."""
        told = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        return int(struct.unpack("=II", told)[1])

    def mtu(self, interface: int) -> int:
        """The longest packet that an interface sends in one piece."""
        return _mtu(self._socket.fileno(), interface)

    def close(self) -> None:
        """Give socket and memory back."""
        self._memory.close()
        self._socket.close()


@cache
def interface_name(interface: int) -> str:
    """ "eth0", or the number of one that is gone."""
    try:
        return socket.if_indextoname(interface)
    except OSError:
        return str(interface)


@cache
def _mtu(descriptor: int, interface: int) -> int:
    request = struct.pack("=16si20x", interface_name(interface).encode(), 0)
    try:
        answer = fcntl.ioctl(descriptor, _SIOCGIFMTU, request)
    except OSError:
        return 65_536
    return int(struct.unpack_from("=i", answer, 16)[0])
