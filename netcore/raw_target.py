"""Raw target: tcp://host:port and udp://host:port, for octets that somebody types by hand."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from netcore.errors import Refused
from netcore.target import Target, parse

SCHEMES: Final = ("tcp", "udp")
_BEGINS: Final = re.compile(r"\s*(tcp|udp)://", re.IGNORECASE)
_PORT: Final = re.compile(r":[0-9]+/?\s*$")


def is_raw(url: str) -> bool:
    """Whether a URL asks for a bare connection."""
    return _BEGINS.match(url) is not None


def parse_raw(untrusted: str) -> Target:
    """Read such a URL. The host is read as that of any other URL.

    Raises: Refused guard.bad_url, guard.bad_host.
    """
    begins = _BEGINS.match(untrusted)
    if begins is None or not _PORT.search(untrusted):
        raise Refused(
            "guard.bad_url",
            "A bare connection needs a host and a port, as in tcp://example.com:7.",
        )
    scheme = begins[1].lower()
    target = parse(f"http://{untrusted[begins.end() :]}")
    if target.path_and_query != "/" or "#" in target.url:
        raise Refused("guard.bad_url", f"{scheme}:// leads to a host and a port, and to no path.")
    host = f"[{target.host}]" if ":" in target.host else target.host
    url = f"{scheme}://{host}:{target.port}"
    return msgspec.structs.replace(target, url=url, scheme=scheme, path_and_query="")
