"""Wire: the only file that opens sockets. Each call on one is recorded as it was made.

Sockets do not block: a call that has nothing to do yet returns at once and is not recorded, and
`Wire.wait` waits for all sockets together. A socket is only ever connected to an `Admitted`
endpoint, and only the guard makes those.
"""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Any, Final

from netcore import kernel_clock, tcp_info
from netcore.call_results import CallFailed as CallFailed
from netcore.call_results import (
    bytes_sent,
    descriptor,
    end_point,
    nothing,
    rtt,
    so_error,
    written,
    zero,
)
from netcore.capture.capturing import Capturing
from netcore.guard import Admitted
from netcore.kernel_clock import Ancillary
from netcore.recorder import Recorder
from netcore.socket_facts import SocketFacts
from netcore.socket_options import BY_NAME
from netcore.stop import NEVER, Stop
from netcore.trace import Plain

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE

_Selector: Callable[[], selectors.BaseSelector] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
_BESIDE = kernel_clock.ANCILLARY_OCTETS
_ERRORS = kernel_clock.ERROR_OCTETS
_UNFINISHED = {"EINPROGRESS", "EWOULDBLOCK", "EAGAIN"}

_kept: list[int] = []


def keep_kernel_clock() -> None:
    """Have the kernel note when things arrive for as long as this process lives.

    It changes its own code for that, which takes a tenth of a millisecond, and what arrives
    meanwhile has no time. So one idle socket keeps it so, instead of each socket for itself.
    """
    if _kept or kernel_clock.OPTION is None:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as keeper, suppress(OSError):
        keeper.setsockopt(socket.SOL_SOCKET, kernel_clock.OPTION, kernel_clock.ARRIVALS)
        _kept.append(keeper.detach())


class Wire:
    """The sockets of one fetch. Use it as a context: leaving it closes them all."""

    def __init__(
        self,
        recorder: Recorder,
        asked: tuple[tuple[str, str], ...] = (),
        capturing: Capturing | None = None,
        stop: Stop = NEVER,
    ) -> None:
        """In: `asked`, options by name for the sockets that are to lead to a target."""
        self.recorder = recorder
        self.asked = asked
        self.capturing = capturing
        self.stop = stop
        self._counts = {"tcp": 0, "udp": 0}
        self._open: list[Socket] = []
        self._wanted: tuple[tuple[Socket, int], ...] | None = None  # what the selector waits for
        self._selector: selectors.BaseSelector
        self._shown: tuple[str, list[Plain]] = ("", [])  # how a wait for it is recorded
        self._waker: int | None = None  # a file descriptor that ends a wait
        if recorder.kernel_times:
            keep_kernel_clock()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        for each in list(self._open):
            each.close()
        if self.capturing is not None:
            self.capturing.finish()

    def tcp(self, admitted: Admitted) -> Socket:
        """A TCP socket, not connected yet. Raises CallFailed."""
        return self._socket("tcp", socket.SOCK_STREAM, admitted)

    def udp(self, admitted: Admitted) -> Socket:
        """A UDP socket, not connected yet. Raises CallFailed."""
        return self._socket("udp", socket.SOCK_DGRAM, admitted)

    def probe(self, admitted: Admitted, protocol: str) -> Socket:
        """A socket that asks about the path: its packets are not captured. Raises CallFailed."""
        opened = self.udp(admitted) if protocol == "udp" else self.tcp(admitted)
        opened.capturing = None
        opened.facts.asks_times = False  # what its error queue holds is for who probes
        return opened

    def wait(self, wants: Iterable[tuple[Socket, int]], timeout_s: float | None) -> list[Socket]:
        """Wait until one of the sockets can do what is wanted of it (READ, WRITE or both).

        In: `timeout_s`, None to wait for ever. Out: the sockets that are ready, none of them if
        the time ran out first, or if somebody woke us. Raises: what `Stop.heed` does.
        """
        wanted = tuple(wants)
        if wanted != self._wanted:
            self._watch(wanted)
        start_ns = self.recorder.now_ns()
        ready = self._select(timeout_s)
        seen = 0
        for key, events in ready:
            seen |= events if key.data is not None else 0
        name, arguments = self._shown
        shown = None if timeout_s is None else round(timeout_s, 6)
        outcome = "woken" if ready and not seen else _INTEREST[seen]
        self.recorder.called(name, "select", (*arguments, shown), start_ns, outcome)
        self.stop.heed()
        sockets: list[Socket] = [key.data for key, _ in ready if key.data is not None]
        for each in sockets:
            each.facts.sample()
        if self.capturing is not None:
            self.capturing.take()
        return sockets

    def wake_by(self, descriptor: int | None) -> None:
        """From now on a wait ends too once this can be read from; None: not any more."""
        self._waker = descriptor
        self._wanted = None

    def _select(self, timeout_s: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait; what the kernel tells of its times meanwhile is recorded, and ends no wait."""
        for each, _ in self._wanted or ():
            each.facts.take_kernel_times()
        until_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            ready = self._selector.select(timeout_s)
            told = [each for each, _ in ready if each.data and each.data.facts.take_kernel_times()]
            if not told:
                return ready
            # A note made the socket look ready: now that it is read, does anything else?
            ready = self._selector.select(0)
            if ready:
                return ready
            if until_s is not None:
                timeout_s = max(0.0, until_s - time.monotonic())

    def closed(self, which: Socket) -> None:
        """Forget a socket that was closed."""
        self._open.remove(which)
        self._wanted = None

    def _watch(self, wanted: tuple[tuple[Socket, int], ...]) -> None:
        """Prepare to wait for these sockets, and for the same ones the next time."""
        self._selector = _Selector()
        arguments: list[Plain] = []
        for each, interest in wanted:
            self._selector.register(each.fileno, interest, each)
            arguments += [each.name, _INTEREST[interest]]
        for waker in (self._waker, self.stop.fileno):
            if waker is not None:
                self._selector.register(waker, READ, None)
        self._wanted = wanted
        self._shown = (wanted[0][0].name if len(wanted) == 1 else "", arguments)

    def _socket(self, protocol: str, kind: socket.SocketKind, admitted: Admitted) -> Socket:
        self._counts[protocol] += 1
        name = f"{protocol}:{self._counts[protocol]}"
        opened = Socket(self, name, kind, admitted)
        self._open.append(opened)
        return opened


_INTEREST = {0: "timeout", READ: "read", WRITE: "write", READ | WRITE: "read or write"}


class Socket:
    """One socket to one admitted endpoint, with its two channels.

    Every method raises CallFailed where the call did. The line of each method that makes the call
    is what the trace shows as the line that called.
    """

    def __init__(self, wire: Wire, name: str, kind: socket.SocketKind, admitted: Admitted) -> None:
        self.name = name
        self.admitted = admitted
        self._wire = wire
        self._recorder = wire.recorder
        self.capturing = wire.capturing
        self._protocol = name.partition(":")[0]
        self._sent = f"{name}.sent"
        self._received = f"{name}.received"
        family = socket.AF_INET6 if ":" in admitted.address else socket.AF_INET
        shown = (family.name, kind.name)
        self._socket = self._call("socket", shown, descriptor, socket.socket, family, kind)
        self._socket.setblocking(False)
        self.is_ipv6 = family == socket.AF_INET6
        self.facts = SocketFacts(self, wire.recorder, wire.asked)

    @property
    def fileno(self) -> int:
        """The file descriptor."""
        return int(self._socket.fileno())

    def connect(self) -> bool:
        """Begin to connect. Out: whether it is done already."""
        address = (self.admitted.address, self.admitted.port)
        if self.capturing is not None:
            self.capturing.watch(self._protocol, *address)
        try:
            self._call("connect", (written(address),), zero, self._socket.connect, address)
        except CallFailed as failed:
            if failed.errno in _UNFINISHED:
                return False
            raise
        self.facts.connected()
        return True

    def connect_error(self) -> str:
        """What became of a connect that was begun: "" or the name of the error."""
        shown = ("SOL_SOCKET", "SO_ERROR")
        option = (socket.SOL_SOCKET, socket.SO_ERROR)
        number = self._call("getsockopt", shown, so_error, self._socket.getsockopt, *option)
        if not number:
            self.facts.connected()
        return so_error(number)[1]

    def round_trip(self) -> None:
        """Ask for TCP's round-trip time, in microseconds, where the system tells it (tcp(7)).

        All else that it tells is recorded with it, and from now on again and again.
        """
        self.facts.begin_samples(self._tcp_info("tcpi_rtt", rtt))

    def sent_by_tcp(self) -> None:
        """Ask how many octets TCP has sent of those that it took, where the system tells it."""
        self._tcp_info("tcpi_bytes_sent", bytes_sent)

    def _tcp_info(self, member: str, read: Callable[[bytes], tuple[Plain, str]]) -> bytes:
        if _TCP_INFO is None:
            return b""
        shown = ("IPPROTO_TCP", "TCP_INFO", member)
        option = (socket.IPPROTO_TCP, _TCP_INFO, tcp_info.OCTETS)
        info: bytes = self._call("getsockopt", shown, read, self._socket.getsockopt, *option)
        return info

    def send_at_once(self) -> None:
        """Ask TCP not to hold small segments back (Nagle's algorithm off)."""
        self.facts.set(BY_NAME["TCP_NODELAY"], 1)

    def set_option(self, level: str, option: str, shown: Plain, value: int | bytes) -> None:
        """Set an option by the names of the system's constants; `shown` is the value in words."""
        place = _place(level, option)
        told = (level, option, shown)
        self._call("setsockopt", told, zero, self._socket.setsockopt, *place, value)

    def option(self, level: str, option: str, octets: int) -> int | bytes | None:
        """Read an option, unrecorded; None where the system has none of that name."""
        try:
            place = _place(level, option)
            answer: int | bytes = (
                self._socket.getsockopt(*place, octets)
                if octets
                else self._socket.getsockopt(*place)
            )
            return answer
        except (OSError, CallFailed):
            return None

    def error_message(self, octets: int = 0) -> tuple[bytes, Ancillary] | None:
        """The next message of the error queue, unrecorded; None if there is none.

        In: `octets`, of what the error quotes, how many to take. Out: these, and what it says.
        """
        try:
            quoted, ancillary, _, _ = self._socket.recvmsg(octets, _ERRORS, socket.MSG_ERRQUEUE)
        except OSError:
            return None
        return quoted, ancillary

    def hold_octets(self, octets: int) -> None:
        """Ask the kernel to hold so many octets that have arrived and were not taken yet."""
        shown = ("SOL_SOCKET", "SO_RCVBUF", octets)
        option = (socket.SOL_SOCKET, socket.SO_RCVBUF, octets)
        self._call("setsockopt", shown, zero, self._socket.setsockopt, *option)

    def peer(self) -> tuple[str, int]:
        """The address and port at the other end."""
        address = self._call("getpeername", (), end_point, self._socket.getpeername)
        return address[0], address[1]

    def local(self) -> tuple[str, int]:
        """The address and port at our end."""
        address = self._call("getsockname", (), end_point, self._socket.getsockname)
        if self.capturing is not None:
            theirs = self.admitted.address, self.admitted.port
            self.capturing.own(self._protocol, *theirs, address[1])
        return address[0], address[1]

    def send(self, data: bytes) -> int:
        """Hand octets to the kernel. Out: how many it took, 0 if it takes none now."""
        start_ns = self._recorder.now_ns()
        try:
            return self._sent_now(self._socket.send(data), data, start_ns)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise self._failed("send", (len(data),), start_ns, error) from error

    def recv(self, size: int) -> bytes | None:
        """Take octets from the kernel.

        Out: None if there are none now, b"" at the end of the stream.
        """
        self._wire.stop.heed()  # a server that never lets us wait can be stopped too
        start_ns = self._recorder.now_ns()
        try:
            if not self.facts.wants_arrivals:
                return self._received_now(self._socket.recv(size), size, start_ns)
            return self._arrived(self._socket.recvmsg(size, _BESIDE), size, start_ns)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._failed("recv", (size,), start_ns, error) from error

    def shutdown_write(self) -> None:
        """Say that nothing more will be sent."""
        self._call("shutdown", ("SHUT_WR",), zero, self._socket.shutdown, socket.SHUT_WR)

    def close(self) -> None:
        """Give the socket back to the kernel."""
        self._wire.closed(self)
        self.facts.closing()
        self._call("close", (), nothing, self._socket.close)

    def _sent_now(self, count: int, data: bytes, start_ns: int) -> int:
        sent = data if count == len(data) else data[:count]
        self._recorder.moved(self.name, "send", len(data), start_ns, self._sent, sent)
        self.facts.sent(count)
        return count

    def _received_now(self, data: bytes, size: int, start_ns: int) -> bytes:
        self._recorder.moved(self.name, "recv", size, start_ns, self._received, data)
        return data

    def _arrived(self, given: tuple[Any, ...], size: int, start_ns: int) -> bytes:
        """What `recvmsg` gave: octets, and when the last of them came."""
        data: bytes = given[0]
        self._recorder.moved(self.name, "recv", size, start_ns, self._received, data)
        self.facts.arrived(len(data), given[1])
        return data

    def _call(
        self,
        call: str,
        shown: tuple[Plain, ...],
        read: Callable[[Any], tuple[Plain, str]],
        function: Callable[..., Any],
        *arguments: object,
    ) -> Any:
        """Make a call and record it; `read` says which result and error name it comes to."""
        start_ns = self._recorder.now_ns()
        try:
            value = function(*arguments)
        except OSError as error:
            raise self._failed(call, shown, start_ns, error, depth=3) from error
        self._recorder.called(self.name, call, shown, start_ns, *read(value), depth=2)
        return value

    def _failed(
        self, call: str, shown: tuple[Plain, ...], start_ns: int, error: OSError, depth: int = 2
    ) -> CallFailed:
        failed = CallFailed(call, error)
        self._recorder.called(self.name, call, shown, start_ns, None, failed.errno, depth)
        return failed


@cache
def _place(level: str, option: str) -> tuple[int, int]:
    """The numbers of both constants. Raises: CallFailed where the system has none of that name."""
    number = kernel_clock.NUMBERS.get(option) or getattr(socket, option, None)
    if number is None:
        raise CallFailed("setsockopt", OSError(errno.ENOPROTOOPT, "no such option"))
    return int(getattr(socket, level)), int(number)
