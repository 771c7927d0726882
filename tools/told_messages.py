"""The words of the lab's servers and of the exercises, for babel."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from exercises.exercise import Exercise, read
from lab.behaviours import SHELVES
from lab.whole import BY_HAND

Extracted = Iterator[tuple[int, str, str, list[str]]]


def of_lab(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Extracted:
    """What the lab's page says of all shelves and servers, as babel's extraction methods give it.

    The arguments are babel's. All lines are 0: the catalogue has no places in it.
    """
    for shelf in SHELVES:
        yield from _told(shelf.title, shelf.about)
        for row in shelf.rows.values():
            yield from _told(row.title, row.about)
        for named in shelf.named:
            yield from _told(named.title, named.about)
    yield from _told(*BY_HAND.values())


def of_exercise(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Extracted:
    """The texts of an exercise; scripts stay as they are. The other arguments are babel's."""
    yield from _told(*texts(read("", 0, fileobj.read().decode())))


def texts(exercise: Exercise) -> list[str]:
    """All that is read by people."""
    found = [exercise.title, exercise.task, exercise.why, exercise.what_if, exercise.predict]
    found += ["" if exercise.starter else exercise.show, *exercise.paragraphs, *exercise.hints]
    for check in exercise.checks:
        found += [check.want, check.seen]
    return [*found, *(remark.say for remark in exercise.remarks)]


def _told(*texts: str) -> Extracted:
    for text in texts:
        if text:
            yield 0, "", text, []
