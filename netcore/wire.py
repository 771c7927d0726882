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
from collections.abc import Callable, Iterable
from typing import Any, Final

from netcore.capture.capturing import Capturing
from netcore.error_queue import (
    ANCILLARY_OCTETS,
    IP_RECVERR,
    IPV6_RECVERR,
    MESSAGE_OCTETS,
    Reported,
    read_ancillary,
)
from netcore.guard import Admitted
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
_UNFINISHED = {"EINPROGRESS", "EWOULDBLOCK", "EAGAIN"}


class CallFailed(Exception):
    """A call on a socket failed; `errno` is the error's name, "ECONNREFUSED"."""

    def __init__(self, call: str, error: OSError) -> None:
        super().__init__(f"{call}: {error.strerror}")
        self.errno = errno.errorcode.get(error.errno or 0, str(error.errno))


class Wire:
    """The sockets of one fetch. Use it as a context: leaving it closes them all."""

    def __init__(self, recorder: Recorder, capturing: Capturing | None = None) -> None:
        self.recorder = recorder
        self.capturing = capturing
        self._counts = {"tcp": 0, "udp": 0}
        self._open: list[Socket] = []
        self._wanted: tuple[tuple[Socket, int], ...] = ()  # what the selector waits for
        self._selector = _Selector()
        self._shown: tuple[str, list[Plain]] = ("", [])  # how a wait for it is recorded

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
        return opened

    def wait(self, wants: Iterable[tuple[Socket, int]], timeout_s: float | None) -> list[Socket]:
        """Wait until one of the sockets can do what is wanted of it (READ, WRITE or both).

        In: `timeout_s`, None to wait for ever. Out: the sockets that are ready, none of them if
        the time ran out first.
        """
        wanted = tuple(wants)
        if wanted != self._wanted:
            self._watch(wanted)
        start_ns = self.recorder.now_ns()
        ready = self._selector.select(timeout_s)
        seen = 0
        for _, events in ready:
            seen |= events
        name, arguments = self._shown
        shown = None if timeout_s is None else round(timeout_s, 6)
        self.recorder.called(name, "select", (*arguments, shown), start_ns, _INTEREST[seen])
        if self.capturing is not None:
            self.capturing.take()
        return [key.data for key, _ in ready]

    def closed(self, which: Socket) -> None:
        """Forget a socket that was closed."""
        self._open.remove(which)
        self._wanted = ()

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
        self.capturing = wire.capturing
        self._protocol = name.partition(":")[0]
        self._sent = f"{name}.sent"
        self._received = f"{name}.received"
        self._is_v6 = ":" in admitted.address
        family = socket.AF_INET6 if self._is_v6 else socket.AF_INET
        shown = (family.name, kind.name)
        self._socket = self._call("socket", shown, _fileno, socket.socket, family, kind)
        self._socket.setblocking(False)

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
            self._call("connect", (_endpoint(address),), _zero, self._socket.connect, address)
        except CallFailed as failed:
            if failed.errno in _UNFINISHED:
                return False
            raise
        return True

    def connect_error(self) -> str:
        """What became of a connect that was begun: "" or the name of the error."""
        shown = ("SOL_SOCKET", "SO_ERROR")
        option = (socket.SOL_SOCKET, socket.SO_ERROR)
        number = self._call("getsockopt", shown, _so_error, self._socket.getsockopt, *option)
        return _so_error(number)[1]

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

    def limit_hops(self, count: int) -> None:
        """Let what is sent pass so many routers at most, less one (IP_TTL)."""
        level, name = (
            ("IPPROTO_IPV6", "IPV6_UNICAST_HOPS") if self._is_v6 else ("IPPROTO_IP", "IP_TTL")
        )
        option = getattr(socket, level), getattr(socket, name), count
        self._call("setsockopt", (level, name, count), _zero, self._socket.setsockopt, *option)

    def report_errors(self) -> None:
        """Keep ICMP errors about this socket, with who sent them (Linux's IP_RECVERR)."""
        level, name, number = (
            ("IPPROTO_IPV6", "IPV6_RECVERR", IPV6_RECVERR)
            if self._is_v6
            else ("IPPROTO_IP", "IP_RECVERR", IP_RECVERR)
        )
        option = getattr(socket, level), number, 1
        self._call("setsockopt", (level, name, 1), _zero, self._socket.setsockopt, *option)

    def reported_error(self) -> Reported | None:
        """Take the next error that was kept, None if there is none.

        What the error quotes is recorded: of TCP the segment, of UDP what the datagram carried.
        """
        start_ns = self._recorder.now_ns()
        sizes = MESSAGE_OCTETS, ANCILLARY_OCTETS
        try:
            quoted, ancillary, _, _ = self._socket.recvmsg(*sizes, socket.MSG_ERRQUEUE)
        except OSError:  # that there is none
            return None
        reported = read_ancillary(ancillary)
        self._recorder.quoted(self.name, (*sizes, "MSG_ERRQUEUE"), start_ns, str(reported), quoted)
        return reported

    def peer(self) -> tuple[str, int]:
        """The address and port at the other end."""
        address = self._call("getpeername", (), _shown_endpoint, self._socket.getpeername)
        return address[0], address[1]

    def local(self) -> tuple[str, int]:
        """The address and port at our end."""
        address = self._call("getsockname", (), _shown_endpoint, self._socket.getsockname)
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
        start_ns = self._recorder.now_ns()
        try:
            return self._received_now(self._socket.recv(size), size, start_ns)
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
        self._call("close", (), _nothing, self._socket.close)

    def _sent_now(self, count: int, data: bytes, start_ns: int) -> int:
        sent = data if count == len(data) else data[:count]
        self._recorder.moved(self.name, "send", len(data), start_ns, self._sent, sent)
        return count

    def _received_now(self, data: bytes, size: int, start_ns: int) -> bytes:
        self._recorder.moved(self.name, "recv", size, start_ns, self._received, data)
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
