"""The secrets of QUIC connections as Wireshark and tshark look for them.

A client may send another ClientHello after a Retry or when its version was refused, with another
random; a key log then names the secrets by the last one. tshark keeps to the first hello of a
connection, and finds nothing. So each line stands in the file once more, under the first random.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from netcore.channels import collect
from netcore.framing.quic import begins_quic
from netcore.framing.quic_connection import Connection
from netcore.pdus import explain
from netcore.trace import AnyEvent


def quic_connections(events: Sequence[AnyEvent]) -> Mapping[str, Connection]:
    """The QUIC connections by their sockets: "udp:1". Without any, nothing is explained for it."""
    if not any(begins_quic(channel) for channel in collect(events).values()):
        return {}
    return {f"udp:{number}": each for number, each in explain(events).quic.items()}


def under_the_first_random(lines: Iterable[str], connections: Iterable[Connection]) -> list[str]:
    """The lines of a key log that are to be added."""
    first = {
        random.hex(): connection.randoms[-1].hex()
        for connection in connections
        for random in connection.randoms[:-1]
    }
    found: list[str] = []
    for line in lines:
        label, random, secret = line.split(" ")
        other = first.get(random.lower())
        if other is not None:
            found.append(f"{label} {other} {secret}")
    return found
