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
from typing import Any, Final

from netcore import kernel_clock
from netcore.guard import Admitted
from netcore.kernel_clock import Stamping, read_arrival, read_note
from netcore.recorder import Recorder
from netcore.trace import Plain

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE

_Selector: Callable[[], selectors.BaseSelector] = getattr(
    selectors, "PollSelector", selectors.SelectSelector
)
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None) if sys.platform == "linux" else None
# Members of Linux's struct tcp_info; a kernel that does not know the last ones gives fewer octets.
_RTT = slice(68, 72)  # tcpi_rtt: smoothed, in microseconds
_BYTES_SENT = slice(200, 208)  # repeated ones included
_BYTES_RETRANS = slice(208, 216)
_BESIDE = kernel_clock.ANCILLARY_OCTETS
_ERRORS = kernel_clock.ERROR_OCTETS
_UNFINISHED = {"EINPROGRESS", "EWOULDBLOCK", "EAGAIN"}


class CallFailed(Exception):
    """A call on a socket failed; `errno` is the error's name, "ECONNREFUSED"."""

    def __init__(self, call: str, error: OSError) -> None:
        super().__init__(f"{call}: {error.strerror}")
        self.errno = errno.errorcode.get(error.errno or 0, str(error.errno))


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

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._counts = {"tcp": 0, "udp": 0}
        self._open: list[Socket] = []
        self._wanted: tuple[tuple[Socket, int], ...] = ()  # what the selector waits for
        self._selector = _Selector()
        self._shown: tuple[str, list[Plain]] = ("", [])  # how a wait for it is recorded
        self._lacks_kernel_times = False
        if recorder.kernel_times:
            keep_kernel_clock()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        for each in list(self._open):
            each.close()

    def tcp(self, admitted: Admitted) -> Socket:
        """A TCP socket, not connected yet. Raises CallFailed."""
        return self._socket("tcp", socket.SOCK_STREAM, admitted)

    def udp(self, admitted: Admitted) -> Socket:
        """A UDP socket, not connected yet. Raises CallFailed."""
        return self._socket("udp", socket.SOCK_DGRAM, admitted)

    def wait(self, wants: Iterable[tuple[Socket, int]], timeout_s: float | None) -> list[Socket]:
        """Wait until one of the sockets can do what is wanted of it (READ, WRITE or both).

        In: `timeout_s`, None to wait for ever. Out: the sockets that are ready, none of them if
        the time ran out first.
        """
        wanted = tuple(wants)
        if wanted != self._wanted:
            self._watch(wanted)
        start_ns = self.recorder.now_ns()
        ready = self._select(timeout_s)
        seen = 0
        for _, events in ready:
            seen |= events
        name, arguments = self._shown
        shown = None if timeout_s is None else round(timeout_s, 6)
        self.recorder.called(name, "select", (*arguments, shown), start_ns, _INTEREST[seen])
        return [key.data for key, _ in ready]

    def _select(self, timeout_s: float | None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait; what the kernel tells of its times meanwhile is recorded, and ends no wait."""
        for each, _ in self._wanted:
            each.take_kernel_times()
        until_s = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            ready = self._selector.select(timeout_s)
            told = [key for key, _ in ready if key.data.take_kernel_times()]
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
        self._wanted = ()

    def without_kernel_times(self, why: str) -> None:
        """Say once which clock is used where the system does not tell the kernel's times."""
        if not self._lacks_kernel_times:
            self._lacks_kernel_times = True
            self.recorder.chose("clock", "the program's", f"SO_TIMESTAMPING failed with {why}.")

    def _watch(self, wanted: tuple[tuple[Socket, int], ...]) -> None:
        """Prepare to wait for these sockets, and for the same ones the next time."""
        self._selector = _Selector()
        arguments: list[Plain] = []
        for each, interest in wanted:
            self._selector.register(each.fileno, interest, each)
            arguments += [each.name, _INTEREST[interest]]
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
        self._sent = f"{name}.sent"
        self._received = f"{name}.received"
        family = socket.AF_INET6 if ":" in admitted.address else socket.AF_INET
        shown = (family.name, kind.name)
        self._socket = self._call("socket", shown, _fileno, socket.socket, family, kind)
        self._socket.setblocking(False)
        self._stamping: Stamping | None = None  # until the kernel was asked for its times

    @property
    def fileno(self) -> int:
        """The file descriptor."""
        return int(self._socket.fileno())

    def connect(self) -> bool:
        """Begin to connect. Out: whether it is done already."""
        address = (self.admitted.address, self.admitted.port)
        try:
            self._call("connect", (_endpoint(address),), _zero, self._socket.connect, address)
        except CallFailed as failed:
            if failed.errno in _UNFINISHED:
                return False
            raise
        self._ask_for_kernel_times()
        return True

    def connect_error(self) -> str:
        """What became of a connect that was begun: "" or the name of the error."""
        shown = ("SOL_SOCKET", "SO_ERROR")
        option = (socket.SOL_SOCKET, socket.SO_ERROR)
        number = self._call("getsockopt", shown, _so_error, self._socket.getsockopt, *option)
        if not number:
            self._ask_for_kernel_times()
        return _so_error(number)[1]

    def _ask_for_kernel_times(self) -> None:
        """Ask once connected, when the octets that a note counts begin at the channel's first."""
        if not self._recorder.kernel_times or self._stamping is not None:
            return
        is_udp = self.name.startswith("udp")
        try:
            self._stamp(kernel_clock.UDP if is_udp else kernel_clock.TCP)
        except CallFailed as failed:
            self._wire.without_kernel_times(failed.errno)
            return
        self._stamping = Stamping(self._recorder.kept_octets, datagrams=is_udp)

    def _stamp(self, flags: int) -> None:
        if kernel_clock.OPTION is None:
            raise CallFailed("setsockopt", OSError(errno.ENOPROTOOPT, "no such option"))
        shown = ("SOL_SOCKET", "SO_TIMESTAMPING", flags)
        option = (socket.SOL_SOCKET, kernel_clock.OPTION, flags)
        self._call("setsockopt", shown, _zero, self._socket.setsockopt, *option)

    def take_kernel_times(self) -> bool:
        """Record what the kernel tells of octets that were sent. Out: whether it told anything."""
        stamping, told = self._stamping, False
        while stamping is not None and stamping.owed:
            try:
                _, ancillary, _, _ = self._socket.recvmsg(0, _ERRORS, socket.MSG_ERRQUEUE)
            except OSError:  # there is nothing more
                break
            told = True
            note = read_note(ancillary)
            end = stamping.end_of(note) if note else 0
            if note and end:
                self._recorder.stamped(self._sent, end, note.what, note.realtime_ns)
        return told

    def round_trip(self) -> None:
        """Ask for TCP's round-trip time, in microseconds, where the system tells it (tcp(7))."""
        self._tcp_info("tcpi_rtt", _rtt)

    def sent_by_tcp(self) -> None:
        """Ask how many octets TCP has sent of those that it took, where the system tells it."""
        self._tcp_info("tcpi_bytes_sent", _bytes_sent)

    def _tcp_info(self, member: str, read: Callable[[bytes], tuple[Plain, str]]) -> None:
        if _TCP_INFO is None:
            return
        shown = ("IPPROTO_TCP", "TCP_INFO", member)
        option = (socket.IPPROTO_TCP, _TCP_INFO, _BYTES_RETRANS.stop)
        self._call("getsockopt", shown, read, self._socket.getsockopt, *option)

    def send_at_once(self) -> None:
        """Ask TCP not to hold small segments back (Nagle's algorithm off)."""
        shown = ("IPPROTO_TCP", "TCP_NODELAY", 1)
        option = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._call("setsockopt", shown, _zero, self._socket.setsockopt, *option)

    def peer(self) -> tuple[str, int]:
        """The address and port at the other end."""
        address = self._call("getpeername", (), _shown_endpoint, self._socket.getpeername)
        return address[0], address[1]

    def local(self) -> tuple[str, int]:
        """The address and port at our end."""
        address = self._call("getsockname", (), _shown_endpoint, self._socket.getsockname)
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
        start_ns = self._recorder.now_ns()
        try:
            if self._stamping is None or not self._stamping.arrivals:
                return self._received_now(self._socket.recv(size), size, start_ns)
            return self._arrived(self._socket.recvmsg(size, _BESIDE), size, start_ns)
        except BlockingIOError:
            return None
        except OSError as error:
            raise self._failed("recv", (size,), start_ns, error) from error

    def shutdown_write(self) -> None:
        """Say that nothing more will be sent."""
        self._call("shutdown", ("SHUT_WR",), _zero, self._socket.shutdown, socket.SHUT_WR)

    def close(self) -> None:
        """Give the socket back to the kernel."""
        self._wire.closed(self)
        self.take_kernel_times()
        self._call("close", (), _nothing, self._socket.close)

    def _sent_now(self, count: int, data: bytes, start_ns: int) -> int:
        sent = data if count == len(data) else data[:count]
        self._recorder.moved(self.name, "send", len(data), start_ns, self._sent, sent)
        if self._stamping is not None and self._stamping.sent(count):
            self._stamp(kernel_clock.ARRIVALS)  # no notes on octets that are not kept
        return count

    def _received_now(self, data: bytes, size: int, start_ns: int) -> bytes:
        self._recorder.moved(self.name, "recv", size, start_ns, self._received, data)
        return data

    def _arrived(self, given: tuple[Any, ...], size: int, start_ns: int) -> bytes:
        """What `recvmsg` gave: octets, and when the last of them came."""
        data: bytes = given[0]
        assert self._stamping is not None
        self._recorder.moved(self.name, "recv", size, start_ns, self._received, data)
        end, arrived_ns = self._stamping.received(len(data)), read_arrival(given[1])
        if arrived_ns and data:
            self._recorder.stamped(self._received, end, kernel_clock.ARRIVED, arrived_ns)
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


def _zero(_: object) -> tuple[Plain, str]:
    return 0, ""


def _nothing(_: object) -> tuple[Plain, str]:
    return None, ""


def _fileno(opened: socket.socket) -> tuple[Plain, str]:
    return opened.fileno(), ""


def _shown_endpoint(address: tuple[Any, ...]) -> tuple[Plain, str]:
    return _endpoint(address), ""


def _so_error(number: int) -> tuple[Plain, str]:
    return number, errno.errorcode.get(number, str(number)) if number else ""


def _rtt(info: bytes) -> tuple[Plain, str]:
    return int.from_bytes(info[_RTT], sys.byteorder), ""


def _bytes_sent(info: bytes) -> tuple[Plain, str]:
    if len(info) < _BYTES_RETRANS.stop:
        return None, ""
    sent, again = (int.from_bytes(info[at], sys.byteorder) for at in (_BYTES_SENT, _BYTES_RETRANS))
    return sent - again, ""


def _endpoint(address: tuple[Any, ...]) -> str:
    host, port = address[0], address[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
