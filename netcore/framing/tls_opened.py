"""What was inside protected records: units, and the streams that their contents make up.

Theory of operation. The records of one direction are opened in order. Each one that opens gives a
unit with all that was encrypted, content, type and padding; its content is the next piece of a
derived channel, one for each content type. A handshake message may span records, so messages are
cut from runs of records that were all opened and hold nothing else. The application data ends at
the first record of it that stays closed: behind a hole nobody can say what the octets mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from netcore.channels import Channel, Span, derive
from netcore.decrypt.opened import ALERT, APPLICATION_DATA, HANDSHAKE, HEADER, Opened, Opener
from netcore.pdu import DECRYPTED, Pdu

_STREAMS = {APPLICATION_DATA: "", HANDSHAKE: "/handshake", ALERT: "/alert"}


class Run(NamedTuple):
    """Records in a row that hold one content type: their contents in the derived channel."""

    content_type: int
    spans: list[Span]


class Contents:
    """What was inside the records of one direction."""

    def __init__(self, channel: Channel) -> None:
        self._connection, self._direction = f"tls:{channel.number}", channel.direction
        self._pieces: dict[int, list[tuple[Span, memoryview]]] = {}
        self._ends = dict.fromkeys(_STREAMS, 0)
        self._is_broken = False  # a record of application data stayed closed
        self._run: Run | None = None  # that the next record may belong to
        self._runs: list[Run] = []
        self.pdus: list[Pdu] = []
        self.channels: dict[int, Channel] = {}  # by content type

    def open(self, records: Sequence[Pdu], opener: Opener) -> None:
        """Open records, all in order; a record that stays closed gets the reason as its error."""
        for record in records:
            opened = _open_whole(record, opener)
            if opened is None:
                break
            record.error = opened.error
            self._is_broken |= bool(opened.error) and opened.content_type == APPLICATION_DATA
            if opened.error:
                self._run = None
            else:
                self._take(record, opened)
        for content_type, pieces in self._pieces.items():
            self.channels[content_type] = derive(self._name(content_type), pieces, whole=True)

    def runs(self) -> Iterator[Run]:
        """Runs of handshake records and of alerts, in order."""
        messages = (HANDSHAKE, ALERT)
        return (run for run in self._runs if run.content_type in messages and run.spans)

    def _name(self, content_type: int) -> str:
        return f"{self._connection}{_STREAMS[content_type]}.{self._direction}"

    def _take(self, record: Pdu, opened: Opened) -> None:
        pdu = Pdu(opened.form, opened.octets, record.origin, DECRYPTED)
        pdu.protection = opened.protection
        self.pdus.append(pdu)
        record.is_opened = True
        content_type, is_data = opened.content_type, opened.content_type == APPLICATION_DATA
        if self._run is None or self._run.content_type != content_type:
            self._run = Run(content_type, [])
            self._runs.append(self._run)
        pdu.is_opened = is_data and not self._is_broken
        if content_type not in _STREAMS or not opened.content or (is_data and self._is_broken):
            return
        start = self._ends[content_type]
        end = self._ends[content_type] = start + opened.content
        place = Span(self._name(content_type), start, end)
        content = memoryview(opened.octets)[: opened.content]
        self._pieces.setdefault(content_type, []).append((record.origin[0], content))
        pdu.carries = place
        self._run.spans.append(place)


def _open_whole(record: Pdu, opener: Opener) -> Opened | None:
    """None for a record that did not come whole, behind which nothing can stand."""
    octets = record.view
    if len(octets) < HEADER or len(octets) < HEADER + int.from_bytes(octets[3:5], "big"):
        return None
    return opener.open(octets)
