"""Boundary payloads: which octets of a unit are what it carries, and which say how.

Read from headers alone: a field tree for each of thousands of units would take too long.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from netcore.channels import Span
from netcore.decrypt.opened import HEADER
from netcore.dissect import http2, websocket
from netcore.pdu import DE_CHUNKED, DECRYPTED, Pdu
from netcore.pdus import Explanation

Range = tuple[int, int]
_HANDSHAKE_HEADER = 4  # octets (RFC 8446 §4)
_HTTP2 = frozenset({*http2.PROTOCOLS.values(), "http2_frame"})
_WEBSOCKET_HEADER = 14  # octets at most (RFC 6455 §5.2)


class Payloads:
    """Knows the payload of every unit of an explanation.

    In: of each record that was opened, how many octets stand before what was encrypted.
    """

    def __init__(self, explanation: Explanation, insets: Mapping[Span, int]) -> None:
        self._known: dict[int, Range] = {}  # by the number of the unit
        self._chunks: dict[str, tuple[list[int], list[Span]]] = {}
        self._read_units(explanation, insets)
        self._read_quic(explanation)
        for spoken in explanation.http3.values():
            for frame in spoken.frames:
                self._known[frame.pdu.number] = (frame.payload_at, frame.pdu.size)

    def _read_units(self, explanation: Explanation, insets: Mapping[Span, int]) -> None:
        """The contents of records, and the data of chunks."""
        contents: dict[Span, Range] = {}
        for pdu in explanation.pdus:
            if pdu.step == DECRYPTED:
                content = pdu.carries.end - pdu.carries.start if pdu.carries else pdu.size
                inset = insets.get(pdu.origin[0], 0)
                contents[pdu.origin[0]] = (inset, inset + content)
            elif pdu.step == DE_CHUNKED:
                starts, spans = self._chunks.setdefault(pdu.origin[0].channel, ([], []))
                starts += [span.start for span in pdu.origin]
                spans += pdu.origin
        for pdu in explanation.pdus:
            if pdu.name in ("tls_record", "tls_ciphertext"):
                self._known[pdu.number] = contents.get(pdu.origin[0], (HEADER, pdu.size))

    def _read_quic(self, explanation: Explanation) -> None:
        """Packets, and the frames that carry data of a stream."""
        for connection in explanation.quic.values():
            for packet in connection.packets:
                if packet.opened is None or packet.plain is None:
                    continue
                head, payload = len(packet.opened.unmasked.header), len(packet.opened.payload)
                self._known[packet.pdu.number] = (head, head + payload)
                # Frames that were cut are inside the packet's tree, in the order of its payload.
                for one, pdu in zip(packet.frames, packet.plain.inside, strict=False):
                    if len(one.data):
                        data = (one.data.start - one.start, one.data.stop - one.start)
                        self._known[pdu.number] = data

    def of(self, pdu: Pdu) -> Range:
        """Octets of the unit, from and to: all of them where none of them say how."""
        if pdu.number in self._known:
            return self._known[pdu.number]
        if pdu.name == "http1_chunk":
            return self._chunk(pdu)
        if pdu.name == "tls_handshake":
            return _HANDSHAKE_HEADER, pdu.size
        if pdu.name in _HTTP2:
            return _http2(pdu)
        if pdu.name == "websocket_frame":
            header = websocket.frame_header(bytes(pdu.view[:_WEBSOCKET_HEADER]))
            return min(header.octets, pdu.size), pdu.size
        return 0, max(pdu.size, sum(span.end - span.start for span in pdu.origin))

    def _chunk(self, pdu: Pdu) -> Range:
        """The chunk-data: the piece of the body that stands in the chunk."""
        place = pdu.origin[0]
        starts, spans = self._chunks.get(place.channel, ([], []))
        at = bisect_right(starts, place.start)
        if at < len(spans) and spans[at].end <= place.end:
            return spans[at].start - place.start, spans[at].end - place.start
        return pdu.size, pdu.size


def _http2(pdu: Pdu) -> Range:
    """What is behind the header, without padding."""
    header = http2.frame_header(bytes(pdu.view[: http2.HEADER_OCTETS]))
    found = http2.carried(header, pdu.view[http2.HEADER_OCTETS :])
    if found:
        return found.start, min(found.stop, pdu.size)
    return min(http2.HEADER_OCTETS, pdu.size), pdu.size
