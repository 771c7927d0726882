"""Numbers of HTTP/2, by IANA (the file names each registry)."""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_numbers

_TABLES: Final = read_numbers("http2.toml")

FRAME_TYPES: Final = _TABLES["frame_types"]
SETTINGS: Final = _TABLES["settings"]
ERROR_CODES: Final = _TABLES["error_codes"]
