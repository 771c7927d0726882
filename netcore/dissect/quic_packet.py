"""QUIC packets: with their protection, as they cross, and without it (RFC 9000 §17, RFC 9001 §5).

A packet under protection says in the clear only what a router or a server needs before it has any
key; of its first octet four or five bits are masked, and so is the packet number, whose length is
one of the things that the mask hides. So the four octets where a packet number may stand are one
leaf, and the sample that the mask is made from another. Without protection the same packet has the
fields that the RFC draws. A short header does not say how long its connection id is: the part of
the name behind the dot does.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from netcore.dissect.quic_varint import read_varint, varint
from netcore.reader import Read, Reader
from netcore.registries.quic import V2, version_name

LONG, FIXED = 0x80, 0x40  # bits of the first octet
INITIAL, ZERO_RTT, HANDSHAKE, RETRY = range(4)  # as version 1 numbers them
ONE_RTT, VERSION_NEGOTIATION = 4, 5  # that have no number on the wire
NAMES: Final = ("Initial", "0-RTT", "Handshake", "Retry", "1-RTT", "Version Negotiation")
LONGEST_ID: Final = 20
TOKEN = TAG = SAMPLE = 16
_NUMBER = 4
_IDS: Final = range(LONGEST_ID + 1)


class LongHeader(NamedTuple):
    """What the head of a packet with a long header says in the clear."""

    kind: int  # INITIAL and so on
    version: int
    dcid: bytes
    scid: bytes
    token: bytes  # of Initial and Retry
    number_at: int  # where the packet number begins, in octets; of packets without one, its end
    end: int  # where the packet ends


def long_type(first: int, version: int) -> int:
    """The type in a first octet: version 2 turned the numbers by one (RFC 9369 §3.2)."""
    number = first >> 4 & 3
    return (number - 1) % 4 if version == V2 else number


def long_header(octets: bytes, at: int = 0) -> LongHeader | None:
    """The header that begins at `at`; None where it is none, or not there whole.

    Source: RFC 9000 §17.2. A packet that says it is longer than what is left ends with it.
    """
    if len(octets) < at + 7 or not octets[at] & LONG:
        return None
    version = int.from_bytes(octets[at + 1 : at + 5], "big")
    dcid_at = at + 6
    scid_at = dcid_at + octets[at + 5] + 1
    if scid_at > len(octets):
        return None
    dcid, end = octets[dcid_at : scid_at - 1], scid_at + octets[scid_at - 1]
    scid, size = octets[scid_at:end], len(octets)
    if end > size:
        return None
    if not version:
        return LongHeader(VERSION_NEGOTIATION, 0, dcid, scid, b"", size, size)
    if not octets[at] & FIXED or max(len(dcid), len(scid)) > LONGEST_ID:
        return None
    kind = long_type(octets[at], version)
    if kind == RETRY:
        return LongHeader(RETRY, version, dcid, scid, octets[end : size - TAG], size, size)
    return _numbered(octets, end, LongHeader(kind, version, dcid, scid, b"", 0, 0))


def _numbered(octets: bytes, at: int, header: LongHeader) -> LongHeader | None:
    token = b""
    if header.kind == INITIAL:
        found = varint(octets, at)
        if found is None or found[0] > len(octets):
            return None
        token, at = octets[found[1] : found[1] + found[0]], found[1] + found[0]
    length = varint(octets, at)
    if length is None:
        return None
    end = min(length[1] + length[0], len(octets))
    return header._replace(token=token, number_at=length[1], end=end)


def read_quic_packet(r: Reader) -> None:
    """RFC 9000 §17.2, with the protection of RFC 9001 §5 on it."""
    header = long_header(r.peek(r.remaining))
    kind = header.kind if header else INITIAL
    _read_long_beginning(r, kind, is_protected=True)
    if kind == INITIAL:
        _read_token(r)
    _read_protected(r, read_varint(r, "length", spec=_SPECS[kind]))


def read_quic_packet_unprotected(r: Reader) -> None:
    """RFC 9000 §17.2."""
    header = long_header(r.peek(r.remaining))
    kind = header.kind if header else INITIAL
    number_octets = _read_long_beginning(r, kind, is_protected=False)
    if kind == INITIAL:
        _read_token(r)
    read_varint(r, "length", spec=_SPECS[kind])
    r.uint("packet_number", number_octets * 8, spec="RFC 9000 §17.1")
    r.rest("packet_payload", spec="RFC 9000 §12.4")


_SPECS: Final = (
    *("RFC 9000 §17.2.2", "RFC 9000 §17.2.3", "RFC 9000 §17.2.4", "RFC 9000 §17.2.5"),
    *("RFC 9000 §17.3.1", "RFC 9000 §17.2.1"),
)


def _read_long_beginning(r: Reader, kind: int, *, is_protected: bool) -> int:
    """Up to the connection ids. Out: the octets of the packet number; if they are hidden, 0."""
    spec, number_octets = _SPECS[kind], 0
    r.uint("header_form", 1, {1: "long header", 0: "short header"}, "RFC 9000 §17.2")
    if not r.flag("fixed_bit", "RFC 9000 §17.2"):
        r.blame("quic.fixed_bit: this bit is 1 in every packet of these versions")
    r.uint("long_packet_type", 2, spec=spec, label=NAMES[kind])
    if is_protected:
        r.uint("protected_bits", 4, spec="RFC 9001 §5.4.1")
    else:
        number_octets = _read_last_bits(r)
    r.uint("version", 32, spec="RFC 9000 §15", label=_version_of(r))
    _read_connection_id(r, "destination_connection_id")
    _read_connection_id(r, "source_connection_id")
    return number_octets


def _version_of(r: Reader) -> str:
    return version_name(int.from_bytes(r.peek(4), "big"))


def _read_last_bits(r: Reader) -> int:
    if r.uint("reserved_bits", 2, spec="RFC 9000 §17.2"):
        r.blame("quic.reserved_bits: these bits are 0 once the protection is off")
    length = r.uint("packet_number_length", 2, _NUMBER_LENGTHS, "RFC 9000 §17.2")
    return length + 1


_NUMBER_LENGTHS: Final = {0: "1 octet", 1: "2 octets", 2: "3 octets", 3: "4 octets"}


def _read_connection_id(r: Reader, name: str) -> None:
    length = r.uint(f"{name}_length", 8, spec="RFC 9000 §17.2")
    if length > LONGEST_ID:
        r.blame("quic.connection_id: a connection id has at most 20 octets in these versions")
    if length:
        r.octets(name, length, spec="RFC 9000 §5.1")


def _read_token(r: Reader) -> None:
    length = read_varint(r, "token_length", spec="RFC 9000 §17.2.2")
    if length:
        r.octets("token", length, spec="RFC 9000 §8.1")


def _read_protected(r: Reader, length: int) -> None:
    """What the length covers: the packet number and the payload, both under protection."""
    with r.block("protected", length, "RFC 9001 §5.4"):
        if r.remaining < _NUMBER + SAMPLE:
            r.malformed("quic.too_short: there is no sample to take a mask from")
        r.octets("protected_packet_number", _NUMBER, spec="RFC 9001 §5.4.1")
        r.octets("sample", SAMPLE, spec="RFC 9001 §5.4.2")
        r.rest("protected_payload", spec="RFC 9001 §5.3")


def _short(dcid_octets: int) -> Read:
    """RFC 9000 §17.3.1, with the protection of RFC 9001 §5 on it."""

    def read(r: Reader) -> None:
        _read_short_beginning(r)
        r.uint("protected_bits", 5, spec="RFC 9001 §5.4.1")
        if dcid_octets:
            r.octets("destination_connection_id", dcid_octets, spec="RFC 9000 §5.1")
        _read_protected(r, r.remaining)

    return read


def _short_unprotected(dcid_octets: int) -> Read:
    """RFC 9000 §17.3.1."""

    def read(r: Reader) -> None:
        _read_short_beginning(r)
        if r.uint("reserved_bits", 2, spec="RFC 9000 §17.3.1"):
            r.blame("quic.reserved_bits: these bits are 0 once the protection is off")
        r.uint("key_phase", 1, spec="RFC 9001 §6")
        octets = r.uint("packet_number_length", 2, _NUMBER_LENGTHS, "RFC 9000 §17.3.1") + 1
        if dcid_octets:
            r.octets("destination_connection_id", dcid_octets, spec="RFC 9000 §5.1")
        r.uint("packet_number", octets * 8, spec="RFC 9000 §17.1")
        r.rest("packet_payload", spec="RFC 9000 §12.4")

    return read


def _read_short_beginning(r: Reader) -> None:
    spec = "RFC 9000 §17.3.1"
    r.uint("header_form", 1, {1: "long header", 0: "short header"}, spec)
    if not r.flag("fixed_bit", spec):
        r.blame("quic.fixed_bit: this bit is 1 in every packet of these versions")
    r.uint("spin_bit", 1, spec="RFC 9000 §17.4")


def read_quic_packet_version_negotiation(r: Reader) -> None:
    """RFC 9000 §17.2.1."""
    spec = "RFC 9000 §17.2.1"
    r.uint("header_form", 1, {1: "long header", 0: "short header"}, spec)
    r.uint("unused", 7, spec=spec)
    r.uint("version", 32, spec=spec, label=_version_of(r))
    for name in ("destination_connection_id", "source_connection_id"):
        length = r.uint(f"{name}_length", 8, spec=spec)
        if length:
            r.octets(name, length, spec="RFC 9000 §5.1")
    while r.remaining:
        r.uint("supported_version", 32, spec=spec, label=_version_of(r))


def read_quic_packet_retry(r: Reader) -> None:
    """RFC 9000 §17.2.5."""
    spec = "RFC 9000 §17.2.5"
    r.uint("header_form", 1, {1: "long header", 0: "short header"}, spec)
    r.flag("fixed_bit", spec)
    r.uint("long_packet_type", 2, spec=spec, label=NAMES[RETRY])
    r.uint("unused", 4, spec=spec)
    r.uint("version", 32, spec="RFC 9000 §15", label=_version_of(r))
    _read_connection_id(r, "destination_connection_id")
    _read_connection_id(r, "source_connection_id")
    if r.remaining > TAG:
        r.octets("retry_token", r.remaining - TAG, spec="RFC 9000 §8.1.2")
    r.octets("retry_integrity_tag", TAG, spec="RFC 9001 §5.8")


def read_quic_packet_stateless_reset(r: Reader) -> None:
    """RFC 9000 §10.3."""
    spec = "RFC 9000 §10.3"
    r.uint("header_form", 1, {1: "long header", 0: "short header"}, spec)
    r.flag("fixed_bit", spec)
    r.uint("unpredictable_bits", 6, spec=spec)
    if r.remaining > TOKEN:
        r.octets("unpredictable_octets", r.remaining - TOKEN, spec=spec)
    r.octets("stateless_reset_token", TOKEN, spec=spec)


def read_quic_packet_padding(r: Reader) -> None:
    """RFC 9000 §14.1: what follows the last packet of a datagram."""
    if any(r.rest("datagram_padding", spec="RFC 9000 §14.1")):
        r.blame("quic.padding: nothing that is a packet stands here, and it is not zeros either")


PACKETS: Final = MappingProxyType[str, Read](
    {
        "quic_packet": read_quic_packet,
        "quic_packet_unprotected": read_quic_packet_unprotected,
        "quic_packet_version_negotiation": read_quic_packet_version_negotiation,
        "quic_packet_retry": read_quic_packet_retry,
        "quic_packet_stateless_reset": read_quic_packet_stateless_reset,
        "quic_packet_padding": read_quic_packet_padding,
        **{f"quic_packet.short_{octets}": _short(octets) for octets in _IDS},
        **{
            f"quic_packet_unprotected.short_{octets}": _short_unprotected(octets) for octets in _IDS
        },
    }
)
"""What the table of all dissectors has of packets."""
