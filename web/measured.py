"""Measured: what the lab's servers noted of a fetch, as events of its trace.

A fetch knows the two ends of each of its sockets; the lab knows what passed between two ends, and
when, by the same clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lab.log import Log
from netcore.recorder import OtherEnds
from netcore.trace import AnyEvent, Called, PeerCalled

_CHANNELS = {"recv": "sent", "send": "received"}


def told_by(log: Log) -> OtherEnds:
    """What tells of the servers' ends of a fetch that has ended. In: what they noted."""

    def other_ends(events: Sequence[AnyEvent], start_ns: int) -> list[PeerCalled]:
        found = [
            called
            for socket, (server, client) in _ends(events).items()
            for called in _told(log, socket, server, client, start_ns)
        ]
        return sorted(found, key=lambda called: called.time_ns)

    return other_ends


def _ends(events: Sequence[AnyEvent]) -> dict[str, tuple[str, str]]:
    """The server's end and ours of each socket, as far as both are known."""
    theirs: dict[str, str] = {}
    ours: dict[str, str] = {}
    for event in events:
        if not isinstance(event, Called):
            continue
        if event.call == "connect":
            theirs[event.socket] = event.peer
        elif event.call == "getsockname" and event.result:
            ours[event.socket] = str(event.result)
    return {socket: (theirs[socket], own) for socket, own in ours.items() if socket in theirs}


def _told(log: Log, socket: str, server: str, client: str, start_ns: int) -> Iterator[PeerCalled]:
    """The calls of one connection, their places counted from its beginning."""
    key = socket.partition(":")[0], server, client
    crossed = {"recv": 0, "send": 0}
    for noted in log.told(key, start_ns):
        yield PeerCalled(
            noted.start_ns - start_ns,
            channel=f"{socket}.{_CHANNELS[noted.call]}",
            call=noted.call,
            offset=crossed[noted.call],
            length=noted.length,
            duration_ns=max(0, noted.end_ns - noted.start_ns),
            lost=noted.lost,
        )
        if noted.call == "recv" or not noted.lost:
            crossed[noted.call] += noted.length
