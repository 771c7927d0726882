"""Feed a target with spoilt octets, and hold it to what has to be true."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from types import FrameType
from typing import Any, Final

from fuzz.adapters import ADAPTERS
from fuzz.dissectors import dissector_targets
from fuzz.imports import import_targets
from fuzz.mutations import spoilt
from fuzz.recordings import recording_targets
from fuzz.target import Finding, Target

MOST_MEMORY: Final = 64 << 20
"""Octets that the process may grow by over a run of one target."""

TARGETS: Final[dict[str, Target]] = {
    **{f"dissect.{name}": target for name, target in dissector_targets().items()},
    **{f"protocols.{name}": target for name, target in ADAPTERS.items()},
    **recording_targets(),
    **import_targets(),
}
"""All of them, by name."""


@dataclass(frozen=True)
class Ran:
    """What one run came to: the most of each, over all inputs."""

    inputs: int
    things: int
    steps: int


class Bad(Exception):
    """An input that found something; the message says what, and has the octets in hexadecimal."""


def inputs(seeds: Sequence[bytes], number: int) -> Iterator[tuple[bytes, Random]]:
    """Spoilt octets without end, with the random numbers that go on from them.

    In: `number`, which run of it: the same number gives the same octets.
    """
    place = 0
    while True:
        chance = Random(f"{number}/{place}")  # noqa: S311 (octets that can be had again)
        yield spoilt(chance.choice(seeds), seeds, chance), chance
        place += 1


def run(name: str, *, count: int = 0, seconds: float = 0, number: int = 0) -> Ran:
    """Feed a target with so many inputs, or for so long. Raises: Bad at the first finding."""
    target = TARGETS[name]
    seeds = [seed for seed in target.seeds() if seed] or [b"\0" * 32]
    end = time.monotonic() + seconds
    before = _peak()
    most_things = most_steps = done = 0
    for octets, chance in inputs(seeds, number):
        if done >= count if count else time.monotonic() >= end:
            break
        try:
            things, steps = _fed(target, octets, chance)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise Bad(f"{name}, input {done} of run {number}: {what}\n{octets.hex()}") from error
        most_things, most_steps = max(most_things, things), max(most_steps, steps)
        done += 1
    if _peak() - before > MOST_MEMORY:
        raise Bad(f"{name}: {_peak() - before:,} octets of memory more than before the run")
    return Ran(done, most_things, most_steps)


def _fed(target: Target, octets: bytes, chance: Random) -> tuple[int, int]:
    steps = Steps()
    with steps:
        things = target.read(octets, chance)
    if things > target.things + len(octets) * target.things_an_octet:
        raise Finding(f"{len(octets)} octets made {things} things")
    if steps.count > target.steps + len(octets) * target.steps_an_octet:
        raise Finding(f"{len(octets)} octets took {steps.count} steps")
    return things, steps.count


class Steps:
    """Counts calls of functions: unlike time the same on every machine."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        sys.setprofile(self._note)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, _: FrameType, what: str, __: Any) -> None:
        if what in ("call", "c_call"):
            self.count += 1


def _peak() -> int:
    """The most memory that the process has had, in octets."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
