"""What can be fed with spoilt octets, and what has to hold of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random


class Finding(AssertionError):
    """Something did not hold; the message says what."""


@dataclass(frozen=True)
class Target:
    """One reader of octets.

    `seeds` gives octets to begin with. `read` takes spoilt ones, and random numbers to cut them
    with; it gives how many things it made of them, and raises Finding, or anything else, if it
    does not do what it should.
    """

    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[bytes, Random], int]
    things_an_octet: float = 8  # that may be made at most, beyond `things`
    things: int = 64
    steps_an_octet: int = 400  # calls of functions, beyond `steps`
    steps: int = 20_000
    costs: int = 1  # how many inputs of another target take the time of one of this


def hold(condition: bool, what: str) -> None:
    """Raises: Finding if the condition does not hold."""
    if not condition:
        raise Finding(what)
