"""All ways out of the open event, as the inspector's templates are given them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from web.fieldtree import paths
from web.panes import Panes
from web.tale import Tale
from web.ways.code import Code, code_of
from web.ways.crumbs import Crumbs, Opened, crumbs_of
from web.ways.lineage import Lineage, lineage_of
from web.ways.switch import Form, switch_of


@dataclass(frozen=True)
class Ways:
    """What leads on from the selection. Without a unit there is only code."""

    code: Code
    crumbs: Crumbs | None = None
    forms: tuple[Form, ...] = ()
    lineage: Lineage | None = None


def ways(tale: Tale, base: str, panes: Panes) -> Ways:
    """The ways out of what panes show; which tab of the code is open, the request says (`code`).

    In: `base`, the path of the trace.
    """
    asked = request.args.get("code", "")
    number, view = panes.number, panes.view
    if view is None:
        return Ways(code_of(tale, base, number, None, asked, f"{base}/e/{number}"))
    pdu = tale.explanation.of_event(number)[view.index - 1]
    tree = tale.explanation.tree(pdu)
    keyed = paths(tree)
    key = view.octets.select
    path = keyed.get(key, (tree,))
    href = f"{base}/e/{number}?u={view.index}"
    return Ways(
        code=code_of(tale, base, number, pdu, asked, f"{href}&f={key}" if key else href),
        crumbs=crumbs_of(tale, base, number, pdu, Opened(keyed, path, href), panes.units),
        forms=switch_of(tale, base, pdu, path, selected=bool(key)),
        lineage=lineage_of(tale, base, pdu, path),
    )
