"""QUIC rules: what is worth saying of its packets and frames."""

from __future__ import annotations

from collections.abc import Iterator

from netcore.field import find
from web.player.found import Found, Place, found


def packet(place: Place) -> Iterator[Found]:
    """A packet as it crossed."""
    kind = find(place.tree, "long_packet_type")
    if place.sent and kind is not None and kind.label == "Initial":
        yield found("quic_initial", kind, size=place.mark.octets)
    number = find(place.tree, "protected_packet_number")
    if number is not None and not place.sent:
        yield found("quic_number", number)


def padding(place: Place) -> Iterator[Found]:
    """What fills a datagram."""
    if place.sent:
        yield found("quic_padding", place.tree, size=place.pdu.size)


def unprotected(place: Place) -> Iterator[Found]:
    """The frames of a packet that tell how the connection stands."""
    done = find(place.tree, "quic_frame_handshake_done")
    if done is not None:
        yield found("quic_done", done)
    end = find(place.tree, "quic_frame_connection_close")
    if end is not None:
        code = find(end, "application_error_code") or find(end, "error_code")
        yield found("quic_close", end, label=code.label if code is not None else "")
