"""One large fetch: python -m bench.clients.large CLIENT URL CA-FILE OCTETS"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
from collections.abc import Callable
from importlib import import_module
from urllib.parse import urlsplit

RECV = 65_536


def recording(url: str, cacert: str) -> int:
    """netcore, as the command line has it."""
    return _netcore(url, cacert)


def silent(url: str, cacert: str) -> int:
    """The same pump with a recorder that records nothing."""
    from bench.clients.silent import silence

    silence()
    return _netcore(url, cacert)


def _netcore(url: str, cacert: str) -> int:
    from netcore import COMMAND_LINE_LIMITS, Options, fetch

    octets = 0

    def count(data: bytes) -> None:
        nonlocal octets
        octets += len(data)

    options = Options(allow_private=True, cacert=cacert, limits=COMMAND_LINE_LIMITS)
    fetch(url, options, on_body=count)
    return octets


def bare(url: str, cacert: str) -> int:
    """The fifteen lines: a socket and a loop, which know nothing of HTTP."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    connection = socket.create_connection((parts.hostname, parts.port))
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=cacert)
        connection = context.wrap_socket(connection, server_hostname=parts.hostname)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
    connection.sendall(request.encode())
    octets = 0
    while data := connection.recv(RECV):
        octets += len(data)
    connection.close()
    return octets


def requests(url: str, cacert: str) -> int:
    """requests, streaming."""
    from requests import get

    octets = 0
    with get(url, stream=True, verify=cacert, timeout=60) as response:
        for data in response.iter_content(RECV):
            octets += len(data)
    return octets


CLIENTS: dict[str, Callable[[str, str], int]] = {
    "netcore": recording,
    "netcore, recording off": silent,
    "bare socket loop": bare,
    "requests": requests,
}


def main(client: str, url: str, cacert: str, expected: str) -> None:
    """Fetch once and print what it took."""
    fetch = CLIENTS[client]
    _load(client)
    wall, cpu = time.perf_counter(), time.process_time()
    octets = fetch(url, cacert)
    took = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
    assert octets >= int(expected), f"{octets} octets came"
    sys.stdout.write(json.dumps(took) + "\n")


def _load(client: str) -> None:
    """Import what the client imports, before the clock starts."""
    import_module("requests" if client == "requests" else "netcore.client")


if __name__ == "__main__":
    main(*sys.argv[1:])
