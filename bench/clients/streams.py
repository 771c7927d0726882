"""Fetches over HTTP/2 or HTTP/3: python -m bench.clients.streams CLIENT URL CA-FILE COUNT OCTETS

Each on a connection of its own. It prints how many nanoseconds each took, and the CPU seconds of
all of them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Final

from bench.clients.bare_http2 import fetch as bare_http2
from bench.clients.bare_http3 import fetch as bare_http3

Fetch = Callable[[str, str], int]
WARM_UP: Final = 5


def _netcore(http: str) -> Fetch:
    from netcore import COMMAND_LINE_LIMITS, Options, fetch

    def once(url: str, cacert: str) -> int:
        octets = 0

        def count(data: bytes) -> None:
            nonlocal octets
            octets += len(data)

        options = Options(allow_private=True, cacert=cacert, http=http, limits=COMMAND_LINE_LIMITS)
        fetch(url, options, on_body=count)
        return octets

    return once


def _silent(http: str) -> Fetch:
    from bench.clients.silent import silence

    silence()
    return _netcore(http)


def _httpx() -> Fetch:
    import ssl

    import httpx

    def once(url: str, cacert: str) -> int:
        context = ssl.create_default_context(cafile=cacert)
        octets = 0
        with (
            httpx.Client(verify=context, http1=False, http2=True) as client,
            client.stream("GET", url) as response,
        ):
            assert response.http_version == "HTTP/2"
            for data in response.iter_raw():
                octets += len(data)
        return octets

    return once


CLIENTS: dict[str, Callable[[], Fetch]] = {
    "netcore, h2": lambda: _netcore("2"),
    "netcore, h2, recording off": lambda: _silent("2"),
    "httpx, h2": _httpx,
    "bare loop over h2": lambda: bare_http2,
    "netcore, h3": lambda: _netcore("3"),
    "netcore, h3, recording off": lambda: _silent("3"),
    "bare loop over aioquic": lambda: bare_http3,
}


def main(client: str, url: str, cacert: str, count: str, expected: str) -> None:
    """Fetch so many times, after a few that warm up."""
    once, took, cpu = CLIENTS[client](), [], 0.0
    warm_up = WARM_UP if int(count) > 1 else 0
    for number in range(warm_up + int(count)):
        if number == warm_up:
            cpu = time.process_time()
        start = time.perf_counter_ns()
        octets = once(url, cacert)
        took.append(time.perf_counter_ns() - start)
        assert octets == int(expected), f"{octets} octets came"
    cpu = time.process_time() - cpu
    sys.stdout.write(json.dumps({"took_ns": took[warm_up:], "cpu_s": cpu}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
