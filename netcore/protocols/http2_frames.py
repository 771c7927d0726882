"""The frames that a server sends, one by one, and what each has to be before it is taken.

Theory of operation. Octets go in, cut anywhere, and whole frames come out. Each check is made at a
fixed octet: of what a frame's header says when its ninth octet is there, of what it holds when it
is complete. The library would answer 50,000 PINGs and count none, so frames are counted here: those
that are no part of a response, empty DATA in a row, and the frames of one field block. A server may
send more of the first kind the more content has crossed, since a long transfer has a use for them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from netcore.errors import FetchError
from netcore.options import Limits
from netcore.protocols.head import shown

HEADER_OCTETS: Final = 9
MOST_OCTETS: Final = 16_384  # of a frame's payload: the default of SETTINGS_MAX_FRAME_SIZE
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(5, 10)
END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8

_NAMES: Final = (
    *("DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS"),
    *("PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"),
)
_LENGTHS: Final = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
_OF_A_STREAM: Final = (DATA, HEADERS, PRIORITY, RST_STREAM, CONTINUATION, PUSH_PROMISE)
_OF_THE_CONNECTION: Final = (SETTINGS, PING, GOAWAY)
_ANOTHER_PROTOCOL: Final = b"HTTP/"
_LINE_OCTETS: Final = 80  # of an answer in HTTP/1 that are shown
_OCTETS_A_FRAME: Final = 4_096  # of content, for each of which one more frame is let through


class Frame(NamedTuple):
    """One frame. `payload` is what stands behind its header, padding included."""

    type: int
    flags: int
    stream: int
    payload: bytes

    @property
    def octets(self) -> bytes:
        """The frame as it crossed, the reserved bit cleared."""
        head = len(self.payload).to_bytes(3, "big") + bytes((self.type, self.flags))
        return head + self.stream.to_bytes(4, "big") + self.payload

    @property
    def padding(self) -> int:
        """Octets of a DATA frame that are no content: the pad length and the padding."""
        return self.payload[0] + 1 if self.flags & PADDED and self.payload else 0


class FrameReader:
    """Cuts what a server sends into frames. `greeted`: its SETTINGS have come."""

    def __init__(self, limits: Limits) -> None:
        self.greeted = False
        self.octets = 0  # that came
        self.content = 0  # octets of content that crossed, either way
        self._limits = limits
        self._held = bytearray()
        self._header: tuple[int, int, int, int] | None = None  # length, type, flags, stream
        self._control = 0
        self._updates = 0
        self._empty = 0
        self._block = 0  # the stream whose field block is open, 0 without one
        self._block_frames = 0

    @property
    def inside_data(self) -> bool:
        """Whether a part of a DATA frame has come."""
        return self._header is not None and self._header[1] == DATA and bool(self._held)

    def add(self, data: bytes) -> None:
        """Take octets; `next` gives the frames that they complete."""
        self._held += data
        self.octets += len(data)

    def next(self) -> Frame | None:
        """The next whole frame, None if it is not there yet.

        Raises: FetchError h2.bad_preface, h2.frame_size, h2.protocol, h2.flow_control, h2.flood,
        h2.continuation_flood.
        """
        if self._header is None:
            if len(self._held) < HEADER_OCTETS or self._is_text(complete=False):
                return None
            self._header = self._read_header()
        length, kind, flags, stream = self._header
        if len(self._held) < length:
            return None
        frame = Frame(kind, flags, stream, bytes(self._held[:length]))
        del self._held[:length]
        self._header = None
        self._check_payload(frame)
        return frame

    def end(self) -> str:
        """The stream of octets is over. Out: what it ended in the middle of, as words; or "".

        Raises: FetchError h2.bad_preface.
        """
        self._is_text(complete=True)
        return "inside a frame" if self._held or self._header is not None else ""

    def _is_text(self, *, complete: bool) -> bool:
        """Whether the answer is one of HTTP/1, whose line is not there yet; it is shown then."""
        if self.greeted or not self._held.startswith(_ANOTHER_PROTOCOL):
            return False
        line, end, _ = bytes(self._held).partition(b"\n")
        if not (end or complete or len(line) > _LINE_OCTETS):
            return True
        raise FetchError(
            "h2.bad_preface",
            f"The server answered in another version than HTTP/2: {shown(line.rstrip())}.",
        )

    def _read_header(self) -> tuple[int, int, int, int]:
        held = self._held
        length, kind, flags = int.from_bytes(held[:3], "big"), held[3], held[4]
        stream = int.from_bytes(held[5:9], "big") & 0x7FFFFFFF
        # h2o acknowledges ours before it sends its own.
        if not self.greeted and (kind != SETTINGS or stream):
            raise FetchError(
                "h2.bad_preface",
                "A server of HTTP/2 begins with a SETTINGS frame; this one began with "
                f"{shown(bytes(held[:HEADER_OCTETS]))}.",
            )
        del held[:HEADER_OCTETS]
        self._check_header(length, kind, flags, stream)
        self.greeted = True
        self._count(kind, flags, stream)
        return length, kind, flags, stream

    def _check_header(self, length: int, kind: int, flags: int, stream: int) -> None:
        name = name_of(kind)
        if length > MOST_OCTETS:
            raise FetchError(
                "h2.frame_size",
                f"A {name} frame of {length:,} octets came, and {MOST_OCTETS:,} are allowed.",
            )
        fits = (
            length == _LENGTHS.get(kind, length)
            and not (kind == SETTINGS and (length % 6 or (flags & ACK and length)))
            and not (kind == GOAWAY and length < 8)
        )
        if not fits:
            raise FetchError("h2.frame_size", f"A {name} frame cannot have {length:,} octets.")
        if (kind in _OF_A_STREAM and not stream) or (kind in _OF_THE_CONNECTION and stream):
            raise FetchError("h2.protocol", f"A {name} frame came on stream {stream}.")

    def _count(self, kind: int, flags: int, stream: int) -> None:
        self._count_block(kind, flags, stream)
        if kind in (DATA, HEADERS, CONTINUATION):
            return
        most = self._limits.control_frames + self.content // _OCTETS_A_FRAME
        if kind == WINDOW_UPDATE:
            self._updates += 1
        else:
            self._control += 1
        if max(self._control, self._updates) > most:
            code = "h2.flow_control" if kind == WINDOW_UPDATE else "h2.flood"
            raise FetchError(
                code,
                f"The server sent more than {most:,} frames that carry nothing of a response; "
                f"the last was {name_of(kind)}.",
            )

    def _count_block(self, kind: int, flags: int, stream: int) -> None:
        """Keep to RFC 9113 §4.3: the frames of a field block stand together."""
        if self._block and (kind, stream) != (CONTINUATION, self._block):
            raise FetchError(
                "h2.protocol",
                f"A {name_of(kind)} frame on stream {stream} stands inside the field block of "
                f"stream {self._block}.",
            )
        if kind == CONTINUATION and not self._block:
            raise FetchError("h2.protocol", "A CONTINUATION frame came that continues nothing.")
        if kind not in (HEADERS, CONTINUATION):
            return
        self._block_frames = self._block_frames + 1 if self._block else 1
        self._block = 0 if flags & END_HEADERS else stream
        if self._block_frames > self._limits.field_block_frames:
            raise FetchError(
                "h2.continuation_flood",
                f"One field block came in more than {self._limits.field_block_frames} frames.",
            )

    def _check_payload(self, frame: Frame) -> None:
        if frame.type == WINDOW_UPDATE and not int.from_bytes(frame.payload, "big") & 0x7FFFFFFF:
            raise FetchError("h2.flow_control", "A WINDOW_UPDATE frame opened the window by 0.")
        if frame.type != DATA:
            return
        if frame.padding > len(frame.payload):
            raise FetchError("h2.protocol", "A DATA frame has more padding than it is long.")
        content = len(frame.payload) - frame.padding
        self.content += content
        self._empty = 0 if content or frame.flags & END_STREAM else self._empty + 1
        if self._empty > self._limits.empty_frames:
            raise FetchError(
                "h2.flood",
                f"More than {self._limits.empty_frames} DATA frames in a row were empty.",
            )


def name_of(kind: int) -> str:
    """The name of a frame's type, as RFC 9113 writes it."""
    return _NAMES[kind] if kind < len(_NAMES) else f"0x{kind:02x}"
