"""Numbers of WebSocket, by IANA (the file names each registry)."""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_numbers

_TABLES: Final = read_numbers("websocket.toml")

OPCODES: Final = _TABLES["opcodes"]
CLOSE_CODES: Final = _TABLES["close_codes"]
