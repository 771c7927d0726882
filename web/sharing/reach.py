"""Reach: from where the addresses lead here that a page writes out for others.

They name the host that the page was asked at. Who asked at "localhost" or "127.0.0.1" gets
addresses that every other machine would look for in itself.
"""

from __future__ import annotations

import ipaddress

from flask import request


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_here_alone() -> bool:
    """Whether an address with the host of this request works on this machine only."""
    host = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdigit() else ""
    return is_loopback((host or request.host).strip("[]"))
