"""The program that captures: run by `netcore.capture.capturing`, and by nobody else.

    python -m netcore.capture.helper OCTETS PACKETS

OCTETS are kept of all packets together, then only the first 128 of each; PACKETS are told, the
rest is counted. Orders come over standard input, a line each:

    watch tcp 192.0.2.1 443         let its packets through; the answer is "watching"
    own tcp 192.0.2.1 443 54321     our own port, now that it is known
    stop                            wait for connections to end, for a quarter of a second at most

Records go to standard output (`netcore.capture.records`). The end of standard input ends it too.
Only the standard library and this package are used.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from netcore.capture.filter import Flow, read_flow
from netcore.capture.privileges import drop_privileges
from netcore.capture.records import Seen, build_packet, build_reply
from netcore.capture.ring import Ring, interface_name
from netcore.capture.sorting import MOST_FLOWS, Sorted, Sorter

HEADERS: Final = 128  # octets of a packet that are kept behind the limit
_LAST_WAIT_S: Final = 0.25
_ORDER_OCTETS: Final = 4096


class Helper:
    """The loop of the program."""

    def __init__(self, ring: Ring, octets: int, packets: int) -> None:
        self._ring = ring
        self._octets = octets
        self._packets = packets
        self._sorter = Sorter()
        self._orders = b""
        self._unsent: deque[bytes] = deque()
        self._untold = 0
        self._stop_s: float | None = None

    def run(self) -> None:
        """Obey until told to stop, or until nobody tells any more."""
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(self._ring, select.POLLIN)
        while True:
            self._flush()
            poll.register(1, select.POLLOUT if self._unsent else 0)
            ready = [descriptor for descriptor, _ in poll.poll(self._patience_ms())]
            self._take()
            if 0 in ready:
                if not self._obey():
                    return
                if self._stop_s is not None:
                    poll.unregister(0)
            if self._stop_s is not None and self._is_done(self._stop_s):
                dropped = self._ring.dropped() + self._sorter.thrown_away
                self._write(build_reply(f"stopped {dropped} {self._untold}"))
                os.set_blocking(1, True)
                self._flush()
                return

    def _is_done(self, stop_s: float) -> bool:
        self._take()
        return self._sorter.over or time.monotonic() >= stop_s

    def _patience_ms(self) -> float | None:
        if self._stop_s is None:
            return None
        return max(0.0, self._stop_s - time.monotonic()) * 1_000

    def _take(self) -> None:
        for frame in self._ring.frames():
            self._tell(self._sorter.take(frame))

    def _tell(self, found: Iterable[Sorted]) -> None:
        for frame, sent in found:
            if not self._packets:
                self._untold += 1
                continue
            self._packets -= 1
            self._octets -= len(frame.octets)
            self._ring.most = max(HEADERS, self._octets)
            seen = Seen(
                frame.monotonic_ns,
                interface_name(frame.interface),
                sent,
                frame.length,
                frame.octets,
                frame.checksum_offloaded,
                frame.segmentation_offloaded,
            )
            self._write(build_packet(seen))

    def _obey(self) -> bool:
        """Carry out the orders that have arrived. Out: whether more may come."""
        octets = os.read(0, _ORDER_OCTETS)
        *orders, self._orders = (self._orders + octets).split(b"\n")
        for order in orders:
            self._carry_out(order.decode("ascii", "replace").split(" "))
        return bool(octets) and len(self._orders) < _ORDER_OCTETS

    def _carry_out(self, words: list[str]) -> None:
        """One order. Raises: ValueError for one that is none."""
        match words:
            case ["watch", *rest] if len(rest) == 3:
                self._write(build_reply("watching" if self._watch(read_flow(*rest)) else "full"))
            case ["own", *rest] if len(rest) == 4:
                self._take()
                self._tell(self._sorter.own(read_flow(*rest)))
                with suppress(OSError):  # the one before lets a little more through
                    self._ring.watch(self._sorter.flows)
            case ["stop"]:
                self._stop_s = time.monotonic() + _LAST_WAIT_S
            case _:
                raise ValueError("this is no order")

    def _watch(self, flow: Flow) -> bool:
        """Out: whether there was room for the flow, in our list and in the kernel's."""
        if len(self._sorter.flows) >= MOST_FLOWS:
            return False
        try:
            self._ring.watch((*self._sorter.flows, flow))
        except OSError:  # ENOMEM: a socket's filters have a bound, net.core.optmem_max
            return False
        self._sorter.watch(flow)
        return True

    def _write(self, octets: bytes) -> None:
        """Have it written. What waits is bounded by the limits that hold for all packets."""
        self._unsent.append(octets)
        if len(self._unsent) == 1:
            self._flush()

    def _flush(self) -> None:
        """Write what can be written now: whoever reads may be busy, and the ring is not to fill."""
        while self._unsent:
            try:
                count = os.write(1, self._unsent[0])
            except BlockingIOError:
                return
            if count == len(self._unsent[0]):
                self._unsent.popleft()
            else:
                self._unsent[0] = self._unsent[0][count:]


def _say(octets: bytes) -> None:
    """Write a reply to a pipe that has room for it."""
    os.write(1, octets)


def main(octets: str, packets: str) -> int:
    """Open the socket, give up every privilege, and capture. Out: the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the fetch, which then stops us
    try:
        ring = Ring()
        drop_privileges()
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, str(error.errno))
        _say(build_reply(f"refused {name}"))
        return 1
    _say(build_reply("ready"))
    os.set_blocking(1, False)
    try:
        Helper(ring, int(octets), int(packets)).run()
    except BrokenPipeError:  # the fetch is gone
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
