"""Marks of one peer, made by hand."""

from __future__ import annotations

from typing import Any

from netcore.marks import Lane, Mark

SERVER = "tcp:192.0.2.1:80"


def lane(round_trip_ns: int = 100, key: str = SERVER) -> Lane:
    return Lane(key, "server", "Server", key[4:], round_trip_ns, "connect()")


def mark(number: int, direction: str, time_ns: int, **changes: Any) -> Mark:
    settings: dict[str, Any] = {
        "kind": "send" if direction == "sent" else "receive",
        "layer": "http",
        "lane": SERVER,
        "stage": "request",
        "hop": 1,
        "title": "octets",
        "octets": 9,
        "last_ns": time_ns,
    } | changes
    return Mark(number=number, members=(number,), direction=direction, time_ns=time_ns, **settings)
