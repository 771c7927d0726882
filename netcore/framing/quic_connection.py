"""What is known of a QUIC connection as a whole, and of each of its packets."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from netcore.channels import Span
from netcore.decrypt.quic import Unprotected
from netcore.dissect.quic_frame_walk import Frame
from netcore.dissect.quic_packet import NAMES
from netcore.framing.quic_opening import SPACES
from netcore.pdu import Pdu


class Packet(msgspec.Struct, eq=False):
    """One packet: as it crossed, and as it was before it was protected."""

    direction: str  # "sent" or "received"
    event: int  # the number of the call that moved its datagram
    kind: int  # by netcore.dissect.quic_packet: INITIAL and so on
    version: int  # of a short header: the one that the connection had
    dcid: bytes
    scid: bytes
    pdu: Pdu  # as it crossed
    plain: Pdu | None = None  # without protection; None where it stayed closed, or has none
    opened: Unprotected | None = None
    frames: tuple[Frame, ...] = ()
    token: bytes = b""
    error: str = ""  # why it stayed closed

    @property
    def name(self) -> str:
        """What the RFC calls such a packet."""
        return NAMES[self.kind]

    @property
    def number(self) -> int | None:
        """The packet number; None where it is not known."""
        return self.opened.packet_number if self.opened else None

    @property
    def space(self) -> int:
        """The packet number space: 0 for Initial, 1 for Handshake, 2 for all others."""
        return SPACES.get(self.kind, 2)

    @property
    def sample(self) -> Span | None:
        """Where the octets stand that the mask of its header was made from."""
        if self.opened is None:
            return None
        span = self.pdu.origin[0]
        start = span.start + self.opened.unmasked.sample_at
        return Span(span.channel, start, start + 16)


class ConnectionId(NamedTuple):
    """A connection id, by which the other side names its receiver."""

    issued_by: str  # "sent": by the client; "received": by the server
    sequence_number: int
    connection_id: bytes
    packet: Packet  # that told it
    stateless_reset_token: bytes = b""


class Close(NamedTuple):
    """How a connection was ended."""

    direction: str  # who ended it
    how: str  # "CONNECTION_CLOSE" or "stateless reset"
    is_application: bool
    error_code: int
    label: str  # the registered name of the code
    reason: str
    packet: Packet


class Stream(NamedTuple):
    """One stream of the application, in one direction."""

    stream_id: int
    direction: str
    channel: str  # "quic:1/0.sent"
    octets: int
    final_size: int | None
    has_hole: bool  # octets in the middle were not recorded


class Connection(msgspec.Struct, eq=False):
    """A QUIC connection."""

    packets: list[Packet] = []  # in the order in which they crossed
    original_dcid: bytes = b""
    version: int = 0  # the last one that was spoken
    randoms: list[bytes] = []  # of all ClientHellos, the newest first
    cipher_suite: str = ""
    alpn: str = ""
    transport_parameters: dict[str, dict[str, object]] = {}  # by direction, then by name
    retries: list[Packet] = []
    retry_is_genuine: bool | None = None  # None without a Retry
    versions_refused: list[int] = []  # what a Version Negotiation packet offered instead
    connection_ids: list[ConnectionId] = []
    retired: list[tuple[str, int]] = []  # who retired, and which sequence number
    close: Close | None = None
    streams: list[Stream] = []

    @property
    def key_updates(self) -> dict[str, int]:
        """How many key updates each direction had."""
        found = {"sent": 0, "received": 0}
        for packet in self.packets:
            if packet.opened:
                count = max(found[packet.direction], packet.opened.generation)
                found[packet.direction] = count
        return found
