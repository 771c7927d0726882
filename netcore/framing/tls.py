"""Where TLS records and the handshake messages inside them begin and end (RFC 8446 §5).

Theory of operation. A channel is walked from record header to record header. A record is in
the clear if its type says so and no ChangeCipherSpec of TLS 1.2 came before it in the same
direction; in TLS 1.3 that message means nothing and everything secret wears the type
application_data. Fragments in the clear are joined per run of one content type, because a
handshake message may span records and one record may carry several, and cut into messages.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, groupby, islice
from typing import NamedTuple

from netcore.channels import Channel, Span
from netcore.field import find
from netcore.pdu import MOST_UNITS, REASSEMBLED, SLICED, Pdu

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE = 20, 21, 22
CONTENT_TYPES = range(20, 25)
HEADER = 5
TLS13 = 0x0304


class Record(NamedTuple):
    """One record: its range in the channel and how it is to be read."""

    content_type: int
    start: int
    end: int
    encrypted: bool


def looks_like_tls(octets: bytes) -> bool:
    """Whether a record header could stand at the start."""
    return not octets or (octets[0] in CONTENT_TYPES and octets[1:2] in (b"", b"\x03"))


def negotiated(received: Channel | None) -> tuple[int, str]:
    """What the ServerHello chose: the version number and the cipher suite's name.

    (0, "") while no whole ServerHello is there.
    """
    if received is None:
        return 0, ""
    records = list(islice(_records(received, tls12=False), MOST_UNITS))
    for pdu in islice(_messages(received, records, ""), MOST_UNITS):
        if pdu.octets[:1] == b"\x02":
            return _hello_choice(pdu)
    return 0, ""


def frame(channel: Channel, version: int, cipher_suite: str) -> list[Pdu]:
    """All units of one direction: every record, and the messages in the clear."""
    records = list(islice(_records(channel, tls12=version < TLS13), MOST_UNITS))
    pdus = [_record_pdu(channel, record) for record in records]
    end = records[-1].end if records else 0
    if end < len(channel.octets):
        span = Span(channel.name, end, len(channel.octets))
        pdus.append(Pdu("uncut", channel.octets[end:], (span,)))
    messages = _messages(channel, records, _variant(version, cipher_suite))
    return pdus + list(islice(messages, MOST_UNITS))


def _hello_choice(server_hello: Pdu) -> tuple[int, str]:
    tree = server_hello.fields()
    version = find(tree, "selected_version") or find(tree, "legacy_version")
    suite = find(tree, "cipher_suite")
    number = version.value if version and isinstance(version.value, int) else 0
    return number, suite.label if suite else ""


def _variant(version: int, cipher_suite: str) -> str:
    if version >= TLS13:
        return ".tls13"
    if "_DHE_" in cipher_suite:
        return ".dhe"
    return ".rsa" if cipher_suite.startswith("TLS_RSA_") else ""


def _records(channel: Channel, *, tls12: bool) -> Iterator[Record]:
    octets, at, secret = channel.octets, 0, False
    while at < len(octets):
        content_type = octets[at]
        if not looks_like_tls(octets[at : at + 2]):
            yield Record(content_type, at, len(octets), encrypted=False)
            return
        end = min(at + HEADER + int.from_bytes(octets[at + 3 : at + 5], "big"), len(octets))
        end = max(end, min(at + HEADER, len(octets)))
        yield Record(content_type, at, end, secret or content_type > HANDSHAKE)
        secret = secret or (tls12 and content_type == CHANGE_CIPHER_SPEC)
        at = end


def _record_pdu(channel: Channel, record: Record) -> Pdu:
    protocol = "tls_ciphertext" if record.encrypted else "tls_record"
    span = Span(channel.name, record.start, record.end)
    return Pdu(protocol, channel.octets[record.start : record.end], (span,))


def _messages(channel: Channel, records: list[Record], variant: str) -> Iterator[Pdu]:
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
