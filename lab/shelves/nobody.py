"""Where nobody is, or nobody takes what is sent: the ways in which nothing can come back."""

from __future__ import annotations

from typing import Final

from lab.behaviour import Ask, Behaviour, Named, Shelf
from lab.visit import Visit

BROADCAST: Final = "127.255.255.255"
"""Loopback's broadcast address. TCP connects to no such address: the kernel says so at once."""
BODY_OCTETS: Final = 65_536
BODY: Final = b"0" * BODY_OCTETS
SMALL: Final = 4_096
PATIENCE_S: Final = 15.0
PROBE: Final = b"Is anybody there?"


def stands_still(visit: Visit) -> None:
    """Take the connection and read nothing from it, until we stop or the client has long gone."""
    visit.wait(PATIENCE_S)


SHELF: Final = Shelf(
    "nobody",
    "Nobody there",
    "No answer looks different each time: refused, unreachable, silent, or never taken.",
    {
        "full-queue": Behaviour(
            "A full queue",
            "each SYN is dropped, sent again, and dropped again",
            None,
            full=True,
        ),
        "reads-nothing": Behaviour(
            "Reads nothing",
            "takes the connection and little of our 64 kB: the queues fill up",
            stands_still,
            ask=Ask(method="POST", body=BODY, socket_options=(("SO_SNDBUF", str(SMALL)),)),
            kept_octets=SMALL,
            reads=False,
        ),
    },
    (
        Named(
            "unreachable",
            "No way there",
            "an address that no connection can be made to: the kernel says so",
            "http://{name}.lab.test:8080/",
        ),
        Named(
            "udp-silence",
            "A datagram into the dark",
            "one UDP datagram, and nothing that says whether it came",
            "udp://{name}.lab.test:{silent}",
            Ask(raw=PROBE),
        ),
        Named(
            "udp-refused",
            "A datagram comes back as ICMP",
            "nothing takes datagrams at that port, and the machine says so",
            "udp://{name}.lab.test:{refusing}",
            Ask(raw=PROBE),
        ),
    ),
)

RECORDS: Final = {"unreachable.lab.test.": (f"A {BROADCAST}",)}
UNREACHABLE: Final = f"{BROADCAST}:8080"
