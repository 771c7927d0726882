"""Sides: the traces that are compared, each with its account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netcore.comparison import Account, account_of
from web.facts import clean
from web.feed import Standing
from web.spoken import gettext as _
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
    def total_ns(self) -> int:
        """How long it took, or has taken by now."""
        elapsed_ns = self.standing.elapsed_ns if self.standing.live else 0
        return max(self.account.total_ns, elapsed_ns)

    @property
    def hop(self) -> int:
        """The request that is compared, 0 for all."""
        return self.account.hop


def side_of(letter: str, trace_id: str, tale: Tale, standing: Standing) -> Side:
    """A trace as one of the sides."""
    account = account_of(tale.trace, tale.explanation, tale.timeline)
    return Side(letter, trace_id, tale, standing, account)


def kind_of(side: Side, sides: Sequence[Side]) -> str:
    """What a side is beside the others: its version of HTTP, and what else tells them apart."""
    account = side.account
    spoken = account.http_version or side.tale.trace.options.http
    parts = [f"HTTP/{spoken}" if spoken != "auto" else "HTTP"]
    secured = {each.account.tls_version for each in sides}
    if "" not in secured and len(secured) > 1:
        parts.append(clean(account.tls_version))
    if "" not in secured and len({each.account.session for each in sides}) > 1:
        parts.append(_("resumed") if account.session == "resumed" else _("cold"))
    if account.family and len({each.account.family for each in sides}) > 1:
        parts.append(account.family)
    return ", ".join(parts)
