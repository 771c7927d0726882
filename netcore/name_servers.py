"""What a user or the system says about names: resolv.conf, --dns-server, --resolve."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from netcore.errors import FetchError
from netcore.host import read_host

RESOLV_CONF = Path("/etc/resolv.conf")
_SERVERS = 3  # as many as the C library uses of resolv.conf
_PORT = 53


def system_resolvers(path: Path = RESOLV_CONF) -> list[str]:
    """The name servers of resolv.conf, at most three; this machine if there are none."""
    try:
        with path.open("rb") as file:
            text = file.read(65_536).decode("ascii", "replace")
    except OSError:
        text = ""
    lines = (line.split() for line in text.splitlines())
    listed = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
    return [each for each in listed if _is_address(each)][:_SERVERS] or ["127.0.0.1"]


def parse_server(text: str) -> tuple[str, int]:
    """ "ADDR", "ADDR:PORT" or "[ADDR]:PORT" -> address and port; port 53 if none is given.

    Raises: FetchError guard.bad_host.
    """
    host, port = text, str(_PORT)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not _is_address(host) or not _is_port(port):
        raise FetchError(
            "guard.bad_host", f"{text!r} is not the address of a resolver (ADDR or ADDR:PORT)."
        )
    return str(ip_address(host)), int(port)


def parse_resolve(text: str) -> tuple[str, int, list[str]]:
    """curl's "HOST:PORT:ADDR[,ADDR]" -> host as DNS has it, port, addresses.

    The host is written as in a URL: upper case, Unicode and a trailing dot make no difference.
    Raises: FetchError guard.bad_host.
    """
    host, _, rest = text.partition(":")
    port, _, listed = rest.partition(":")
    addresses = [each.strip().removeprefix("[").removesuffix("]") for each in listed.split(",")]
    if not host or not _is_port(port) or not all(map(_is_address, addresses)):
        raise FetchError(
            "guard.bad_host", f"{text!r} is not HOST:PORT:ADDR with an address at the end."
        )
    return read_host(host)[0].removesuffix("."), int(port), addresses


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536
