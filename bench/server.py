"""nginx on loopback with a large file, a small one, and a certificate."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab import Authority
from tests.peers.process import free_port, program, running, wait_for_port

LARGE: Final = 1 << 30
MEDIUM: Final = 64 << 20
BULK: Final = 60_000_000  # fewer records of 16 KiB than a channel is cut into
PAGE: Final = 30_000
TEN_MB: Final = 10_000_000
SIXTEEN: Final = 16 << 20
SMALL: Final = 1024
HOST: Final = "localhost"

_NGINX: Final = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr crit;
events {{}}
http {{
    access_log off;
    sendfile on;
    default_type text/html;
    keepalive_timeout 0;
    client_body_temp_path {directory}/client;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    ssl_certificate {chain};
    ssl_certificate_key {chain};
    ssl_protocols TLSv1.3;
    root {directory}/www;
    server {{ listen 127.0.0.1:{http}; }}
    server {{ listen 127.0.0.1:{https} ssl; }}
    server {{ listen 127.0.0.1:{http2} ssl http2; keepalive_timeout 5; }}
}}
"""


@dataclass(frozen=True)
class Server:
    """Where nginx is."""

    http: str
    https: str
    http2: str  # over TLS
    cacert: str

    def url(self, scheme: str, path: str) -> str:
        """The URL of a file."""
        return (self.http if scheme == "http" else self.https) + path


@contextmanager
def nginx() -> Iterator[Server]:
    """nginx with one worker, which closes connections of HTTP/1 after their response."""
    with tempfile.TemporaryDirectory(prefix="wiretale-bench-") as name, Authority() as authority:
        directory = Path(name)
        _write_files(directory / "www")
        chain = authority.write_chain(authority.identity(HOST))
        ports = {"http": free_port(), "https": free_port(), "http2": free_port()}
        configuration = directory / "nginx.conf"
        configuration.write_text(_NGINX.format(directory=directory, chain=chain, **ports))
        path = program("nginx", "nginx")
        command = [path, "-c", str(configuration), "-p", name, "-e", "stderr"]
        with running(command, directory) as process:
            for port in ports.values():
                wait_for_port(process, port)
            yield Server(
                f"http://127.0.0.1:{ports['http']}/",
                f"https://{HOST}:{ports['https']}/",
                f"https://{HOST}:{ports['http2']}/",
                authority.cacert,
            )


_HOLES: Final = (("large", LARGE), ("medium", MEDIUM), ("bulk", BULK), ("sixteen", SIXTEEN))


def _write_files(www: Path) -> None:
    www.mkdir()
    for name, size in _HOLES:
        with open(www / name, "wb") as file:
            file.truncate(size)  # a hole: nobody waits for a disk
    line = b"<p>A line of a page, one like the other, so that it is as long as pages are.</p>\n"
    for name, size in (("page", PAGE), ("ten", TEN_MB), ("small", SMALL)):
        (www / name).write_bytes((line * (size // len(line) + 1))[:size])
