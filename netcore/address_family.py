"""Address family: only IPv4 or only IPv6 of what a name came to, where that was asked for.

The name is asked for both all the same, and the guard judges both: which addresses a name has
must not depend on the one that is wanted.
"""

from __future__ import annotations

from typing import Final

import msgspec

from netcore.errors import FetchError
from netcore.guard import Admitted
from netcore.services import Resolved
from netcore.target import Target

FAMILIES: Final = ("4", "6")


def of_family(resolved: Resolved, target: Target, family: str) -> Resolved:
    """What is left of the endpoints. In: `family`, one of FAMILIES; "" leaves them all.

    Raises: FetchError dns.nodata if none is left.
    """
    if not family:
        return resolved
    endpoints = _only(resolved.endpoints, family)
    if not endpoints:
        others = ", ".join(each.address for each in resolved.endpoints[:4])
        raise FetchError(
            "dns.nodata",
            f"{target.server_name or target.address} has no address of IPv{family}, and only such "
            f"a one was asked for; it has {others}.",
        )
    services = (
        msgspec.structs.replace(each, endpoints=_only(each.endpoints, family))
        for each in resolved.services
    )
    return Resolved(endpoints, tuple(each for each in services if each.endpoints))


def _only(endpoints: tuple[Admitted, ...], family: str) -> tuple[Admitted, ...]:
    return tuple(each for each in endpoints if (":" in each.address) == (family == "6"))
