"""The words of the player's steps, for babel: captions and questions of content/steps."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

SPOKEN = ("ask", "caption")


def extract(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Every sentence of a file of steps, as babel's extraction methods give them.

    The other arguments are babel's and say nothing about these files. All lines are 0: tomllib
    keeps none, and the catalogue has no places in it.
    """
    for words in tomllib.loads(fileobj.read().decode()).values():
        for name in SPOKEN:
            if words.get(name):
                yield 0, "", words[name], []
