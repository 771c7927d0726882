"""nginx, OpenSSL's s_server and dnsmasq on ports of loopback, ready when the block begins."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.peers.process import free_port, program, running, wait_for_line, wait_for_port

HOST: Final = "www.peer.example.com"
ALIAS: Final = "alias.peer.example.com"
PLAIN: Final = b"A file that nginx found on its disk.\n" * 40
LARGE: Final = 1 << 20
INCLUDES: Final = (
    b"Before the include.\n" + b'<!--# set var="a" value="included" --><!--# echo var="a" -->\n'
)

NGINX: Final = """\
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    default_type text/plain;
    client_body_temp_path {directory}/client;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    ssl_certificate {chain};
    ssl_certificate_key {chain};
    server {{
        listen 127.0.0.1:{plain};
        root {directory}/www;
        location /chunked {{ ssi on; ssi_types *; }}
        location /gzip {{ gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0; }}
        location /redirect {{ return 302 /plain; }}
    }}
    server {{
        listen 127.0.0.1:{tls12} ssl;
        ssl_protocols TLSv1.2;
        root {directory}/www;
    }}
    server {{
        listen 127.0.0.1:{tls13} ssl;
        ssl_protocols TLSv1.3;
        root {directory}/www;
    }}
}}
"""


@contextmanager
def nginx(directory: Path, chain: Path) -> Iterator[dict[str, int]]:
    """nginx with the certificate and key of `chain`; its ports by "plain", "tls12", "tls13"."""
    path = program("nginx", "nginx")
    www = directory / "www"
    www.mkdir()
    (www / "plain").write_bytes(PLAIN)
    (www / "large").write_bytes(bytes(LARGE))
    (www / "gzip").write_bytes(PLAIN)
    (www / "chunked").write_bytes(INCLUDES)
    ports = {name: free_port() for name in ("plain", "tls12", "tls13")}
    configuration = directory / "nginx.conf"
    configuration.write_text(NGINX.format(directory=directory, chain=chain, **ports))
    command = [path, "-c", str(configuration), "-p", str(directory), "-e", "stderr"]
    with running(command, directory) as process:
        for port in ports.values():
            wait_for_port(process, port)
        yield ports


@contextmanager
def s_server(directory: Path, chain: Path, *options: str) -> Iterator[int]:
    """OpenSSL's test server with these options ("-tls1_3", "-www"); yields its port."""
    openssl = program("openssl", "openssl")
    command = [openssl, "s_server", "-accept", "127.0.0.1:0", "-cert", str(chain)]
    with running([*command, "-key", str(chain), *options], directory) as process:
        line = wait_for_line(process, "ACCEPT ")
        yield int(line.rpartition(":")[2])


def write_responses(directory: Path) -> None:
    """Whole responses as files, for `s_server -HTTP` to send as they are."""
    compressed = gzip.compress(PLAIN, mtime=0)
    chunks = b"".join(b"%x\r\n%s\r\n" % (size, b"c" * size) for size in (1, 10, 300))
    responses = {
        "plain": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(PLAIN), PLAIN),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + chunks
        + b"0\r\nA-Trailer: yes\r\n\r\n",
        "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"
        % (len(compressed), compressed),
        "redirect": b"HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n",
    }
    for name, octets in responses.items():
        (directory / name).write_bytes(octets)


@contextmanager
def dnsmasq(directory: Path) -> Iterator[int]:
    """A resolver that knows `HOST` and its alias and nothing else; yields its UDP port."""
    path = program("dnsmasq", "dnsmasq-base")
    port = free_port(socket.SOCK_DGRAM)
    command = [path, "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-"]
    command += [f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces"]
    command += ["--no-resolv", "--no-hosts", "--pid-file", "--user=", "--local=/peer.example.com/"]
    command += [f"--host-record={HOST},127.0.0.1", f"--cname={ALIAS},{HOST}"]
    with running(command, directory) as process:
        wait_for_line(process, "started, version")
        yield port
