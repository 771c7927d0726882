"""Socket facts: what the system tells of one socket beside the octets that cross it.

Its options before and after, the kernel's times, and samples of TCP_INFO. Where the system lacks
one of them the trace says so, and the fetch goes on.
"""

from __future__ import annotations

from typing import Protocol

from netcore import kernel_clock
from netcore.call_results import CallFailed
from netcore.kernel_clock import Ancillary, Stamping, read_arrival, read_note
from netcore.recorder import Recorder
from netcore.socket_options import (
    BY_NAME,
    SocketOption,
    Value,
    build_value,
    read_answer,
    read_value,
    readings,
)
from netcore.tcp_info import OCTETS, Sampling, read_tcp_info
from netcore.trace import Plain, SocketOptionsRead

_SPARSE_NS = 1_000_000_000  # between samples of a connection whose calls are summed


class Asked(Protocol):
    """The socket that is asked. Constants of the system go by their names."""

    name: str
    is_ipv6: bool

    def set_option(self, level: str, option: str, shown: Plain, value: int | bytes) -> None:
        """Set an option, recorded. Raises: CallFailed."""

    def option(self, level: str, option: str, octets: int) -> int | bytes | None:
        """Read an option, unrecorded; None where the system has none of that name."""

    def error_message(self, octets: int = 0) -> tuple[bytes, Ancillary] | None:
        """The next message of the error queue, unrecorded; None if there is none."""


class SocketFacts:
    """What is known and asked of one socket.

    In: `asked`, the options that somebody wants, by name.
    """

    def __init__(
        self, socket: Asked, recorder: Recorder, asked: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self._socket = socket
        self._recorder = recorder
        self._asked = dict(asked)
        self._protocol = socket.name.partition(":")[0]
        self._sent, self._received = f"{socket.name}.sent", f"{socket.name}.received"
        self.asks_times = recorder.kernel_times
        self._has_options = False
        self._stamping: Stamping | None = None  # until the kernel was asked for its times
        self._sampling: Sampling | None = None  # until TCP is connected

    # Options

    def set_options(self) -> None:
        """Read all options, then set what was asked for. What is refused is told."""
        self._has_options = True
        self._note_options("opened")
        if self._protocol == "tcp" and "TCP_NODELAY" not in self._asked:
            self.set(BY_NAME["TCP_NODELAY"], 1)
        for name, text in self._asked.items():
            option = BY_NAME.get(name)
            if option is not None and self._protocol in option.protocols:
                self._set_asked(option, text)

    def _set_asked(self, option: SocketOption, text: str) -> None:
        try:
            self.set(option, read_value(option.name, text))
        except (CallFailed, ValueError) as failed:
            said = failed.errno if isinstance(failed, CallFailed) else str(failed)
            why = f"It was not set ({said}); the fetch goes on without it."
            self._recorder.chose("socket option", f"{option.name}={text}", why)

    def set(self, option: SocketOption, value: Value) -> None:
        """Set one option. Raises: CallFailed."""
        option = option.over_ipv6() if self._socket.is_ipv6 else option
        name = option.option or option.name
        self._socket.set_option(option.level, name, value, build_value(option, value))

    def _note_options(self, when: str) -> None:
        values: dict[str, int | str] = {}
        read = self._socket.option
        for option, level, constant, octets in readings(
            self._protocol, is_ipv6=self._socket.is_ipv6
        ):
            answer = read(level, constant, octets)
            if answer is not None:
                values[option.name] = read_answer(option, answer)
        recorder = self._recorder
        recorder.record(SocketOptionsRead(recorder.now_ns(), self._socket.name, when, values))

    # The kernel's times

    @property
    def wants_arrivals(self) -> bool:
        """Whether the kernel is to say when what is read next arrived."""
        return self._stamping is not None and self._stamping.arrivals

    def connected(self) -> None:
        """Ask for times once connected, when the octets that a note counts begin at the first."""
        if not self.asks_times or not self._recorder.kernel_times or self._stamping is not None:
            return
        is_udp = self._protocol == "udp"
        try:
            self._stamp(kernel_clock.UDP if is_udp else kernel_clock.TCP)
        except CallFailed as failed:
            self._recorder.without_kernel_times(failed.errno)
            return
        self._stamping = Stamping(self._recorder.kept_octets, datagrams=is_udp)

    def _stamp(self, flags: int) -> None:
        self._socket.set_option("SOL_SOCKET", kernel_clock.NAME, flags, flags)

    def sent(self, octets: int) -> None:
        """The kernel took octets."""
        if self._stamping is not None and self._stamping.sent(octets):
            self._stamp(kernel_clock.ARRIVALS)  # no notes on octets that are not kept

    def arrived(self, octets: int, ancillary: Ancillary) -> None:
        """Octets were read, with what stood beside them."""
        if self._stamping is None or not octets:
            return
        end, realtime_ns = self._stamping.received(octets), read_arrival(ancillary)
        if realtime_ns:
            self._recorder.stamped(self._received, end, kernel_clock.ARRIVED, realtime_ns)

    def take_kernel_times(self) -> bool:
        """Record what the kernel tells of octets that were sent. Out: whether it told anything."""
        stamping, told = self._stamping, False
        while stamping is not None and stamping.owed:
            message = self._socket.error_message()
            if message is None:
                break
            told = True
            note = read_note(message[1])
            end = stamping.end_of(note) if note else 0
            if note and end:
                self._recorder.stamped(self._sent, end, note.what, note.realtime_ns)
        return told

    # TCP_INFO

    def begin_samples(self, info: bytes) -> None:
        """TCP is connected, and this is the first that the kernel says of it."""
        if info:
            self._sampling = Sampling()
            self._note_sample(self._sampling, info)

    def sample(self, *, now: bool = False) -> None:
        """Record what the kernel knows of a TCP connection, if it is time or `now` is said."""
        sampling, recorder = self._sampling, self._recorder
        if sampling is None:
            return
        apart_ns = _SPARSE_NS if recorder.is_summing else 0
        if now or sampling.is_due(recorder.now_ns(), at_least_ns=apart_ns):
            info = self._socket.option("IPPROTO_TCP", "TCP_INFO", OCTETS)
            if isinstance(info, bytes):
                self._note_sample(sampling, info)

    def _note_sample(self, sampling: Sampling, info: bytes) -> None:
        now_ns = self._recorder.now_ns()
        sampling.taken(now_ns)
        self._recorder.record(read_tcp_info(info, now_ns, self._socket.name))

    def closing(self) -> None:
        """Record how all of it is at the end."""
        self.take_kernel_times()
        self.sample(now=True)
        if self._has_options:
            self._note_options("closed")
