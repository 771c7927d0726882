"""caddy on loopback, which speaks HTTP/1.1, 2 and 3 on one port, with three files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab import Authority
from tests.peers.process import free_port, program, running, wait_for_port

SIZES: Final = {"large": 16 << 20, "medium": 2 << 20, "small": 1024}
HOST: Final = "localhost"


@dataclass(frozen=True)
class Caddy:
    """Where it is."""

    authority: str  # of its URLs
    cacert: str

    def url(self, name: str) -> str:
        """The URL of a file."""
        return f"https://{self.authority}/{name}"


@contextmanager
def caddy() -> Iterator[Caddy]:
    """A server of its own defaults, without logs of what it answers."""
    with tempfile.TemporaryDirectory(prefix="wiretale-bench-") as name, Authority() as authority:
        directory, port = Path(name), free_port()
        for file, size in SIZES.items():
            (directory / file).write_bytes(bytes(size))
        chain = str(authority.write_chain(authority.identity(HOST)))
        configuration = directory / "caddy.json"
        configuration.write_text(json.dumps(_configuration(name, port, chain)))
        command = [program("caddy", "caddy"), "run", "--config", str(configuration)]
        with running(command, directory, XDG_CONFIG_HOME=name, XDG_DATA_HOME=name) as process:
            wait_for_port(process, port)
            yield Caddy(f"{HOST}:{port}", authority.cacert)


def _configuration(directory: str, port: int, chain: str) -> dict[str, Any]:
    server = {
        "listen": [f"127.0.0.1:{port}"],
        "routes": [{"handle": [{"handler": "file_server", "root": directory}]}],
        "automatic_https": {"disable": True},
        "tls_connection_policies": [{}],
        "protocols": ["h1", "h2", "h3"],
    }
    pair = {"certificate": chain, "key": chain}
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "storage": {"module": "file_system", "root": f"{directory}/storage"},
        "apps": {
            "http": {"servers": {"bench": server}},
            "tls": {"certificates": {"load_files": [pair]}},
        },
    }
