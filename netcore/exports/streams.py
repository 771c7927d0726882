"""Requests and responses on streams of HTTP/2 and HTTP/3, as messages: by field blocks and DATA."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from netcore.exports.messages import Message, Pair, pairs
from netcore.framing import http3
from netcore.framing.http2 import FieldBlock
from netcore.pdu import DE_FRAMED, Pdu
from netcore.pdus import Explanation

_PSEUDO: Final = {"method": ":method", "status_code": ":status"}
_SWITCHING: Final = "101"
AnyBlock = FieldBlock | http3.FieldBlock


class StreamMessage(Message, kw_only=True):
    """One request or response on a stream. Its head is the field section."""

    block: AnyBlock

    def start_line(self, name: str) -> str:
        """What HTTP/1 says in a start line: here a pseudo-header field, or the version."""
        if name == "http_version":
            return "h2" if isinstance(self.block, FieldBlock) else "h3"
        wanted = _PSEUDO.get(name, "")
        return next((value for key, value in self.field_lines if key == wanted), "")

    @property
    def field_lines(self) -> list[tuple[str, str]]:
        """All fields as the block stands for them, in order, pseudo-header fields too."""
        return [(entry.name, entry.value) for entry in self.block.block.fields]

    @property
    def head_octets(self) -> int:
        """Octets of the field block as it crossed."""
        return self.block.pdu.size

    @property
    def is_alone(self) -> bool:
        """Frames of other kinds cross with it."""
        return False


def all_pairs(explanation: Explanation) -> list[Pair]:
    """The requests of all versions, in the order in which they were sent."""
    found = [_switched(pair, explanation) for pair in pairs(explanation.pdus)]
    for number, connection in explanation.http2.items():
        found += _pairs(connection.blocks, _bodies(explanation, f"h2:{number}"))
    for number, spoken in explanation.http3.items():
        own = [block for block in spoken.blocks if block.promised is None]
        found += _pairs(own, _bodies(explanation, f"h3:{number}"))
    return sorted(found, key=lambda pair: pair.request.head.events[:1])


def _pairs(blocks: Sequence[AnyBlock], bodies: Mapping[str, list[Pdu]]) -> Iterator[Pair]:
    for block in blocks:
        if block.direction == "sent" and _has(block, ":method"):
            request = StreamMessage(block.section, block=block)
            request.parts = bodies.get(f"{block.stream}.sent", [])
            yield Pair(request, _response(blocks, block.stream, bodies))


def _response(
    blocks: Sequence[AnyBlock], stream: int, bodies: Mapping[str, list[Pdu]]
) -> StreamMessage | None:
    interim: list[Pdu] = []
    for block in blocks:
        if (block.direction, block.stream) != ("received", stream) or not _has(block, ":status"):
            continue
        if block.values(":status")[0].startswith("1"):
            interim.append(block.section)
            continue
        parts = bodies.get(f"{stream}.received", [])
        return StreamMessage(block.section, interim, parts, block=block)
    return None


def _switched(pair: Pair, explanation: Explanation) -> Pair:
    """A request of HTTP/1.1 that asked to switch is answered on stream 1 (RFC 7540 §3.2)."""
    response = pair.response
    if response is None or response.start_line("status_code") != _SWITCHING:
        return pair
    number = response.head.origin[0].channel.partition(":")[2].partition(".")[0]
    connection = explanation.http2.get(number)
    if connection is None or connection.upgrade is None:
        return pair
    answer = _response(connection.blocks, 1, _bodies(explanation, f"h2:{number}"))
    if answer is None:
        return pair
    answer.interim = [response.head, *answer.interim]
    return Pair(pair.request, answer)


def _bodies(explanation: Explanation, name: str) -> dict[str, list[Pdu]]:
    """What DATA frames carried, by stream and direction: "3.received". In: "h2:1"."""
    found: dict[str, list[Pdu]] = {}
    for pdu in explanation.pdus:
        channel = pdu.carries.channel if pdu.step == DE_FRAMED and pdu.carries else ""
        connection, _, stream = channel.partition("/")
        if connection == name:
            found[stream] = [pdu]
    return found


def _has(block: AnyBlock, name: str) -> bool:
    return any(entry.name == name for entry in block.block.fields)
