"""Many small fetches, each on a connection of its own:
python -m bench.clients.small CLIENT URL CA-FILE COUNT"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

OCTETS = 1024
WARM_UP = 20


def netcore(url: str, cacert: str) -> Callable[[], int]:
    """netcore, recording, as the command line has it."""
    from netcore import COMMAND_LINE_LIMITS, Options, fetch
    from netcore.trace import Completed

    options = Options(allow_private=True, cacert=cacert, limits=COMMAND_LINE_LIMITS)

    def once() -> int:
        outcome = fetch(url, options).outcome
        assert isinstance(outcome, Completed)
        return outcome.body_octets

    return once


def http_client(url: str, cacert: str) -> Callable[[], int]:
    """The standard library's client; like the others it makes a TLS context for each fetch."""
    import ssl
    from http.client import HTTPConnection, HTTPSConnection

    parts = urlsplit(url)

    def connect() -> HTTPConnection:
        if parts.scheme == "http":
            return HTTPConnection(parts.netloc)
        context = ssl.create_default_context(cafile=cacert)
        return HTTPSConnection(parts.netloc, context=context)

    def once() -> int:
        connection = connect()
        connection.request("GET", parts.path)
        octets = len(connection.getresponse().read())
        connection.close()
        return octets

    return once


def requests(url: str, cacert: str) -> Callable[[], int]:
    """requests without a session, which is how most scripts have it."""
    from requests import get

    return lambda: len(get(url, verify=cacert, timeout=10).content)


CLIENTS: dict[str, Callable[[str, str], Callable[[], int]]] = {
    "netcore": netcore,
    "http.client": http_client,
    "requests": requests,
}


def main(client: str, url: str, cacert: str, count: str) -> None:
    """Fetch so many times and print how many nanoseconds each took."""
    once = CLIENTS[client](url, cacert)
    took = []
    for _ in range(WARM_UP + int(count)):
        start = time.perf_counter_ns()
        octets = once()
        took.append(time.perf_counter_ns() - start)
        assert octets == OCTETS, f"{octets} octets came"
    sys.stdout.write(json.dumps({"took_ns": took[WARM_UP:]}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
