"""Secrets by the client's random, from the lines of an NSS key log (RFC 9850)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Secrets = Mapping[str, bytes]
"""Label -> secret, of one connection: "CLIENT_TRAFFIC_SECRET_0", "CLIENT_RANDOM"."""

_HEX_LIMIT = 256  # characters of a secret; the longest in use, of SHA-512, has 128
_LINE = re.compile(
    rf"([A-Z0-9_]{{1,64}}) ([0-9a-fA-F]{{64}}) ((?:[0-9a-fA-F]{{2}}){{1,{_HEX_LIMIT // 2}}})\s*",
    re.ASCII,
)


def read_secrets(untrusted: Iterable[str]) -> dict[bytes, dict[str, bytes]]:
    """Client random -> label -> secret. Of equal labels the first counts, other lines do not."""
    found: dict[bytes, dict[str, bytes]] = {}
    for line in untrusted:
        match = _LINE.fullmatch(line)
        if match:
            label, client_random, secret = match.groups()
            of_connection = found.setdefault(bytes.fromhex(client_random), {})
            of_connection.setdefault(label, bytes.fromhex(secret))
    return found
