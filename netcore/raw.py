"""Raw: exactly the octets that somebody typed, over TCP or UDP, and what comes back.

Theory of operation. There is no protocol above TCP or UDP here, so nothing says when an answer is
complete. A connection is over when the other end closes it, or has been silent for a while after
our octets; with datagrams there is only the silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.connecting import Connector
from netcore.deadline import Deadlines
from netcore.errors import FetchError, Refused
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.raw_target import parse_raw
from netcore.recorder import Recorder
from netcore.resolve import Resolver
from netcore.target import Target
from netcore.trace import Completed
from netcore.wire import READ, CallFailed, Socket, Wire

_SILENT: Final = "silent"  # no failure: nothing more came
_DATAGRAM: Final = 65_535
_DATAGRAM_OCTETS: Final = 65_507  # what fits into one over IPv4
_DATAGRAMS: Final = 100


class Raw:
    """One conversation without a protocol."""

    def __init__(
        self,
        url: str,
        options: Options,
        recorder: Recorder,
        wire: Wire,
        on_body: Callable[[bytes], None] | None,
    ) -> None:
        """In: `on_body`, is given what comes back, as it comes."""
        self._on_body = on_body
        self._url = url
        self._options = options
        self._recorder = recorder
        self._wire = wire
        self._guard = guard = Guard(options)
        self._deadlines = deadlines = Deadlines(recorder.now_s)
        self._resolver = Resolver(wire, guard, options, deadlines)
        self._connector = Connector(wire, guard, options, deadlines, self._resolver)

    def run(self) -> Completed:
        """Send and listen. Raises: FetchError."""
        self._deadlines.set(
            "total",
            self._options.limits.total_s,
            "limit.total",
            "The fetch was given {limit} in all, and they were over.",
        )
        with self._recorder.stage("target"):
            target = self._vet(parse_raw(self._url))
            octets = self._options.raw or b""
        try:
            endpoints = self._connector.resolve(target)
            if target.scheme == "udp":
                count = self._over_udp(endpoints[0], octets)
            else:
                count = self._over_tcp(endpoints, octets)
        finally:
            self._resolver.close()
        return Completed(self._recorder.now_ns(), 0, "", "", 1, count)

    def _vet(self, target: Target) -> Target:
        self._guard.vet_target(target)
        anywhere = self._options.any_port
        why = (
            "Any port is allowed for octets that are typed on the command line." if anywhere else ""
        )
        self._recorder.chose("guard", f"{target.host}:{target.port}", why)
        protocol = target.scheme.upper()
        self._recorder.chose(
            "raw", protocol, "Exactly the octets that were typed, and no protocol."
        )
        if len(self._options.raw or b"") > _DATAGRAM_OCTETS and target.scheme == "udp":
            raise Refused(
                "guard.bad_url", f"A datagram carries {_DATAGRAM_OCTETS:,} octets at most."
            )
        return target

    # TCP

    def _over_tcp(self, endpoints: tuple[Admitted, ...], octets: bytes) -> int:
        connection = self._connector.connect_bare(endpoints)
        complete = False
        try:
            with self._recorder.stage("request"):
                connection.queue(octets)
                early = connection.receive(until_sent=True)
            with self._recorder.stage("response"):
                count = self._listen_to(lambda: connection.receive() or b"", early or b"")
                complete = True
        finally:
            if not complete:
                connection.close(linger=False)
        with self._recorder.stage("close"):
            connection.close(linger=True)
        return count

    # UDP

    def _over_udp(self, endpoint: Admitted, octets: bytes) -> int:
        try:
            with self._recorder.stage("connect"):
                socket = self._wire.udp(endpoint)
                socket.facts.set_options()
                socket.connect()
                socket.local()
                self._guard.check_peer(endpoint, socket.peer()[0])
        except CallFailed as failed:
            raise _unreachable(endpoint, failed) from failed
        try:
            return self._converse(socket, endpoint, octets)
        except CallFailed as failed:
            raise _unreachable(endpoint, failed) from failed
        finally:
            socket.close()

    def _converse(self, socket: Socket, endpoint: Admitted, octets: bytes) -> int:
        answers: list[int] = []

        def receive() -> bytes:
            while len(answers) < _DATAGRAMS:
                datagram = socket.recv(_DATAGRAM)
                if datagram is not None:
                    answers.append(len(datagram))
                    return datagram or receive()  # an empty one is an answer, and no end
                self._wire.wait([(socket, READ)], self._deadlines.remaining_s())
            return b""

        with self._recorder.stage("request"):
            socket.send(octets)
        with self._recorder.stage("response"):
            count = self._listen_to(receive, b"")
            if not answers:
                raise FetchError(
                    "udp.no_answer",
                    f"No datagram came back from {endpoint.address}, port {endpoint.port}, within "
                    f"{self._options.limits.silence_s:g} s. UDP does not say whether ours arrived.",
                )
        return count

    def _listen_to(self, receive: Callable[[], bytes], early: bytes) -> int:
        """Take what comes until the end, silence or a limit. Out: how many octets came.

        In: `early`, what came while the octets went out.
        """
        limits, count = self._options.limits, 0
        data, why = early, "The other end closed the connection."
        try:
            while True:
                count += len(data)
                if data and self._on_body is not None:
                    self._on_body(data)
                if limits.body_read_octets is not None and count > limits.body_read_octets:
                    why = "That is as much as is read."
                    break
                self._deadlines.set("silence", limits.silence_s, _SILENT, "")
                data = receive()
                if not data:
                    break
        except FetchError as error:
            if error.code != _SILENT:
                raise
            why = f"Nothing more came for {limits.silence_s:g} s."
        self._deadlines.clear("silence")
        self._recorder.chose("end of answer", f"{count:,} octets", why)
        return count


def _unreachable(endpoint: Admitted, failed: CallFailed) -> FetchError:
    where = f"{endpoint.address}, port {endpoint.port}"
    if failed.errno == "ECONNREFUSED":
        return FetchError(
            "udp.refused",
            f"{where}: the machine there says (ICMP) that nothing takes the datagram.",
        )
    return FetchError("tcp.unreachable", f"{where} cannot be reached from here ({failed.errno}).")
