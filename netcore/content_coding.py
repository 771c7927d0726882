"""Content codings undone, one or several over each other, under a bound (RFC 9110 §8.4).

The budget is shared by all responses of a fetch. What was decoded before a fault, or before the
bound, is always given out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcore.decoders import DECODERS, Decoder
from netcore.errors import FetchError

ACCEPTED = "gzip, deflate, br, zstd"
"""The value of Accept-Encoding that asks for what can be undone here."""
_SLICE = 16_384  # octets that go in at once, so that what is not consumed is not copied for long


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
        """The content that `data` completes, in steps of about 64 KiB if it was coded.

        Raises: FetchError decode.error, limit.decoded; what came before is out by then.
        """
        if not self._decoders:
            if data:
                yield data  # what is not coded cannot grow: the bound on what is read holds for it
            return
        for at in range(0, len(data), _SLICE):
            yield from self._through(self._decoders, data[at : at + _SLICE])

    def finish(self) -> None:
        """No more octets come. Raises: FetchError decode.error if the end is missing."""
        for each in self._decoders:
            each.finish()

    def _through(self, decoders: Sequence[Decoder], data: bytes) -> Iterator[bytes]:
        if not decoders:
            yield from self._spend(data)
            return
        for part in decoders[0].decode(data):
            yield from self._through(decoders[1:], part)

    def _spend(self, data: bytes) -> Iterator[bytes]:
        while data:
            spent = self._budget.spend(data)
            yield spent
            data = data[len(spent) :]


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
    unknown = next((name for name in codings if name not in DECODERS), "")
    decoders = [] if unknown else [DECODERS[name]() for name in reversed(codings)]
    return ContentDecoder(decoders, budget), codings, unknown
