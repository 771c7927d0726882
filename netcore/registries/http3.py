"""Numbers of HTTP/3, by IANA (the file names each registry), and the values reserved for GREASE."""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_numbers
from netcore.registries.tls import GREASE

_TABLES: Final = read_numbers("http3.toml")

FRAME_TYPES: Final = _TABLES["frame_types"]
RESERVED_FRAME_TYPES: Final = _TABLES["reserved_frame_types"]
SETTINGS: Final = _TABLES["settings"]
RESERVED_SETTINGS: Final = _TABLES["reserved_settings"]


def frame_name(number: int) -> str:
    """The name of a frame type (RFC 9114 §11.2.1)."""
    return (FRAME_TYPES.get(number) or RESERVED_FRAME_TYPES.get(number)) or _other(number)


def setting_name(number: int) -> str:
    """The name of a setting (RFC 9114 §11.2.2)."""
    return (SETTINGS.get(number) or RESERVED_SETTINGS.get(number)) or _other(number)


def stream_type_name(number: int) -> str:
    """The name of the type of a unidirectional stream (RFC 9114 §11.2.4)."""
    return _TABLES["stream_types"].get(number) or _other(number)


def error_name(code: int) -> str:
    """The name of an error code (RFC 9114 §11.2.3)."""
    return _TABLES["error_codes"].get(code) or _other(code)


def _other(number: int) -> str:
    """RFC 9114 reserves 0x1f * N + 0x21 in all four registries, so that nobody refuses them."""
    return GREASE if number >= 0x21 and (number - 0x21) % 0x1F == 0 else "unassigned"
