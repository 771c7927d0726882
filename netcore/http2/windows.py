"""Flow-control windows over time (RFC 9113 §5.2 and §6.9), of one stream or of the connection.

Theory of operation. What a side may send is what the other has granted: the initial window by
SETTINGS_INITIAL_WINDOW_SIZE, more by WINDOW_UPDATE; each DATA frame spends its payload, padding
included. Settings take effect where they are acknowledged: the one who acknowledges keeps to them
from that frame on. They move the windows of streams, also below zero, and never the connection's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from netcore.dissect.http2 import (
    ACK,
    DATA,
    HEADERS,
    MAX_WINDOW,
    PUSH_PROMISE,
    SETTINGS_FRAME,
    WINDOW_UPDATE,
    settings,
)
from netcore.framing.http2 import Frame, promised

INITIAL: Final = 65_535  # octets, before any setting
_INITIAL_WINDOW_SIZE: Final = 4
_OTHER: Final = {"sent": "received", "received": "sent"}


class Point(NamedTuple):
    """A frame that moved a window, or that began its stream."""

    frame: Frame
    change: int  # octets
    window: int  # octets, after it
    error: str = ""  # an error code of RFC 9113 §7, with what was wrong


class Windows(NamedTuple):
    """What each side could still send."""

    sent: list[Point]  # the client's, granted by the server
    received: list[Point]


def windows(frames: Iterable[Frame], stream: int, upgrade: bytes | None = None) -> Windows:
    """The windows of a stream, from the frame on that begins it; of the connection if it is 0.

    In: the frames of both directions in order; the client's settings in a request of HTTP/1.1 that
    was switched, which also began stream 1.
    """
    walk = _Walk(stream, upgrade)
    for frame in frames:
        walk.take(frame)
    return Windows(walk.points["sent"], walk.points["received"])


class _Walk:
    def __init__(self, stream: int, upgrade: bytes | None) -> None:
        self.stream = stream
        self.points: dict[str, list[Point]] = {"sent": [], "received": []}
        self.window = {"sent": INITIAL, "received": INITIAL}
        self.initial = {"sent": INITIAL, "received": INITIAL}
        self.has_begun = not stream or (stream == 1 and upgrade is not None)
        # Settings that were not acknowledged yet, by the direction in which they crossed.
        self.due: dict[str, deque[int | None]] = {"sent": deque(), "received": deque()}
        self._resize("received", _initial_size(upgrade or b""), None)

    def take(self, frame: Frame) -> None:
        kind, stream = frame.header.type, frame.header.stream
        if not self.has_begun and self._begins(frame):
            self.has_begun = True
            for direction in self.points:
                self._move(direction, 0, frame)
        if kind == SETTINGS_FRAME:
            self._settings(frame)
        elif kind == DATA and self.stream in (0, stream):
            self._move(frame.direction, -frame.header.length, frame)
        elif kind == WINDOW_UPDATE and stream == self.stream:
            increment = int.from_bytes(frame.payload[:4], "big") & MAX_WINDOW
            self._move(_OTHER[frame.direction], increment, frame)

    def _begins(self, frame: Frame) -> bool:
        if frame.header.type == PUSH_PROMISE:
            return promised(frame) == self.stream
        return frame.header.type == HEADERS and frame.header.stream == self.stream

    def _settings(self, frame: Frame) -> None:
        if not frame.has(ACK):
            self.due[frame.direction].append(_initial_size(frame.payload))
        elif self.due[_OTHER[frame.direction]]:
            self._resize(frame.direction, self.due[_OTHER[frame.direction]].popleft(), frame)

    def _resize(self, direction: str, size: int | None, frame: Frame | None) -> None:
        if size is None:
            return
        change, self.initial[direction] = size - self.initial[direction], size
        if not self.stream or not change:
            return
        if self.has_begun and frame is not None:
            self._move(direction, change, frame)
        else:
            self.window[direction] += change

    def _move(self, direction: str, change: int, frame: Frame) -> None:
        window = self.window[direction] = self.window[direction] + change
        error = ""
        if window > MAX_WINDOW:
            error = f"FLOW_CONTROL_ERROR: a window has at most {MAX_WINDOW:,} octets"
        elif frame.header.type == DATA and window < 0 and change:
            error = f"FLOW_CONTROL_ERROR: {-window:,} octets more than the window had"
        self.points[direction].append(Point(frame, change, window, error))


def _initial_size(payload: bytes) -> int | None:
    return settings(payload).get(_INITIAL_WINDOW_SIZE)
