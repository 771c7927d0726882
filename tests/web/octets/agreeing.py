"""Whether tree, octets and addresses of a unit point at each other, here and in the browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from netcore.field import Field
from web.fieldtree import paths
from web.octets.spot import Asked, spot

IN_THE_BROWSER = Path(__file__).resolve().parents[2] / "static" / "leaves_and_octets.js"
MOST_LEAVES = 24  # of a unit that are tried: each costs a walk through all of them


def assert_agreement(tree: Field, octets: bytes) -> None:
    """Each leaf's address selects its octets, and an address of each of its ends selects it."""
    keyed = paths(tree)
    leaves = [key for key, path in keyed.items() if not path[-1].children and path[-1].length]
    for key in leaves[:: 1 + len(leaves) // MOST_LEAVES]:
        field = keyed[key][-1]
        by_field = spot(octets, keyed, key, Asked(), "?u=1")
        assert by_field.chosen == (field.start // 8, -(-field.end // 8))
        for bit in (field.start, field.end - 1):
            address = f"{bit // 8}.{7 - bit % 8}"
            by_bit = spot(octets, keyed, "", Asked(address), "?u=1")
            assert (by_bit.field, by_bit.place) == (key, address)
            marked = [cell for octet in by_bit.ruler for cell in octet.cells if cell.is_cursor]
            assert [cell.key for cell in marked] == [key]
        octet = -(-field.start // 8)
        if octet * 8 < field.end:
            assert spot(octets, keyed, "", Asked(str(octet)), "?u=1").field == key


def disagreements_in_the_browser(trees: Iterable[Field]) -> str:
    """The keys of leaves that the script's byte pane would not select, or not lead to; "" if none.
    They are judged by the script's own modules, in Node where there is one."""
    units = [
        [
            {"key": key, "start": path[-1].start, "length": path[-1].length}
            for key, path in paths(tree).items()
            if not path[-1].children and path[-1].length
        ]
        for tree in trees
    ]
    node = shutil.which("node")
    if node is None:
        return ""
    done = subprocess.run(
        [node, str(IN_THE_BROWSER)],
        input=json.dumps(units),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout
