"""What a user or the system says about names: resolv.conf, --dns-server, --resolve."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import msgspec

from netcore.errors import FetchError
from netcore.host import read_host

RESOLV_CONF = Path("/etc/resolv.conf")
_SERVERS = 3  # as many as the C library uses of resolv.conf
_PORT = 53
TRANSPORTS: Final = {"udp": _PORT, "tcp": _PORT, "tls": 853, "https": 443}
"""How a resolver can be asked, and the port for that (RFC 1035, RFC 7858, RFC 8484)."""

_PATH: Final = "/dns-query"  # RFC 8484 §4.1.1 has it in its examples, and public resolvers too
_PATH_CHARACTERS: Final = re.compile(r"/[A-Za-z0-9/._~%-]*")


class NameServer(msgspec.Struct, frozen=True):
    """A resolver, and how it is asked."""

    transport: str  # one of TRANSPORTS
    address: str
    port: int
    path: str = ""  # of "https"

    @property
    def endpoint(self) -> str:
        """Its address and port: "192.0.2.1:853", "[2001:db8::1]:853"."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def is_encrypted(self) -> bool:
        """Whether it is asked inside TLS."""
        return self.transport in ("tls", "https")


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


def parse_server(text: str) -> NameServer:
    """ "ADDR", "ADDR:PORT", "tcp://ADDR", "tls://ADDR:PORT" or "https://ADDR:PORT/PATH".

    Over UDP if nothing is said; the port is that of the transport, the path /dns-query.
    Raises: FetchError guard.bad_host.
    """
    transport, separator, rest = text.partition("://")
    if not separator:
        transport, rest = "udp", text
    endpoint, path = rest, ""
    if transport == "https":
        endpoint, slash, behind = rest.partition("/")
        path = slash + behind if slash and behind else _PATH
    if transport not in TRANSPORTS or not (path == "" or _PATH_CHARACTERS.fullmatch(path)):
        raise _no_resolver(text)
    host, port = endpoint, str(TRANSPORTS[transport])
    if endpoint.startswith("["):
        host, _, behind = endpoint[1:].partition("]")
        port = behind.removeprefix(":") or port
    elif endpoint.count(":") == 1:
        host, _, port = endpoint.partition(":")
    if not _is_address(host) or not _is_port(port):
        raise _no_resolver(text)
    return NameServer(transport, str(ip_address(host)), int(port), path)


def _no_resolver(text: str) -> FetchError:
    return FetchError(
        "guard.bad_host",
        f"{text!r} is not the address of a resolver: ADDR or ADDR:PORT, perhaps with tcp://, "
        "tls:// or https:// before it and, for https, a path behind it.",
    )


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
