"""What the lab's servers do, by name. A new behaviour is a function and a row of a shelf."""

from __future__ import annotations

from typing import Final

from lab.behaviour import Behaviour, Shelf
from lab.shelves import (
    basics,
    bodies,
    certificates,
    disagreement,
    dns,
    door,
    handshakes,
    http2,
    http3,
    nobody,
    resolvers,
    tls,
    trouble,
    websocket,
)

SHELVES: Final[tuple[Shelf, ...]] = (
    basics.SHELF,
    bodies.SHELF,
    dns.SHELF,
    http2.SHELF,
    http3.SHELF,
    websocket.SHELF,
    tls.SHELF,
    handshakes.SHELF,
    certificates.SHELF,
    disagreement.SHELF,
    http3.WRONG,
    websocket.WRONG,
    trouble.SHELF,
    resolvers.SHELF,
    nobody.SHELF,
    door.SHELF,
)
"""In the order of the home page, from what everybody should see once to what goes wrong."""

BEHAVIOURS: Final[dict[str, Behaviour]] = {
    name: row for shelf in SHELVES for name, row in shelf.rows.items()
}
