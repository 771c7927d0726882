"""The addresses of this machine's own interfaces, read from files: no socket is opened for them."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

_PROC_NET = Path("/proc/net")
_LOCAL_HOST = re.compile(r"\|-- (\S+)\n\s+/32 host LOCAL")


def own_addresses(proc_net: Path = _PROC_NET) -> frozenset[IPv4Address | IPv6Address]:
    """All addresses of interfaces that lead out of this machine; none where there is no /proc.

    A machine whose only interface is the loopback device has none: nobody else can mean it.
    """
    found: set[IPv4Address | IPv6Address] = set()
    if _leads_out(_read(proc_net / "route")):
        found.update(
            IPv4Address(each) for each in _LOCAL_HOST.findall(_read(proc_net / "fib_trie"))
        )
    for line in _read(proc_net / "if_inet6").splitlines():
        digits, *_, device = line.split()
        if device != "lo":
            found.add(ip_address(int(digits, 16).to_bytes(16, "big")))
    return frozenset(found)


def _leads_out(routes: str) -> bool:
    devices = {line.split()[0] for line in routes.splitlines()[1:] if line.strip()}
    return bool(devices - {"lo"})


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:
        return ""
