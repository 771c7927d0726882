"""Addresses and names with a special purpose, by IANA (each file names its registry)."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final, NamedTuple

from netcore.registries.tables import read_rows


class SpecialBlock(NamedTuple):
    """A block of addresses with the name and the reference that its registry gives."""

    block: IPv4Network | IPv6Network
    name: str
    reference: str


SPECIAL_PURPOSE_BLOCKS: Final = tuple(
    SpecialBlock(ip_network(block), name, reference)
    for file in ("ipv4_special_purpose.csv", "ipv6_special_purpose.csv")
    for block, name, reference, _ in read_rows(file)
)

NAMES_NOT_FETCHED: Final = {
    **dict(read_rows("private_names.csv")),
    **{
        name: f"{name} is a special-use name" + (f" ({reference})" if reference else "")
        for name, reference in read_rows("special_use_names.csv")
    },
}
"""Name without a trailing dot -> why it and the names below it are not fetched."""
