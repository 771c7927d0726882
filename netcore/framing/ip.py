"""Captured packets: each is a unit of its own, as the interface passed it."""

from __future__ import annotations

from netcore.channels import CAPTURED, Channel, Span
from netcore.pdu import Pdu


def is_captured(channel: Channel) -> bool:
    """Whether the channel holds packets, and not what a socket's calls moved."""
    return channel.name.startswith(f"{CAPTURED}:")


def frame_quoted(channel: Channel) -> list[Pdu]:
    """What ICMP errors quote of our own segments, as the error queue of a socket gives it."""
    return [
        Pdu(
            "tcp_segment",
            channel.octets[piece.start : piece.end],
            (Span(channel.name, piece.start, piece.end),),
        )
        for piece in channel.pieces
    ]


def frame(channel: Channel) -> list[Pdu]:
    """One unit for each packet of an interface and direction."""
    return [
        Pdu(
            "ip_datagram",
            channel.octets[piece.start : piece.end],
            (Span(channel.name, piece.start, piece.end),),
        )
        for piece in channel.pieces
    ]
