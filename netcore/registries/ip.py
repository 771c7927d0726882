"""Numbers of IP, TCP and ICMP, by IANA (the file names each registry)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from netcore.registries.tables import read_numbers

_TABLES: Final = read_numbers("ip.toml")

PROTOCOLS: Final = _TABLES["protocols"]
DSCP: Final = _TABLES["dscp"]
ECN: Final = _TABLES["ecn"]
IP_OPTIONS: Final = _TABLES["ip_options"]
TCP_OPTIONS: Final = _TABLES["tcp_options"]
ICMP_TYPES: Final = _TABLES["icmp_types"]
ICMPV6_TYPES: Final = _TABLES["icmpv6_types"]

ICMP_CODES: Final = MappingProxyType(
    {3: _TABLES["icmp_unreachable"], 11: _TABLES["icmp_time_exceeded"]}
)
"""Type -> code -> name, where the codes of a type have names."""

ICMPV6_CODES: Final = MappingProxyType(
    {1: _TABLES["icmpv6_unreachable"], 3: _TABLES["icmpv6_time_exceeded"]}
)
