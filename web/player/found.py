"""Found: what a rule found worth saying, and where the rule may look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from netcore.field import Field, find
from netcore.pdu import Pdu, octets_of
from netcore.timeline import Mark
from web.facts import clean
from web.fieldtree import paths
from web.tale import Tale

LONGEST = 48  # characters of a value in a caption


@dataclass(frozen=True)
class Found:
    """A step that a rule proposes. `kind` names its words in content/steps."""

    kind: str
    field: Field | None = None  # what to look at
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """A unit of a mark's event."""

    tale: Tale
    mark: Mark
    event: int  # the number of the event that began to move it
    at: int  # its place among the units of that event, from 1
    pdu: Pdu

    @cached_property
    def tree(self) -> Field:
        """Its fields, with those of the units inside it."""
        return self.tale.explanation.tree(self.pdu)

    @cached_property
    def keys(self) -> dict[int, str]:
        """The key of each of its fields, by the identity of the field."""
        return {id(path[-1]): key for key, path in paths(self.tree).items()}

    @property
    def sent(self) -> bool:
        """Whether the client sent it."""
        return self.mark.direction == "sent"

    def hex(self, field: Field) -> str:
        """The octets of a field as they are written: "02 00"."""
        return octets_of(self.pdu, field)[:4].hex(" ")

    def units(self, name: str) -> Iterator[Pdu]:
        """The units of that name of the same event."""
        return (each for each in self.tale.explanation.of_event(self.event) if each.name == name)


def found(kind: str, field: Field | None = None, **facts: object) -> Found:
    """A proposal with its facts written as a caption has them."""
    return Found(kind, field, tuple((name, shown(value)) for name, value in facts.items()))


def shown(value: object) -> str:
    """A fact as text: counts with separators, what came from outside cleaned and cut."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return clean(str(value), LONGEST)


def value_at(tree: Field, *names: str) -> Field | None:
    """The first field of the last name below the first of each name before it."""
    here: Field | None = tree
    for name in names:
        here = find(here, name) if here is not None else None
    return here
