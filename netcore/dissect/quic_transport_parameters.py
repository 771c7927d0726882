"""Transport parameters: what each end of a QUIC connection tells the other in its hello.

They are the data of an extension of TLS (RFC 9001 §8.2); RFC 9000 §18 has their form, RFC 9221,
RFC 9287 and RFC 9368 have more of them. One that no table knows, GREASE included, is one leaf.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.dissect.quic_varint import read_varint
from netcore.reader import Reader
from netcore.registries.quic import transport_parameter, version_name

_MOST: Final = 1_000  # of one hello that are shown; real ones have fewer than thirty


def read_transport_parameters(r: Reader) -> None:
    """RFC 9000 §18."""
    for _ in range(_MOST):
        if not r.remaining:
            return
        with r.group("transport_parameter", "RFC 9000 §18") as group:
            number = read_varint(r, "transport_parameter_id", transport_parameter)
            group.label = transport_parameter(number)
            length = read_varint(r, "transport_parameter_length")
            read = _FORMS.get(number)
            if read is None or (not length and read is not _read_flag):
                _read_opaque(r, length, group.label)
                continue
            spec = _SPECS.get(number, "RFC 9000 §18.2")
            with r.block("transport_parameter_value", length, spec, group.label):
                read(r, group.label)
    if r.remaining:
        r.malformed(f"quic.transport_parameter: {_MOST:,} are shown, not those after")


def _read_opaque(r: Reader, length: int, label: str) -> None:
    """RFC 9000 §18: the data of a parameter whose form is not read here."""
    if length:
        r.octets("transport_parameter_data", length, label)


def _read_flag(r: Reader, name: str) -> None:
    """RFC 9000 §18.2: a parameter without data; its presence is what it says."""


def _read_connection_id(r: Reader, name: str) -> None:
    """RFC 9000 §18.2."""
    if r.remaining > 20:
        r.malformed("quic.connection_id: a connection id has at most 20 octets")
    r.rest(name)


def _read_number(r: Reader, name: str) -> None:
    """RFC 9000 §18.2, with the bounds that it sets."""
    value = read_varint(r, name)
    bounds, why = _BOUNDS.get(name, (range(1 << 62), ""))
    if value not in bounds:
        r.malformed(f"quic.transport_parameter: {why}")


_BOUNDS: Final = {
    "max_udp_payload_size": (range(1_200, 1 << 62), "values below 1,200 are not allowed"),
    "ack_delay_exponent": (range(21), "the exponent is 20 at most"),
    "max_ack_delay": (range(1 << 14), "the delay is below 2^14 milliseconds"),
    "active_connection_id_limit": (range(2, 1 << 62), "at least 2 ids have to be stored"),
    "initial_max_streams_bidi": (range((1 << 60) + 1), "at most 2^60 streams can be allowed"),
    "initial_max_streams_uni": (range((1 << 60) + 1), "at most 2^60 streams can be allowed"),
}


def _read_reset_token(r: Reader, name: str) -> None:
    """RFC 9000 §10.3."""
    r.octets("stateless_reset_token", 16)


def _read_preferred_address(r: Reader, name: str) -> None:
    """RFC 9000 §18.2."""
    r.octets("ipv4_address", 4)
    r.uint("ipv4_port", 16)
    r.octets("ipv6_address", 16)
    r.uint("ipv6_port", 16)
    length = r.uint("connection_id_length", 8)
    r.octets("connection_id", length)
    r.octets("stateless_reset_token", 16)


def _read_version_information(r: Reader, name: str) -> None:
    """RFC 9368 §3."""
    r.uint("chosen_version", 32, label=version_name(int.from_bytes(r.peek(4), "big")))
    while r.remaining:
        r.uint("available_version", 32, label=version_name(int.from_bytes(r.peek(4), "big")))


def _read_text(r: Reader, name: str) -> None:
    """Not in an RFC: what Chromium says of itself."""
    r.text("text", r.remaining)


_FORMS: Final[dict[int, Callable[[Reader, str], None]]] = {
    **dict.fromkeys((0x00, 0x0F, 0x10), _read_connection_id),
    **dict.fromkeys((*range(0x03, 0x0C), 0x01, 0x0E, 0x20, 0x3127, 0xFF04DE1B), _read_number),
    0x02: _read_reset_token,
    0x0C: _read_flag,
    0x0D: _read_preferred_address,
    0x11: _read_version_information,
    0x2AB2: _read_flag,
    0x3129: _read_text,
}
_SPECS: Final = {
    0x11: "RFC 9368 §3",
    0x20: "RFC 9221 §3",
    0x2AB2: "RFC 9287 §3",
    0xFF04DE1B: "draft-ietf-quic-ack-frequency §3",
}
