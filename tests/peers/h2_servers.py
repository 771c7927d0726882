"""Servers of HTTP/2 that we did not write: nginx, caddy (Go), h2o and nghttpd (nghttp2)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from tests.peers.process import free_port, program, running, wait_for_port
from tests.peers.servers import PLAIN

LARGE: Final = bytes(range(256)) * 4_096
"""1 MiB: beyond the window that a client has by default."""

Ports = dict[str, int]
"""By what is spoken there: "h2" over TLS, "h2c" without."""

NGINX: Final = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr crit;
events {{}}
http {{
    access_log off;
    default_type text/plain;
    client_body_temp_path {directory}/client;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    root {directory}/www;
    absolute_redirect off;
    gzip_types *;
    server {{ listen 127.0.0.1:{h2} ssl http2; ssl_certificate {chain};
              ssl_certificate_key {chain}; {locations} }}
    server {{ listen 127.0.0.1:{h2c} http2; {locations} }}
}}
"""
LOCATIONS: Final = "location /redirect { return 302 /plain; } location /plain { gzip on; }"

H2O: Final = """\
{user}pid-file: {directory}/h2o.pid
error-log: /dev/stderr
num-threads: 1
listen: {{host: 127.0.0.1, port: {h2}, ssl: {{certificate-file: {chain}, key-file: {chain},
  ocsp-update-interval: 0, neverbleed: OFF}}}}
listen: {{host: 127.0.0.1, port: {h2c}}}
hosts:
  default:
    paths:
      /:
        file.dir: {directory}/www
      /redirect:
        redirect: {{url: /plain, status: 302, internal: NO}}
"""


@contextmanager
def nginx(directory: Path, chain: Path) -> Iterator[Ports]:
    """nginx with http2 on both ports."""
    ports = _ports(directory)
    file = directory / "nginx.conf"
    file.write_text(NGINX.format(directory=directory, chain=chain, locations=LOCATIONS, **ports))
    command = [program("nginx", "nginx"), "-c", str(file), "-p", str(directory), "-e", "stderr"]
    with _started(directory, ports, command) as started:
        yield started


@contextmanager
def h2o(directory: Path, chain: Path) -> Iterator[Ports]:
    """h2o, the only one of these that switches when it is asked to."""
    ports = _ports(directory)
    user = "user: root\n" if os.geteuid() == 0 else ""
    file = directory / "h2o.conf"
    file.write_text(H2O.format(directory=directory, chain=chain, user=user, **ports))
    with _started(directory, ports, [program("h2o", "h2o"), "-c", str(file)]) as started:
        yield started


@contextmanager
def caddy(directory: Path, chain: Path) -> Iterator[Ports]:
    """caddy, which is Go's HTTP/2."""
    ports = _ports(directory)
    routes = [
        {
            "match": [{"path": ["/redirect"]}],
            "handle": [
                {
                    "handler": "static_response",
                    "status_code": 302,
                    "headers": {"Location": ["/plain"]},
                }
            ],
            "terminal": True,
        },
        {"handle": [{"handler": "file_server", "root": str(directory / "www")}]},
    ]
    common = {"routes": routes, "automatic_https": {"disable": True}}
    plain = {"listen": [f"127.0.0.1:{ports['h2c']}"], "protocols": ["h1", "h2", "h2c"]}
    secure = {"listen": [f"127.0.0.1:{ports['h2']}"], "tls_connection_policies": [{}]}
    configuration = {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "storage": {"module": "file_system", "root": str(directory / "storage")},
        "apps": {
            "http": {"servers": {"h2": secure | common, "h2c": plain | common}},
            "tls": {
                "certificates": {"load_files": [{"certificate": str(chain), "key": str(chain)}]}
            },
        },
    }
    file = directory / "caddy.json"
    file.write_text(json.dumps(configuration))
    command = [program("caddy", "caddy"), "run", "--config", str(file)]
    homes = {"XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    with _started(directory, ports, command, **homes) as started:
        yield started


@contextmanager
def nghttpd(directory: Path, chain: Path) -> Iterator[Ports]:
    """nghttp2's own server, a process for each port."""
    ports = _ports(directory)
    path = program("nghttpd", "nghttp2-server")
    common = ["-d", str(directory / "www"), "-a", "127.0.0.1"]
    plain = [path, "--no-tls", *common, str(ports["h2c"])]
    secure = [path, *common, str(ports["h2"]), str(chain), str(chain)]
    with (
        running(plain, directory) as one,
        running(secure, directory) as two,
    ):
        wait_for_port(one, ports["h2c"])
        wait_for_port(two, ports["h2"])
        yield ports


SERVERS: Final[Mapping[str, Callable[[Path, Path], AbstractContextManager[Ports]]]] = {
    "nginx": nginx,
    "caddy": caddy,
    "h2o": h2o,
    "nghttpd": nghttpd,
}


def _ports(directory: Path) -> Ports:
    (directory / "www").mkdir()
    (directory / "www" / "plain").write_bytes(PLAIN)
    (directory / "www" / "large").write_bytes(LARGE)
    return {name: free_port() for name in ("h2", "h2c")}


@contextmanager
def _started(
    directory: Path, ports: Ports, command: list[str], **environment: str
) -> Iterator[Ports]:
    with running(command, directory, **environment) as process:
        for port in ports.values():
            wait_for_port(process, port)
        yield ports
