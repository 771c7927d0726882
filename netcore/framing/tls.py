"""Where TLS records and the handshake messages inside them begin and end (RFC 8446 §5).

Theory of operation. A channel is walked from record header to record header. A record is in
the clear if its type says so and no ChangeCipherSpec of TLS 1.2 came before it in the same
direction; in TLS 1.3 that message means nothing and everything secret wears the type
application_data. Fragments in the clear are joined per run of one content type, because a
handshake message may span records and one record may carry several, and cut into messages; so
are those that an opener decrypted, which `tls_opened` collects.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, groupby, islice
from typing import NamedTuple

from netcore.channels import Channel, Span
from netcore.decrypt.opened import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    HANDSHAKE,
    HEADER,
    Opener,
)
from netcore.decrypt.openers import TLS12, TLS13, Negotiated
from netcore.field import find, find_all
from netcore.framing.tls_opened import Contents
from netcore.pdu import MOST_UNITS, REASSEMBLED, SLICED, Pdu

CONTENT_TYPES = range(20, 25)
CLIENT_HELLO, SERVER_HELLO = 1, 2
RANDOM = slice(6, 38)  # of a hello: behind its header and its version
ENCRYPT_THEN_MAC = 22
_NO_TYPE = -1


class Record(NamedTuple):
    """One record: its range in the channel and how it is to be read."""

    content_type: int  # -1 for what is no record: nothing is read out of it
    start: int
    end: int
    encrypted: bool


def looks_like_tls(octets: bytes) -> bool:
    """Whether a record header could stand at the start."""
    return not octets or (octets[0] in CONTENT_TYPES and octets[1:2] in (b"", b"\x03"))


class Framed(NamedTuple):
    """The units of one direction, and the channels that were derived on the way."""

    pdus: list[Pdu]
    channels: list[Channel]
    application_data: Channel | None  # one of them


def negotiated(sent: Channel | None, received: Channel | None) -> Negotiated:
    """What both hellos said; `version` is 0 while no whole ServerHello is there."""
    server_hello = _first_message(received, SERVER_HELLO)
    if server_hello is None:
        return Negotiated()
    client_hello = _first_message(sent, CLIENT_HELLO)
    tree = server_hello.fields()
    version = find(tree, "selected_version") or find(tree, "legacy_version")
    suite = find(tree, "cipher_suite")
    compression = find(tree, "legacy_compression_method")
    extensions = {field.value for field in find_all(tree, "extension_type")}
    return Negotiated(
        version=version.value if version and isinstance(version.value, int) else 0,
        cipher_suite=suite.label if suite else "",
        client_random=client_hello.octets[RANDOM] if client_hello else b"",
        server_random=server_hello.octets[RANDOM],
        encrypt_then_mac=ENCRYPT_THEN_MAC in extensions,
        compressed=bool(compression and compression.value),
    )


def frame(channel: Channel, hellos: Negotiated, opener: Opener) -> Framed:
    """All units of one direction: every record, what was in it, and the messages."""
    records = list(islice(_records(channel, tls12=hellos.version < TLS13), MOST_UNITS))
    octets = memoryview(channel.octets)
    pdus = [_record_pdu(channel, octets, record) for record in records]
    sealed = [pdu for pdu, record in zip(pdus, records, strict=True) if record.encrypted]
    end = records[-1].end if records else 0
    if end < len(channel.octets):
        span = Span(channel.name, end, len(channel.octets))
        pdus.append(Pdu("uncut", channel.octets[end:], (span,)))
    contents = Contents(channel)
    contents.open(sealed, opener)
    variant = _variant(hellos)
    messages = chain(
        _messages(channel, records, variant),
        *(
            _cut(contents.channels[run.content_type], run.spans, run.content_type, variant)
            for run in contents.runs()
        ),
    )
    pdus += contents.pdus
    pdus += islice(messages, MOST_UNITS)
    application_data = contents.channels.get(APPLICATION_DATA)
    return Framed(pdus, list(contents.channels.values()), application_data)


def _first_message(channel: Channel | None, msg_type: int) -> Pdu | None:
    """The first handshake message of that type that is in the clear."""
    if channel is None:
        return None
    messages = _messages(channel, islice(_records(channel, tls12=False), MOST_UNITS), "")
    of_type = (
        pdu
        for pdu in islice(messages, MOST_UNITS)
        if pdu.name == "tls_handshake" and pdu.octets[0] == msg_type
    )
    return next(of_type, None)


def _variant(hellos: Negotiated) -> str:
    """Which dissector reads the handshake messages that came of these hellos."""
    if hellos.version >= TLS13:
        return ".tls13"
    exchange = ""
    if "_DHE_" in hellos.cipher_suite:
        exchange = "dhe"
    elif hellos.cipher_suite.startswith("TLS_RSA_"):
        exchange = "rsa"
    if 0 < hellos.version < TLS12:
        return f".tls11_{exchange or 'ecdhe'}"
    return f".{exchange}" if exchange else ""


def _records(channel: Channel, *, tls12: bool) -> Iterator[Record]:
    octets, at, secret = channel.octets, 0, False
    while at < len(octets):
        content_type = octets[at]
        if not looks_like_tls(octets[at : at + 2]):
            yield Record(_NO_TYPE, at, len(octets), encrypted=False)
            return
        end = min(at + HEADER + int.from_bytes(octets[at + 3 : at + 5], "big"), len(octets))
        end = max(end, min(at + HEADER, len(octets)))
        yield Record(content_type, at, end, secret or content_type > HANDSHAKE)
        secret = secret or (tls12 and content_type == CHANGE_CIPHER_SPEC)
        at = end


def _record_pdu(channel: Channel, octets: memoryview, record: Record) -> Pdu:
    protocol = "tls_ciphertext" if record.encrypted else "tls_record"
    span = Span(channel.name, record.start, record.end)
    return Pdu(protocol, octets[record.start : record.end], (span,))


def _messages(channel: Channel, records: Iterable[Record], variant: str) -> Iterator[Pdu]:
    def run_of(record: Record) -> tuple[int, bool]:
        return record.content_type, record.encrypted

    for (content_type, encrypted), run in groupby(records, run_of):
        if encrypted or content_type not in (CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE):
            continue
        spans = [
            Span(channel.name, record.start + HEADER, record.end)
            for record in run
            if record.end > record.start + HEADER
        ]
        yield from _cut(channel, spans, content_type, variant)


def _cut(channel: Channel, spans: list[Span], content_type: int, variant: str) -> Iterator[Pdu]:
    joined = b"".join(channel.octets[span.start : span.end] for span in spans)
    starts = list(accumulate((span.end - span.start for span in spans), initial=0))[:-1]
    at = 0
    while at < len(joined):
        size, protocol = 1, "tls_change_cipher_spec"
        if content_type == ALERT:
            size, protocol = 2, "tls_alert"
        elif content_type == HANDSHAKE:
            size = 4 + int.from_bytes(joined[at + 1 : at + 4], "big")
            protocol = "tls_handshake" + variant
        end = min(at + size, len(joined))
        origin = _origin(spans, starts, at, end)
        step = SLICED if len(origin) == 1 else REASSEMBLED
        yield Pdu(protocol, joined[at:end], origin, step)
        at = end


def _origin(spans: list[Span], starts: list[int], start: int, end: int) -> tuple[Span, ...]:
    """The ranges of the channel under octets `start` to `end` of the joined spans.

    `starts` says where each span begins among the joined octets.
    """
    found = []
    for index in range(bisect_right(starts, start) - 1, bisect_left(starts, end)):
        span, shift = spans[index], spans[index].start - starts[index]
        low, high = max(start + shift, span.start), min(end + shift, span.end)
        found.append(Span(span.channel, low, high))
    return tuple(found)
