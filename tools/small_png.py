"""Make a screenshot smaller: 256 colours and no line filters.

Pictures of text have few colours and many equal lines, so a palette and plain deflate suit them
better than what a browser writes. Reads exactly what browsers write for an opaque page: 8 bits a
channel, RGB or RGBA, not interlaced.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
CHANNELS: Final = {2: 3, 6: 4}  # by colour type
COLOURS: Final = 256


def reduce(png: bytes, kept: Sequence[bytes] = ()) -> bytes:
    """The same picture with at most 256 colours: the most frequent, others as their nearest.

    Args:
        png: the picture.
        kept: colours that stay what they are however rarely they occur, as three octets each: a
            small sign in a colour of its own has fewer pixels than the edges of letters have greys.

    Raises:
        ValueError: the picture has another form than the one described above.
    """
    chunks = dict(_chunks(png))
    width, height, depth, colour_type, *_, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or colour_type not in CHANNELS or interlaced:
        raise ValueError("Only plain pictures of 8 bits a channel are read.")
    step = CHANNELS[colour_type]
    lines = _unfiltered(zlib.decompress(chunks[b"IDAT"]), width * step, height, step)
    pixels = [[line[at : at + 3] for at in range(0, len(line), step)] for line in lines]
    found = Counter(pixel for line in pixels for pixel in line)
    first = dict.fromkeys(kept)
    frequent = [colour for colour, _ in found.most_common() if colour not in first]
    palette = [*first, *frequent[: COLOURS - len(first)]]
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in frequent[COLOURS - len(first) :]:
        places[colour] = _nearest(palette, colour)
    data = b"".join(b"\0" + bytes(places[pixel] for pixel in line) for line in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(data, 9)))
    return SIGNATURE + b"".join(_chunk(*part) for part in (*parts, (b"IEND", b"")))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks by name; all pieces of IDAT as one."""
    at, pixels = len(SIGNATURE), b""
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        name, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length
        if name == b"IDAT":
            pixels += body
        else:
            yield name, body
    yield b"IDAT", pixels


def _chunk(name: bytes, body: bytes) -> bytes:
    checked = name + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))


def _unfiltered(data: bytes, width: int, height: int, step: int) -> Iterator[bytes]:
    """The lines, with what their filters (PNG, section 9) took away put back."""
    above = bytearray(width)
    for number in range(height):
        start = number * (width + 1)
        kind, line = data[start], bytearray(data[start + 1 : start + 1 + width])
        if kind == 1:
            for channel in range(step):
                column: Iterator[int] = accumulate(line[channel::step], _sum)
                line[channel::step] = bytes(column)
        elif kind == 2:
            line = bytearray(map(_sum, line, above))
        elif kind > 2:
            for at in range(width):
                left = line[at - step] if at >= step else 0
                corner = above[at - step] if at >= step else 0
                line[at] = (line[at] + _predicted(kind, left, above[at], corner)) & 255
        yield bytes(line)
        above = line


def _sum(one: int, other: int) -> int:
    return (one + other) & 255


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    """What filters 3 (average) and 4 (Paeth) took away."""
    if kind == 3:
        return (left + up) // 2
    by_left, by_up, by_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
    if by_left <= by_up and by_left <= by_corner:
        return left
    return up if by_up <= by_corner else corner


def _nearest(palette: list[bytes], colour: bytes) -> int:
    red, green, blue = colour

    def distance(place: int) -> int:
        r, g, b = palette[place]
        return 2 * (r - red) ** 2 + 4 * (g - green) ** 2 + 3 * (b - blue) ** 2

    return min(range(len(palette)), key=distance)
