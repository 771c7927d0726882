"""Pictures keep their colours and get smaller, whatever filters their lines came with."""

from __future__ import annotations

import struct
import zlib

import pytest

from tools.small_png import SIGNATURE, reduce

WIDTH, HEIGHT = 7, 5
STATES = [bytes.fromhex(one) for one in ("006C5B", "946200", "9E0B2F")]  # --ok, --warn, --err
PIXELS = [
    bytes((x * 31 % 256, y * 67 % 256, x * y * 13 % 256))
    for y in range(HEIGHT)
    for x in range(WIDTH)
]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def written(kind: int, depth: int = 8) -> bytes:
    """The picture with one filter for all lines (PNG, section 9)."""
    lines = [b"".join(PIXELS[at : at + WIDTH]) for at in range(0, len(PIXELS), WIDTH)]
    data = b""
    for number, line in enumerate(lines):
        above = lines[number - 1] if number else bytes(len(line))
        filtered = bytearray([kind])
        for at, octet in enumerate(line):
            left = line[at - 3] if at >= 3 else 0
            corner = above[at - 3] if at >= 3 else 0
            near = sorted(
                (left, above[at], corner), key=lambda one: abs(left + above[at] - corner - one)
            )
            guess = (0, left, above[at], (left + above[at]) // 2, near[0])[kind]
            filtered.append((octet - guess) & 255)
        data += bytes(filtered)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return SIGNATURE + body


def colours(png: bytes) -> list[bytes]:
    """What a reduced picture shows, pixel by pixel."""
    at, found = len(SIGNATURE), {}
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        found[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += 12 + length
    data, palette = zlib.decompress(found[b"IDAT"]), found[b"PLTE"]
    lines = [data[start + 1 : start + 1 + WIDTH] for start in range(0, len(data), WIDTH + 1)]
    return [palette[3 * place : 3 * place + 3] for line in lines for place in line]


@pytest.mark.parametrize("kind", range(5))
def test_few_colours_stay_what_they_were(kind: int) -> None:
    assert colours(reduce(written(kind))) == PIXELS


def test_a_rare_colour_that_is_kept_stays_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    greys = [bytes((shade, shade, shade)) for shade in range(16) for _ in range(2)]
    monkeypatch.setattr("tests.tools.test_small_png.PIXELS", [*greys, *STATES])
    monkeypatch.setattr("tools.small_png.COLOURS", 16)
    assert colours(reduce(written(0)))[-3:] != STATES
    assert colours(reduce(written(0), STATES))[-3:] == STATES


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="8 bits"):
        reduce(written(0, depth=16))
