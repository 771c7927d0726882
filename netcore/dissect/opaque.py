"""Units that are one run of octets: bodies, and what lies behind a message or the recording."""

from __future__ import annotations

from netcore.reader import Reader


def read_message_body(r: Reader) -> None:
    """RFC 9112 §6."""
    r.rest("message_body", spec="RFC 9112 §6")


def read_quic_stream_data(r: Reader) -> None:
    """RFC 9000 §2.2: what a stream carried of a protocol that is not read here."""
    r.rest("quic_stream_data", spec="RFC 9000 §2.2")


def read_surplus(r: Reader) -> None:
    """RFC 9112 §6.3: what follows the last expected message is not a message."""
    r.rest("surplus", spec="RFC 9112 §6.3")


def read_quic_datagram(r: Reader) -> None:
    """RFC 9000 §12.2: packets, encrypted."""
    r.rest("quic_datagram", spec="RFC 9000 §12.2")


def read_not_kept(r: Reader) -> None:
    """Not in an RFC: what crossed after the recording reached its limit."""
    r.rest("not_kept")


def read_uncut(r: Reader) -> None:
    """Not in an RFC: what lies behind the number of units that one channel is cut into."""
    r.malformed("no more units of this channel are told apart: there are too many of them")
