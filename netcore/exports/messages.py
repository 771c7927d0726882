"""Messages: the HTTP requests and responses that stand in the channels of a trace.

A message is a head and what follows it up to the next head. The n-th request of a connection and
its n-th final response belong together (RFC 9112 §9.3). Only units are read here, so it does not
matter whether a channel is a socket's own or one that was decrypted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from netcore.field import Field, find, find_all
from netcore.pdu import DE_CHUNKED, SLICED, Pdu, octets_of

_HEADS = ("http1_request_head", "http1_response_head")
_BODY = ("message_body", "http1_chunk", "http1_trailer_section", "uncut")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")


class Message(msgspec.Struct):
    """One request or one response."""

    head: Pdu
    interim: list[Pdu] = msgspec.field(default_factory=list)  # heads of 1xx before this one
    parts: list[Pdu] = msgspec.field(default_factory=list)  # units of the body, as they crossed
    dechunked: Pdu | None = None

    @property
    def body_octets(self) -> int:
        """Octets of the body as they crossed and were kept: with chunk sizes and trailers."""
        return sum(len(part.octets) for part in self.parts)

    @property
    def content(self) -> bytes:
        """The body with the transfer coding undone."""
        if self.dechunked is not None:
            done = self.dechunked.origin[-1].end
            rest = (p for p in self.parts if p.protocol == "uncut" and p.origin[0].end > done)
            return self.dechunked.octets + b"".join(
                _dechunk(part.octets[max(0, done - part.origin[0].start) :]) for part in rest
            )
        return b"".join(part.octets for part in self.parts if part.protocol == "message_body")

    @property
    def head_octets(self) -> int:
        """Octets of the head as it crossed, to the empty line."""
        return len(self.head.octets)

    @property
    def is_alone(self) -> bool:
        """Whether the calls that moved it moved nothing else, so that they tell its size."""
        return self.head.origin[0].channel.startswith("tcp:")

    def start_line(self, name: str) -> str:
        """The value of a field of the start line as it was written, "" if it is not there."""
        found = find(self.head.fields(), name)
        return "" if found is None else octets_of(self.head, found).decode("latin-1")

    @property
    def field_lines(self) -> list[tuple[str, str]]:
        """The name and value of each field line as written, an octet a character (ISO 8859-1).

        A line without a colon is a name without a value.
        """
        return [_field_line(self.head, line) for line in find_all(self.head.fields(), "field_line")]

    def values(self, name: str) -> list[str]:
        """The values of all field lines of that name, which is given in lower case."""
        return [value for key, value in self.field_lines if key.lower() == name]


class Pair(msgspec.Struct, frozen=True):
    """A request, and the response to it if one came."""

    request: Message
    response: Message | None


def pairs(pdus: Iterable[Pdu]) -> list[Pair]:
    """All requests of a trace, in the order in which they were sent."""
    channels: dict[str, list[Pdu]] = {}
    for pdu in pdus:
        if pdu.protocol in _HEADS + _BODY and pdu.step in (SLICED, DE_CHUNKED):
            channels.setdefault(pdu.origin[0].channel, []).append(pdu)
    messages = {name: _messages(units) for name, units in channels.items()}
    found: list[Pair] = []
    for name, requests in messages.items():
        stem, _, way = name.rpartition(".")
        if way == "sent":
            responses = messages.get(f"{stem}.received", [])
            # A response without a request is none: such octets are `surplus`, or no HTTP.
            found += [
                Pair(request, responses[at] if at < len(responses) else None)
                for at, request in enumerate(requests)
            ]
    return sorted(found, key=lambda pair: pair.request.head.events[:1])


def _messages(units: list[Pdu]) -> list[Message]:
    units.sort(key=lambda pdu: (pdu.origin[0].start, pdu.origin[0].end))
    found: list[Message] = []
    interim: list[Pdu] = []
    for pdu in units:
        if pdu.protocol in _HEADS:
            if _is_interim(pdu):
                interim.append(pdu)
                continue
            found.append(Message(pdu, interim))
            interim = []
        elif found and pdu.step == DE_CHUNKED:
            found[-1].dechunked = pdu
        elif found:
            found[-1].parts.append(pdu)
    return found


def _is_interim(head: Pdu) -> bool:
    status = find(head.fields(), "status_code")
    return status is not None and str(status.value).startswith("1") and status.value != 101


def _field_line(head: Pdu, line: Field) -> tuple[str, str]:
    name, values = find(line, "field_name"), list(find_all(line, "field_value"))
    if name is None:
        return octets_of(head, line).decode("latin-1").rstrip("\r\n"), ""
    value = b""
    if values:  # several where a line was folded: then the fold stands between them
        value = head.octets[values[0].start // 8 : values[-1].end // 8]
    return octets_of(head, name).decode("latin-1"), value.decode("latin-1")


def _dechunk(octets: bytes) -> bytes:
    """The chunk-data behind the number of units that a channel is cut into.

    The octets may begin with the end of a chunk whose data was read already.
    """
    data: list[bytes] = []
    at = 2 if octets.startswith(b"\r\n") else 0
    while line := _CHUNK_SIZE.match(octets, at):
        start, size = line.end(), int(line[1], 16)
        if not size:
            break
        data.append(octets[start : start + size])
        end = start + size
        at = end + (2 if octets[end : end + 2] == b"\r\n" else 1)
    return b"".join(data)
