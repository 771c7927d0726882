"""Rows of the stage compression."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Callable
from functools import cache

import brotli
from backports import zstd

from netcore import Trace
from netcore.pdu import INFLATED
from netcore.pdus import explain
from netcore.trace import Completed, Failed
from tests.faults.case import Case, Scene, chosen, octets_of, plain_http
from tests.faults.hostile import reply

PLAIN = b"".join(b"%d\n" % number for number in range(2000))
GZIP = gzip.compress(PLAIN)
BOUND = 5_242_880
BOMB_MIB = 256


def coded(coding: bytes, octets: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (
        coding,
        len(octets),
        octets,
    )


@cache
def gzip_bomb() -> bytes:
    """256 MiB of zeros in 261 KB, but for the trailer, which nobody gets to see."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    mebibyte = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return header + mebibyte * BOMB_MIB + b"\x03\0" + bytes(8)


@cache
def brotli_bomb() -> bytes:
    """256 MiB of zeros in some 400 octets."""
    return brotli.compress(bytes(BOMB_MIB << 20), quality=5)


@cache
def zstd_bomb() -> bytes:
    """256 MiB of zeros in 8 KB."""
    return zstd.compress(bytes(BOMB_MIB << 20))


def zstd_window(log: int) -> bytes:
    """A frame that wants a window of 2**log octets and holds one block of zeros."""
    block = (1 << 3 | 1 << 1 | 1).to_bytes(3, "little")  # the last one, of one octet repeated
    return b"\x28\xb5\x2f\xfd\0" + bytes([log - 10 << 3]) + block + b"\0"


def decoded(trace: Trace) -> bytes:
    """What explaining the trace decodes."""
    return b"".join(pdu.octets for pdu in explain(trace.events).pdus if pdu.step == INFLATED)


def stopped_at_the_bound(scene: Scene, trace: Trace) -> None:
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert "stopped at 5,242,880 octets" in end.message
    assert octets_of(trace, "tcp:1.received")
    assert decoded(trace) == bytes(BOUND)


def window_is_named(scene: Scene, trace: Trace) -> None:
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert "8 MiB" in end.message
    assert octets_of(trace, "tcp:1.received") == scene.servers[0].sent[0]


def shown_as_received(scene: Scene, trace: Trace) -> None:
    assert octets_of(trace, "tcp:1.received") == scene.servers[0].sent[0]
    assert decoded(trace) == b""


def decoded_part_is_kept(scene: Scene, trace: Trace) -> None:
    part = decoded(trace)
    assert part[:1000] == PLAIN[:1000]


def damaged(title: str, octets: bytes, coding: bytes = b"gzip") -> Case:
    return Case(
        "CMP-07",
        title,
        plain_http(reply(coded(coding, octets))),
        "decode.error",
        check=decoded_part_is_kept,
    )


def bomb(row: str, title: str, coding: bytes, build: Callable[[], bytes]) -> Case:
    def scene(stack: contextlib.ExitStack) -> Scene:
        return plain_http(reply(coded(coding, build())))(stack)

    return Case(
        row,
        title,
        scene,
        "limit.decoded",
        check=stopped_at_the_bound,
    )


def junk_is_counted(scene: Scene, trace: Trace) -> None:
    end = trace.events[-1]
    assert isinstance(end, Completed)
    assert end.body_octets == len(PLAIN)
    notes = [note.why for note in chosen(trace, "content coding") if note.value == "surplus"]
    assert notes[0].startswith("10,000,000 octets behind the end")


def body_is_coded(scene: Scene, trace: Trace) -> None:
    end = trace.events[-1]
    assert isinstance(end, Completed)
    assert end.body_octets == len(GZIP)
    shown_as_received(scene, trace)


def body_is_plain(scene: Scene, trace: Trace) -> None:
    end = trace.events[-1]
    assert isinstance(end, Completed)
    assert end.body_octets == len(PLAIN)


def octet_chunks(octets: bytes) -> bytes:
    chunks = b"".join(b"1\r\n%c\r\n" % octet for octet in octets)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + chunks + b"0\r\n\r\n"


CASES = [
    bomb("CMP-01", "256 MiB of zeros as gzip", b"gzip", gzip_bomb),
    bomb("CMP-01", "gzip inside gzip", b"gzip, gzip", lambda: gzip.compress(gzip_bomb())),
    bomb("CMP-03", "256 MiB of zeros as zstd", b"zstd", zstd_bomb),
    bomb("CMP-03", "256 MiB of zeros as br", b"br", brotli_bomb),
    bomb("CMP-03", "br inside zstd", b"br, zstd", lambda: zstd.compress(brotli_bomb())),
    Case(
        "CMP-03",
        "a window of 2 GiB",
        plain_http(reply(coded(b"zstd", zstd_window(31)))),
        "limit.decoded",
        check=window_is_named,
    ),
    Case("CMP-03", "a window of 8 MiB", plain_http(reply(coded(b"zstd", zstd_window(23)))), "ok"),
    Case(
        "CMP-05",
        "gzip 500 times over",
        plain_http(reply(coded(b", ".join([b"gzip"] * 500), GZIP))),
        "limit.codings",
        check=shown_as_received,
    ),
    Case(
        "CMP-05",
        "three fields with one coding each",
        plain_http(reply(coded(b"gzip\r\nContent-Encoding: br\r\nContent-Encoding: zstd", GZIP))),
        "limit.codings",
        check=shown_as_received,
    ),
    damaged("no trailer", GZIP[:-8]),
    damaged("half of it", GZIP[: len(GZIP) // 2]),
    damaged("a wrong CRC", GZIP[:-8] + b"xxxx" + GZIP[-4:]),
    damaged("a wrong ISIZE", GZIP[:-4] + b"xxxx"),
    damaged("a damaged block", GZIP[:3000] + b"\xff" * 2000 + GZIP[-8:]),
    damaged("zstd without its end", zstd.compress(PLAIN * 300)[:-40], b"zstd"),
    damaged("br without its end", brotli.compress(PLAIN)[:-20], b"br"),
    Case(
        "CMP-09",
        "10 MB behind the end",
        plain_http(
            reply(coded(b"gzip", GZIP + b"junk" * 2_500_000)),
            limits={"body_read_octets": None, "kept_octets": 65_536},
        ),
        "ok",
        noted="content coding",
        check=junk_is_counted,
    ),
    Case(
        "CMP-09",
        "10 MB behind the end, where 5 MiB are read",
        plain_http(reply(coded(b"gzip", GZIP + b"junk" * 2_500_000))),
        "limit.body",
    ),
    Case(
        "CMP-11",
        "a coding that nobody knows",
        plain_http(reply(coded(b"sausage", GZIP))),
        "ok",
        noted="content coding",
        check=body_is_coded,
    ),
    Case(
        "CMP-13",
        "each octet of gzip a chunk",
        plain_http(reply(octet_chunks(GZIP))),
        "ok",
        cpu_s=1.0,
        check=body_is_plain,
    ),
    Case(
        "CMP-13",
        "49,000 chunks of gzip without compression",
        plain_http(reply(octet_chunks(gzip.compress(b"a" * 48_900, 0)))),
        "ok",
        cpu_s=1.0,
    ),
]
