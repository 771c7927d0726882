"""Fetches over HTTP/2, each on a connection of its own:
python -m bench.clients.http2 CLIENT URL CA-FILE COUNT OCTETS"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

RECV = 65_536
WINDOW = 16 << 20
WARM_UP = 3

Once = Callable[[], int]


def netcore(url: str, cacert: str) -> Once:
    """netcore, recording, as the command line has it."""
    from netcore import COMMAND_LINE_LIMITS, Options, fetch
    from netcore.trace import Completed

    options = Options(allow_private=True, cacert=cacert, limits=COMMAND_LINE_LIMITS)

    def once() -> int:
        outcome = fetch(url, options).outcome
        assert isinstance(outcome, Completed), outcome
        assert outcome.http_version == "2"
        return outcome.body_octets

    return once


def silent(url: str, cacert: str) -> Once:
    """The same pump with a recorder that records nothing."""
    from bench.clients.silent import silence
    from netcore import COMMAND_LINE_LIMITS, Options, fetch

    silence()
    octets = 0

    def count(data: bytes) -> None:
        nonlocal octets
        octets += len(data)

    options = Options(allow_private=True, cacert=cacert, limits=COMMAND_LINE_LIMITS)

    def once() -> int:
        nonlocal octets
        octets = 0
        fetch(url, options, on_body=count)
        return octets

    return once


def bare(url: str, cacert: str) -> Once:
    """A socket and a loop over h2, with a window like ours. It knows nothing of limits."""
    from h2.connection import H2Connection
    from h2.events import DataReceived, StreamEnded
    from h2.settings import SettingCodes, Settings

    parts = urlsplit(url)
    fields = [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", parts.path),
        (":authority", parts.netloc),
    ]

    def connect() -> socket.socket:
        context = ssl.create_default_context(cafile=cacert)
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection((parts.hostname or "", parts.port or 443))
        return context.wrap_socket(plain, server_hostname=parts.hostname)

    def once() -> int:
        h2 = H2Connection()
        size = {SettingCodes.INITIAL_WINDOW_SIZE: WINDOW}
        h2.local_settings = Settings(client=True, initial_values=size)
        h2.initiate_connection()
        h2.increment_flow_control_window(WINDOW - 65_535)
        h2.send_headers(1, fields, end_stream=True)
        octets, ended = 0, False
        with connect() as connection:
            while not ended:
                connection.sendall(h2.data_to_send())
                for event in h2.receive_data(connection.recv(RECV)):
                    if isinstance(event, DataReceived):
                        octets += len(event.data or b"")
                        h2.acknowledge_received_data(event.flow_controlled_length or 0, 1)
                    ended = ended or isinstance(event, StreamEnded)
            h2.close_connection()
            connection.sendall(h2.data_to_send())
        return octets

    return once


def httpx(url: str, cacert: str) -> Once:
    """httpx, streaming, a client for each fetch."""
    from httpx import Client

    def once() -> int:
        context = ssl.create_default_context(cafile=cacert)
        with (
            Client(http1=False, http2=True, verify=context, trust_env=False) as client,
            client.stream("GET", url) as response,
        ):
            return sum(map(len, response.iter_raw()))

    return once


CLIENTS: dict[str, Callable[[str, str], Once]] = {
    "netcore": netcore,
    "netcore, recording off": silent,
    "bare loop over h2": bare,
    "httpx": httpx,
}


def main(client: str, url: str, cacert: str, count: str, octets: str) -> None:
    """Fetch so many times; print how many nanoseconds each took, and the CPU seconds of all."""
    once = CLIENTS[client](url, cacert)
    for _ in range(WARM_UP):
        once()
    took = []
    cpu = time.process_time()
    for _ in range(int(count)):
        start = time.perf_counter_ns()
        came = once()
        took.append(time.perf_counter_ns() - start)
        assert came == int(octets), f"{came} octets came"
    said = {"took_ns": took, "cpu_s": time.process_time() - cpu}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
