"""Servers that we did not write, on ports of loopback, ready when their block begins."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.peers.process import free_port, program, running, wait_for_line, wait_for_port

HOST: Final = "www.peer.example.com"
ALIAS: Final = "alias.peer.example.com"
LONG: Final = tuple(
    ".".join([letter * 63, letter * 62, letter * 61, "peer.example.com"]) for letter in "abc"
)
"""Aliases of each other and at last of `HOST`, too long together for one datagram."""
PLAIN: Final = b"A file that nginx found on its disk.\n" * 40
LARGE: Final = 1 << 20
LAST_MODIFIED: Final = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
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
    reset_timedout_connection on;
    default_type text/plain;
    client_max_body_size 2m;
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
        absolute_redirect off;  # a proxy in front is reached by another port
        location /redirect {{ return 302 /plain; }}
        location /once {{ keepalive_requests 1; try_files /plain =404; }}
        location /reset {{ return 444; }}
        location /upload {{ proxy_pass http://127.0.0.1:{taken}/; }}
    }}
    server {{
        listen 127.0.0.1:{taken};
        location / {{ return 201 "taken\n"; }}
    }}
    server {{
        listen 127.0.0.1:{tls12} ssl;
        ssl_protocols TLSv1.2;
        location /upload {{ proxy_pass http://127.0.0.1:{taken}/; }}
        root {directory}/www;
    }}
    server {{
        listen 127.0.0.1:{tls13} ssl;
        ssl_protocols TLSv1.3;
        location /upload {{ proxy_pass http://127.0.0.1:{taken}/; }}
        root {directory}/www;
    }}
}}
"""

APACHE: Final = """\
ServerName {host}
ServerRoot {directory}
PidFile {directory}/apache.pid
ErrorLog /dev/stderr
Mutex pthread
ServerLimit 1
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
LoadModule filter_module {modules}/mod_filter.so
LoadModule deflate_module {modules}/mod_deflate.so
LoadModule ssl_module {modules}/mod_ssl.so
Listen 127.0.0.1:{plain}
Listen 127.0.0.1:{tls}
DocumentRoot {directory}/www
Redirect 302 /redirect /plain
<Location /gzip>
    SetOutputFilter DEFLATE
</Location>
<VirtualHost 127.0.0.1:{tls}>
    SSLEngine on
    SSLCertificateFile {chain}
</VirtualHost>
"""
APACHE_MODULES: Final = "/usr/lib/apache2/modules"

HAPROXY: Final = """\
global
    nbthread 1
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend as_http
    bind 127.0.0.1:{http} ssl crt {chain} alpn http/1.1
    default_backend nginx
frontend as_tcp
    mode tcp
    bind 127.0.0.1:{tcp} ssl crt {chain}
    default_backend raw
backend nginx
    server one 127.0.0.1:{backend}
backend raw
    mode tcp
    server one 127.0.0.1:{backend}
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
    os.utime(www / "plain", (LAST_MODIFIED, LAST_MODIFIED))
    ports = {name: free_port() for name in ("plain", "tls12", "tls13", "taken")}
    configuration = directory / "nginx.conf"
    configuration.write_text(NGINX.format(directory=directory, chain=chain, **ports))
    command = [path, "-c", str(configuration), "-p", str(directory), "-e", "stderr"]
    with running(command, directory) as process:
        for port in ports.values():
            wait_for_port(process, port)
        yield ports


@contextmanager
def apache(directory: Path, chain: Path) -> Iterator[dict[str, int]]:
    """Apache with the certificate and key of `chain`; its ports by "plain" and "tls"."""
    path = program("apache2", "apache2-bin")
    www = directory / "www"
    www.mkdir()
    for name in ("plain", "gzip"):
        (www / name).write_bytes(PLAIN)
    (www / "large").write_bytes(bytes(LARGE))
    ports = {name: free_port() for name in ("plain", "tls")}
    configuration = directory / "apache.conf"
    configuration.write_text(
        APACHE.format(directory=directory, chain=chain, host=HOST, modules=APACHE_MODULES, **ports)
    )
    with running([path, "-X", "-f", str(configuration)], directory) as process:
        for port in ports.values():
            wait_for_port(process, port)
        yield ports


@contextmanager
def haproxy(directory: Path, chain: Path, backend: int) -> Iterator[dict[str, int]]:
    """haproxy, which speaks TLS in front of a plain server at the port `backend`.

    Its ports: "http" reads and rewrites requests, "tcp" passes the octets on.
    """
    path = program("haproxy", "haproxy")
    ports = {name: free_port() for name in ("http", "tcp")}
    configuration = directory / "haproxy.cfg"
    configuration.write_text(HAPROXY.format(chain=chain, backend=backend, **ports))
    with running([path, "-db", "-f", str(configuration)], directory) as process:
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
    port = free_port()
    command = [path, "--keep-in-foreground", "--conf-file=/dev/null", "--log-facility=-"]
    command += [f"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces"]
    command += ["--no-resolv", "--no-hosts", "--pid-file", "--user=", "--local=/peer.example.com/"]
    command += [f"--host-record={HOST},127.0.0.1", f"--cname={ALIAS},{HOST}"]
    command += ["--edns-packet-max=512"]
    command += [f"--cname={one},{two}" for one, two in pairwise((*LONG, HOST))]
    with running(command, directory) as process:
        wait_for_line(process, "started, version")
        yield port
