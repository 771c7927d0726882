"""Sides: the traces that are compared, each with its account."""

from __future__ import annotations

from dataclasses import dataclass

from netcore.comparison import Account, account_of
from web.feed import Standing
from web.tale import Tale

LETTERS = "abc"


@dataclass(frozen=True)
class Side:
    """One of the traces."""

    letter: str  # of the query: "a", "b" or "c"
    id: str
    tale: Tale
    standing: Standing
    account: Account

    @property
    def name(self) -> str:
        """What it is called on the page."""
        return self.letter.upper()

    @property
    def base(self) -> str:
        """The path of its trace."""
        return f"/t/{self.id}"

    @property
    def hop(self) -> int:
        """The request that is compared, 0 for all."""
        return self.account.hop


def side_of(letter: str, trace_id: str, tale: Tale, standing: Standing) -> Side:
    """A trace as one of the sides."""
    account = account_of(tale.trace, tale.explanation, tale.timeline)
    return Side(letter, trace_id, tale, standing, account)
