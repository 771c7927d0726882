"""Which units have octets in a range of a channel, without a look at all units.

Theory of operation. A channel is cut into blocks of 4 KiB, and each block knows the ranges that
touch it, in the order in which they were told. A question looks at one block, or at those of a
range, so it costs the same in a trace of a hundred events and of a hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from netcore.channels import Span
from netcore.pdu import Pdu

_BLOCK = 12  # bits of an octet's place that are the same in a block


class Placed:
    """Units by ranges of channels.

    Args:
        ranges: each with the unit that has it; a unit may have several.
    """

    def __init__(self, ranges: Iterable[tuple[Span, Pdu]]) -> None:
        self._blocks: dict[tuple[str, int], list[tuple[Span, Pdu]]] = {}
        for span, pdu in ranges:
            for block in _blocks(span):
                self._blocks.setdefault((span.channel, block), []).append((span, pdu))

    def near(self, channel: str, octet: int) -> Sequence[tuple[Span, Pdu]]:
        """The ranges around an octet, those that hold it among them, with their units."""
        return self._blocks.get((channel, octet >> _BLOCK), ())

    def around(self, span: Span) -> Iterator[Pdu]:
        """The units that may have octets in a range, each once; all that have are among them."""
        found = {
            pdu.number: pdu
            for block in _blocks(span)
            for _, pdu in self._blocks.get((span.channel, block), ())
        }
        yield from found.values()


def _blocks(span: Span) -> range:
    """The blocks that a range touches; one without octets touches that of its place."""
    last = max(span.start, span.end - 1)
    return range(span.start >> _BLOCK, (last >> _BLOCK) + 1)
