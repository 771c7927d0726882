"""Decoders of the content codings, each bounded step by step (RFC 9110 §8.4, RFC 9659).

Theory of operation. A few hundred octets can stand for gigabytes, so each decoder gives its output
in steps of about 64 KiB and the caller stops asking when it has had enough. What stands before a
fault is always given out, and neither the steps nor the cuts of the input change what that is.

zlib's state can be copied, so that a fault is looked for once more, octet by octet, from the state
before it. Those of brotli and zstd cannot: there two decoders run, one of them a slice behind, and
it is the one behind that goes on octet by octet when the other one fails.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from typing import Protocol

import brotli

from netcore.errors import FetchError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

STEP = 65_536
"""Octets that come out at once; brotli may go over it by half."""
_SLICE = 4_096  # octets that go in at once where two decoders run

_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"  # behind an octet from 0x50 to 0x5f
_ZSTD_HEADER = 18  # octets of the longest header of a frame
_ZSTD_WINDOW_LOG = 23  # 8 MiB, as RFC 9659 §3 has it


class Decoder(Protocol):
    """Undoes one coding."""

    @property
    def surplus(self) -> int:
        """Octets that stood behind the end of the coded content and were not decoded."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decoded octets, in steps. Raises: FetchError decode.error, limit.decoded."""

    def finish(self) -> None:
        """No more octets come. Raises: FetchError decode.error if the end is missing."""


class _Inflater:
    """What gzip and deflate have in common: zlib, and how to stop at a fault."""

    def __init__(self, window_bits: int) -> None:
        self.surplus = 0
        self._window_bits = window_bits
        self._inflate = zlib.decompressobj(window_bits)

    def inflate(self, data: bytes) -> Iterator[bytes]:
        while data and not self._inflate.eof:
            before = self._inflate.copy()
            try:
                out = self._inflate.decompress(data, STEP)
            except zlib.error as error:
                yield from _up_to_the_fault(before, data)
                raise FetchError(
                    "decode.error", f"The compressed content is damaged: {error}."
                ) from error
            data = self._inflate.unconsumed_tail
            if out:
                yield out


def _up_to_the_fault(inflate: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What can be decoded before the octet where zlib gives up; zlib itself throws it away."""
    try:
        for at in range(len(data)):
            out = inflate.decompress(data[at : at + 1])
            if out:
                yield out
    except zlib.error:
        pass


class Gzip(_Inflater):
    """gzip: members one behind the other; what is not a member is surplus (RFC 1952 §2.2)."""

    def __init__(self) -> None:
        super().__init__(_GZIP)
        self._begun = False
        self._held = b""  # the first octet of what may be another member

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decoded octets, in steps. Raises: FetchError decode.error."""
        self._begun = self._begun or bool(data)
        while data:
            if self.surplus:
                self.surplus += len(data)
                return
            if self._inflate.eof:
                data = self._next_member(data)
                continue
            yield from self.inflate(data)
            data = self._inflate.unused_data if self._inflate.eof else b""

    def finish(self) -> None:
        """Raises: FetchError decode.error if the last member is not complete."""
        self.surplus += len(self._held)
        if self._begun and not self._inflate.eof:
            raise FetchError("decode.error", "The gzip content ends before its trailer.")

    def _next_member(self, data: bytes) -> bytes:
        data, self._held = self._held + data, b""
        if data == _GZIP_MAGIC[:1]:
            self._held = data
            return b""
        if data.startswith(_GZIP_MAGIC):
            self._inflate = zlib.decompressobj(_GZIP)
            return data
        self.surplus += len(data)
        return b""


class Deflate(_Inflater):
    """deflate: a zlib stream, as the RFC says, or a bare one, as some servers send."""

    def __init__(self) -> None:
        super().__init__(_ZLIB)
        self._beginning: bytes | None = b""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decoded octets, in steps. Raises: FetchError decode.error."""
        if self._beginning is not None:
            data = self._beginning + data
            if len(data) < 2:
                self._beginning = data
                return
            self._beginning = None
            if data[0] & 15 != zlib.DEFLATED or int.from_bytes(data[:2], "big") % 31:
                self._inflate = zlib.decompressobj(_RAW)
        if self._inflate.eof:
            self.surplus += len(data)
            return
        yield from self.inflate(data)
        self.surplus += len(self._inflate.unused_data)

    def finish(self) -> None:
        """Raises: FetchError decode.error if the stream is not complete."""
        if self._beginning != b"" and not self._inflate.eof:
            raise FetchError("decode.error", "The deflate content ends before its end.")


class _Engine(Protocol):
    """A decoder whose state cannot be copied. `surplus` is counted behind its end only."""

    surplus: int

    @property
    def finished(self) -> bool:
        """Whether the coded content may end here."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decoded octets, in steps. Raises: brotli.error, zstd.ZstdError."""


class _BrotliEngine:
    def __init__(self) -> None:
        self.surplus = 0
        self._brotli = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._brotli.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self.finished:
            self.surplus += len(data)
            return
        # An end in the middle of `data` is an error here: the twin finds it, octet by octet.
        while True:
            out = self._brotli.process(data, output_buffer_limit=STEP)
            if out:
                yield out
            elif self._brotli.can_accept_more_data():
                return  # only now: with its input used up it can still hold output back
            if self.finished:
                return
            data = b""


class _ZstdEngine:
    """Frames one behind the other; what is not a frame is surplus (RFC 8878 §3)."""

    def __init__(self) -> None:
        self.surplus = 0
        self._zstd = _zstd_frame()
        self._held = b""  # what may be the beginning of another frame
        self._fed = 0  # octets of this frame, as far as its header can reach

    @property
    def finished(self) -> bool:
        return self._zstd.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not self._zstd.eof:
            if self._zstd.eof:
                data = self._next_frame(data)
                continue
            # A frame that is there whole is read by other rules, which see faults that these do
            # not; a header that comes octet by octet keeps zstd from that.
            count = 1 if self._fed < _ZSTD_HEADER else len(data)
            self._fed += count
            out = self._zstd.decompress(data[:count], max_length=STEP)
            if out:
                yield out
            data = (self._zstd.unused_data if self._zstd.eof else b"") + data[count:]
            if not data and not self._zstd.eof and self._zstd.needs_input:
                return

    def end(self) -> None:
        """What was held is the beginning of nothing."""
        self.surplus += len(self._held)
        self._held = b""

    def _next_frame(self, data: bytes) -> bytes:
        data, self._held = self._held + data, b""
        if self.surplus:
            self.surplus += len(data)
            return b""
        if _may_be_zstd(data[:4]):
            if len(data) < 4:
                self._held = data
                return b""
            self._zstd = _zstd_frame()
            self._fed = 0
            return data
        self.surplus += len(data)
        return b""


def _zstd_frame() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
    )


def _may_be_zstd(beginning: bytes) -> bool:
    """Whether these up to four octets begin a frame, or a frame to be skipped."""
    if _ZSTD_MAGIC.startswith(beginning):
        return True
    return 0x50 <= beginning[0] <= 0x5F and _ZSTD_SKIPPABLE.startswith(beginning[1:])


class _Twins:
    """Two engines, one a slice behind the other."""

    coding = ""
    engine: type[_BrotliEngine] | type[_ZstdEngine]

    def __init__(self) -> None:
        self._begun = False
        self._ahead: _Engine = self.engine()
        self._behind: _Engine = self.engine()

    @property
    def surplus(self) -> int:
        """Octets behind the end."""
        return self._ahead.surplus

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decoded octets, in steps. Raises: FetchError decode.error, limit.decoded."""
        self._begun = self._begun or bool(data)
        for at in range(0, len(data), _SLICE):
            yield from self._slice(data[at : at + _SLICE])

    def finish(self) -> None:
        """Raises: FetchError decode.error if the end is missing."""
        if isinstance(self._ahead, _ZstdEngine):
            self._ahead.end()
        if self._begun and not self._ahead.finished:
            raise FetchError("decode.error", f"The {self.coding} content ends before its end.")

    def _slice(self, data: bytes) -> Iterator[bytes]:
        given = 0
        try:
            for part in self._ahead.feed(data):
                given += len(part)
                yield part
        except (brotli.error, zstd.ZstdError) as error:
            yield from self._octet_by_octet(data, given, error)
            return
        if self._ahead is not self._behind:
            for _ in self._behind.feed(data):
                pass

    def _octet_by_octet(self, data: bytes, given: int, fault: Exception) -> Iterator[bytes]:
        """What stands in the slice before the fault, or before the end with octets behind it."""
        self._ahead = self._behind
        try:
            for at in range(len(data)):
                for part in self._behind.feed(data[at : at + 1]):
                    new = part[given:]
                    given -= len(part) - len(new)
                    if new:
                        yield new
        except (brotli.error, zstd.ZstdError) as error:
            fault = error
        if not self._behind.surplus:
            raise self._damaged(fault) from fault

    def _damaged(self, fault: Exception) -> FetchError:
        if "too much memory" in str(fault):
            return FetchError(
                "limit.decoded",
                "Decoding stopped at a frame that refers back over more than the 8 MiB that are "
                "kept for it.",
            )
        return FetchError("decode.error", f"The {self.coding} content is damaged: {fault}.")


class Brotli(_Twins):
    """br: one brotli stream (RFC 7932); its window is 16 MiB at most."""

    coding = "br"
    engine = _BrotliEngine


class Zstd(_Twins):
    """zstd: frames whose window is 8 MiB at most (RFC 8878, RFC 9659)."""

    coding = "zstd"
    engine = _ZstdEngine


DECODERS: dict[str, type[Gzip] | type[Deflate] | type[Brotli] | type[Zstd]] = {
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
    "br": Brotli,
    "zstd": Zstd,
}
