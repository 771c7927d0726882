"""The servers of the root zone, with which a walk from the root begins (RFC 9609)."""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_rows

ROOT_SERVERS: Final = tuple((name, (v4, v6)) for name, v4, v6 in read_rows("root_hints.csv"))
"""Name, and addresses: IPv4, then IPv6."""
