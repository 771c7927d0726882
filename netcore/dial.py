"""Dial: from the admitted endpoints of a host to one connected socket."""

from __future__ import annotations

from collections.abc import Sequence

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.wire import WRITE, CallFailed, Socket, Wire

_CODES = {
    "ECONNREFUSED": ("tcp.refused", "refused the connection: nothing listens on that port"),
    "ECONNRESET": ("tcp.reset", "reset the connection while it was being made"),
    "ETIMEDOUT": ("tcp.timeout", "did not answer the connection request"),
}
_UNREACHABLE = "tcp.unreachable"
_TELLING = ("tcp.refused", "tcp.reset", "tcp.timeout", _UNREACHABLE)
"""Where several addresses failed in different ways, the first of these names the failure."""


def dial(wire: Wire, guard: Guard, endpoints: Sequence[Admitted], deadlines: Deadlines) -> Socket:
    """Try the endpoints in order until one takes the connection.

    Out: a TCP socket whose peer is the endpoint that was vetted.
    Raises: FetchError (tcp.*), Refused (guard.peer_mismatch).
    """
    failures: list[FetchError] = []
    for number, endpoint in enumerate(endpoints, start=1):
        deadlines.remaining_s()
        place = f"address {number} of {len(endpoints)}; {endpoint.why}"
        wire.recorder.chose("address", shown(endpoint), place)
        try:
            socket = _connect(wire, endpoint, len(endpoints) - number, deadlines)
        except FetchError as error:
            if error.code not in _TELLING:
                raise
            failures.append(error)
            continue
        guard.check_peer(endpoint, socket.peer()[0])
        socket.local()
        return socket
    raise min(failures, key=lambda each: _TELLING.index(each.code))


def shown(endpoint: Admitted) -> str:
    """The endpoint as it is written for a reader: "192.0.2.1:443", "[2001:db8::1]:443"."""
    host = f"[{endpoint.address}]" if ":" in endpoint.address else endpoint.address
    return f"{host}:{endpoint.port}"


def _connect(wire: Wire, endpoint: Admitted, others: int, deadlines: Deadlines) -> Socket:
    """One attempt. It may take its share of the time that is left if there are `others`."""
    socket = None
    try:
        socket = wire.tcp(endpoint)
        socket.send_at_once()
        if not socket.connect():
            _await(wire, socket, others, deadlines)
    except CallFailed as failed:
        if socket is not None:
            socket.close()
        raise _failure(endpoint, failed.errno) from failed
    return socket


def _await(wire: Wire, socket: Socket, others: int, deadlines: Deadlines) -> None:
    remaining = deadlines.remaining_s()
    share = None if remaining is None else remaining / (others + 1)
    ready = wire.wait([(socket, WRITE)], share)
    errno = socket.connect_error() if ready else "ETIMEDOUT"
    if not errno:
        return
    if not ready:
        deadlines.remaining_s()
    endpoint = socket.admitted
    socket.close()
    raise _failure(endpoint, errno)


def _failure(endpoint: Admitted, errno: str) -> FetchError:
    code, what = _CODES.get(errno, (_UNREACHABLE, f"cannot be reached from here ({errno})"))
    return FetchError(code, f"{shown(endpoint)} {what}.")
