"""Numbers of QUIC, by IANA (the file names each registry), and the values reserved for GREASE."""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_numbers
from netcore.registries.tls import ALERTS, GREASE

_TABLES: Final = read_numbers("quic.toml")

V1: Final = 0x00000001
V2: Final = 0x6B3343CF  # RFC 9369 §3.1
VERSIONS: Final = _TABLES["versions"]
FRAME_TYPES: Final = _TABLES["frame_types"]
OTHER_FRAME_TYPES: Final = _TABLES["other_frame_types"]
TRANSPORT_PARAMETERS: Final = _TABLES["transport_parameters"]
_CRYPTO_ERROR: Final = range(0x0100, 0x0200)


def version_name(version: int) -> str:
    """The name of a version. RFC 9000 §15 reserves those of the form 0x?a?a?a?a."""
    if version & 0x0F0F0F0F == 0x0A0A0A0A:
        return GREASE
    return VERSIONS.get(version, "unassigned")


def frame_name(number: int) -> str:
    """The name of a frame type, "unassigned" without one."""
    return FRAME_TYPES.get(number) or OTHER_FRAME_TYPES.get(number, "unassigned")


def transport_error(code: int) -> str:
    """The name of an error of the transport; RFC 9001 §4.8 puts alerts of TLS among them."""
    if code in _CRYPTO_ERROR:
        return f"CRYPTO_ERROR, {ALERTS.get(code & 0xFF, 'unassigned')}"
    return _TABLES["transport_errors"].get(code, "unassigned")


def transport_parameter(number: int) -> str:
    """The name of a transport parameter. RFC 9000 §18.1 reserves 31 * N + 27."""
    if number % 31 == 27:
        return GREASE
    return TRANSPORT_PARAMETERS.get(number, "unassigned")
