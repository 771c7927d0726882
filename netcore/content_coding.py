"""Content codings undone, under a bound (RFC 9110 §8.4, RFC 1952, RFC 1950).

A few kilobytes can stand for gigabytes, so output is made in small steps and counted; the budget
is shared by all responses of a fetch. What was decoded before a fault is always given out.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from netcore.errors import FetchError

_STEP = 65_536
_GZIP = zlib.MAX_WBITS | 16
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_MAGIC = b"\x1f\x8b"


class Budget:
    """How many octets may still come out of decoding; None for any number."""

    def __init__(self, octets: int | None) -> None:
        self._octets = octets
        self._left = octets

    def spend(self, data: bytes) -> bytes:
        """As much of `data` as is left. Raises: FetchError limit.decoded once nothing is."""
        if self._left is None:
            return data
        if data and not self._left:
            raise FetchError(
                "limit.decoded",
                f"Decoding stopped at {self._octets:,} octets: the content is larger than that.",
            )
        data = data[: self._left]
        self._left -= len(data)
        return data


class Decoder(Protocol):
    """Undoes one coding."""

    surplus: int

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Decoded octets, in steps. Raises: FetchError decode.error."""

    def finish(self) -> None:
        """No more octets come. Raises: FetchError decode.error if the end is missing."""


class ContentDecoder:
    """The codings of one response, undone in the reverse order of their application."""

    def __init__(self, decoders: Sequence[Decoder], budget: Budget) -> None:
        self._decoders = decoders
        self._budget = budget

    @property
    def surplus(self) -> int:
        """Octets that stood behind the end of the coded content and were not decoded."""
        return sum(each.surplus for each in self._decoders)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The content that `data` completes, in steps of at most 64 KiB.

        Raises: FetchError decode.error, limit.decoded; what came before is out by then.
        """
        yield from self._through(self._decoders, data)

    def finish(self) -> None:
        """No more octets come. Raises: FetchError decode.error if the end is missing."""
        for each in self._decoders:
            each.finish()

    def _through(self, decoders: Sequence[Decoder], data: bytes) -> Iterator[bytes]:
        if not decoders:
            while data:
                spent = self._budget.spend(data)
                yield spent
                data = data[len(spent) :]
            return
        for part in decoders[0].decode(data):
            yield from self._through(decoders[1:], part)


def content_decoder(
    values: list[str], most: int, budget: Budget
) -> tuple[ContentDecoder, list[str], str]:
    """Prepare to undo what the Content-Encoding fields say.

    In: the values of all fields; how many codings are allowed.
    Out: a decoder; the codings in order of application; the name of one that is not known, in
    which case nothing is decoded, else "".
    Raises: FetchError limit.codings.
    """
    names = [part.strip().lower() for value in values for part in value.split(",")]
    codings = [name for name in names if name not in ("", "identity")]
    if len(codings) > most:
        raise FetchError(
            "limit.codings",
            f"The content is coded {len(codings)} times over; at most {most} codings are undone.",
        )
    unknown = next((name for name in codings if name not in _DECODERS), "")
    decoders = [] if unknown else [_DECODERS[name]() for name in reversed(codings)]
    return ContentDecoder(decoders, budget), codings, unknown


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
                out = self._inflate.decompress(data, _STEP)
            except zlib.error as error:
                yield _up_to_the_fault(before, data)
                raise FetchError(
                    "decode.error", f"The compressed content is damaged: {error}."
                ) from error
            data = self._inflate.unconsumed_tail
            if out:
                yield out


def _up_to_the_fault(inflate: zlib._Decompress, data: bytes) -> bytes:
    """What can be decoded before the octet where zlib gives up; zlib itself throws it away."""
    parts: list[bytes] = []
    try:
        for at in range(len(data)):
            parts.append(inflate.decompress(data[at : at + 1]))
            if sum(map(len, parts)) > _STEP:
                break
    except zlib.error:
        pass
    return b"".join(parts)


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
        if data == _MAGIC[:1]:
            self._held = data
            return b""
        if data.startswith(_MAGIC):
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


_DECODERS: dict[str, type[Gzip] | type[Deflate]] = {
    "gzip": Gzip,
    "x-gzip": Gzip,
    "deflate": Deflate,
}
ACCEPTED = "gzip, deflate"
"""The value of Accept-Encoding that asks for what can be undone here."""
