"""The servers of the root."""

from __future__ import annotations

import string
from ipaddress import IPv4Address, IPv6Address

from netcore.guard import Guard
from netcore.options import Options
from netcore.registries.root_hints import ROOT_SERVERS


def test_there_are_thirteen_with_an_address_of_each_family() -> None:
    letters = [f"{letter}.root-servers.net" for letter in string.ascii_lowercase[:13]]
    assert [name for name, _ in ROOT_SERVERS] == letters
    for _, (v4, v6) in ROOT_SERVERS:
        assert IPv4Address(v4)
        assert IPv6Address(v6)


def test_the_guard_lets_all_of_them_through() -> None:
    guard = Guard(Options())
    for _, addresses in ROOT_SERVERS:
        for address in addresses:
            assert guard.admit_name_server(address, 53).port == 53
