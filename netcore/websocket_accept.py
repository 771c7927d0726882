"""The accept value of WebSocket, derived step by step from a key (RFC 6455 §4.2.2, step 5.4)."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import Final, NamedTuple

GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""It stands in RFC 6455 §1.3, and no other protocol has a use for it."""


class AcceptSteps(NamedTuple):
    """From a key to the value that shows that a server has read it."""

    key: str  # as the client's Sec-WebSocket-Key has it, in base64
    joined: str  # the key and the GUID behind it
    digest: bytes  # SHA-1 of that
    accept: str  # the digest in base64
    answered: str  # what the server's Sec-WebSocket-Accept has; "" without one

    @property
    def is_right(self) -> bool:
        """Whether the server answered what our key comes to."""
        return self.answered == self.accept


def accept_steps(key: str, answered: str) -> AcceptSteps:
    """All steps. In: both values as they stood in the heads, an octet a character."""
    joined = key.strip() + GUID
    digest = hashlib.sha1(joined.encode("latin-1"), usedforsecurity=False).digest()
    accept = b64encode(digest).decode("ascii")
    return AcceptSteps(key.strip(), joined, digest, accept, answered.strip())
