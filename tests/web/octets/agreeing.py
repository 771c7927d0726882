"""Whether tree, octets and addresses of a unit point at each other."""

from __future__ import annotations

from netcore.field import Field
from web.fieldtree import paths
from web.octets.spot import Asked, spot

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
