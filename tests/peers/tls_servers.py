"""Servers that we did not write, each port of which speaks TLS in one way.

nginx, h2o and OpenSSL's s_server speak by OpenSSL, caddy by Go.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from netcore.registries.tls import CIPHER_SUITES
from tests.peers.process import free_ports, own_address, program, running, wait_for_port
from tests.peers.servers import PLAIN, s_server

ANY_STRENGTH: Final = ":@SECLEVEL=0"
LARGE: Final = bytes(range(256)) * 400
OLD: Final = ("1.0", "1.1")
GO_GROUPS: Final = {"X25519": "x25519", "P-256": "secp256r1", "P-384": "secp384r1"}


@dataclass(frozen=True)
class Way:
    """How a port speaks TLS: one version, one cipher suite by OpenSSL's name."""

    version: str = "1.3"  # "1.0" to "1.3"
    suite: str = ""  # "" for the server's choice
    group: str = ""  # "" for the server's choice, else the only one: "P-384"
    rsa: bool = False  # whether the server's key is an RSA key; else it is on P-256
    encrypt_then_mac: bool = True
    asks: bool = False  # whether it wants a certificate of the client
    tickets: bool = True

    def __str__(self) -> str:
        """What a test is called."""
        key = "RSA" if self.rsa else "P-256"
        flags = [self.version, self.suite or "any", self.group, f"{key} key"]
        flags += ["" if self.encrypt_then_mac else "MAC first", "asks" if self.asks else ""]
        flags += ["" if self.tickets else "no tickets"]
        return " ".join(filter(None, flags)).replace("/", " ")


@dataclass(frozen=True)
class Identities:
    """The PEM files of servers, each a key and its certificates, and the client's certificate."""

    elliptic: Path
    rsa: Path
    between: Path  # the certificates above the first one of `elliptic`, for a server that asks
    clients: Path  # the authority that a client's certificate has to be of

    def of(self, way: Way) -> Path:
        """The file for a port."""
        return self.rsa if way.rsa else self.elliptic


class End(NamedTuple):
    """Where a server listens."""

    address: str
    port: int

    def __str__(self) -> str:
        """As in an authority."""
        return f"{self.address}:{self.port}"


Ends = Mapping[Way, End]


def _ends(ways: Sequence[Way]) -> Ends:
    address = own_address()
    ports = free_ports(address, len(ways))
    return {way: End(address, port) for way, port in zip(ways, ports, strict=True)}


def _wait(process: subprocess.Popen[bytes], ends: Ends) -> None:
    for end in ends.values():
        wait_for_port(process, end.port, end.address)


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
    ssl_dhparam {directory}/dh.pem;
    root {directory}/www;
    {servers}
}}
"""

H2O: Final = """\
{user}pid-file: {directory}/h2o.pid
error-log: /dev/stderr
num-threads: 1
{listeners}
hosts:
  default:
    paths:
      /:
        file.dir: {directory}/www
"""


@contextmanager
def nginx(directory: Path, identities: Identities, *ways: Way) -> Iterator[Ends]:
    """One nginx for all of these; its ends by the way that they speak."""
    _write_files(directory)
    ends = _ends(ways)
    servers = "\n".join(_nginx_server(way, end, identities) for way, end in ends.items())
    file = directory / "nginx.conf"
    file.write_text(NGINX.format(directory=directory, servers=servers))
    command = [program("nginx", "nginx"), "-c", str(file), "-p", str(directory), "-e", "stderr"]
    with running(command, directory) as process:
        _wait(process, ends)
        yield ends


def _nginx_server(way: Way, end: End, identities: Identities) -> str:
    version = f"TLSv{way.version.removesuffix('.0')}"
    chain = identities.of(way)
    lines = [f"listen {end} ssl", f"ssl_protocols {version}"]
    lines += [f"ssl_certificate {chain}", f"ssl_certificate_key {chain}"]
    if way.version == "1.3" and way.suite:
        lines.append(f"ssl_conf_command Ciphersuites {way.suite}")
    elif way.version != "1.3":
        lines.append(f'ssl_ciphers "{way.suite or "DEFAULT"}{ANY_STRENGTH}"')
    if way.group:
        lines.append(f"ssl_ecdh_curve {way.group}")
    if not way.encrypt_then_mac:
        lines.append("ssl_conf_command Options -EncryptThenMac")
    if way.asks:
        lines += ["ssl_verify_client on", f"ssl_client_certificate {identities.clients}"]
    if not way.tickets:  # the server remembers the session itself
        lines += ["ssl_session_tickets off", f"ssl_session_cache shared:at{end.port}:1m"]
    return f"server {{ {'; '.join(lines)}; }}"


@contextmanager
def h2o(directory: Path, identities: Identities, *ways: Way) -> Iterator[Ends]:
    """One h2o for all of these. It chooses no highest version, no suite of TLS 1.3, no group."""
    _write_files(directory)
    ends = _ends(ways)
    listeners = "".join(_h2o_listener(way, end, directory, identities) for way, end in ends.items())
    # As root it would become somebody who cannot read our files.
    user = "user: root\n" if os.geteuid() == 0 else ""
    file = directory / "h2o.conf"
    file.write_text(H2O.format(directory=directory, listeners=listeners, user=user))
    with running([program("h2o", "h2o"), "-c", str(file)], directory) as process:
        _wait(process, ends)
        yield ends


def _h2o_listener(way: Way, end: End, directory: Path, identities: Identities) -> str:
    chain, version = identities.of(way), f"tlsv{way.version.removesuffix('.0')}"
    lines = [f"certificate-file: {chain}", f"key-file: {chain}", "ocsp-update-interval: 0"]
    lines += [f"minimum-version: {version}", "neverbleed: OFF"]
    lines += [f"dh-file: {directory}/dh.pem"]
    if way.suite:
        lines.append(f'cipher-suite: "{way.suite}{ANY_STRENGTH}"')
    inner = "".join(f"    {line}\n" for line in lines)
    return f"listen:\n  host: {end.address}\n  port: {end.port}\n  ssl:\n{inner}"


@contextmanager
def caddy(directory: Path, identities: Identities, *ways: Way) -> Iterator[Ends]:
    """One caddy for all of these. It can choose no suite of TLS 1.3."""
    _write_files(directory)
    ends = _ends(ways)
    servers = {
        str(end): _caddy_server(way, end, directory, identities) for way, end in ends.items()
    }
    pairs = [
        {"certificate": str(chain), "key": str(chain), "tags": [chain.parent.name]}
        for chain in (identities.elliptic, identities.rsa)
    ]
    configuration = {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "ERROR"}}},
        "storage": {"module": "file_system", "root": str(directory / "storage")},
        "apps": {"http": {"servers": servers}, "tls": {"certificates": {"load_files": pairs}}},
    }
    file = directory / "caddy.json"
    file.write_text(json.dumps(configuration))
    command = [program("caddy", "caddy"), "run", "--config", str(file)]
    with running(
        command, directory, XDG_CONFIG_HOME=str(directory), XDG_DATA_HOME=str(directory)
    ) as process:
        _wait(process, ends)
        yield ends


def _caddy_server(way: Way, end: End, directory: Path, identities: Identities) -> dict[str, Any]:
    version = f"tls{way.version}"
    policy: dict[str, Any] = {"protocol_min": version, "protocol_max": version}
    policy["certificate_selection"] = {"any_tag": [identities.of(way).parent.name]}
    if way.suite:
        policy["cipher_suites"] = [registered_name(way.suite)]
    if way.group:
        policy["curves"] = [GO_GROUPS[way.group]]
    if way.asks:
        files = [str(identities.clients)]
        policy["client_authentication"] = {
            "trusted_ca_certs_pem_files": files,
            "mode": "require_and_verify",
        }
    return {
        "listen": [str(end)],
        "routes": [{"handle": [{"handler": "file_server", "root": str(directory / "www")}]}],
        "automatic_https": {"disable": True},
        "tls_connection_policies": [policy],
    }


@contextmanager
def openssl(directory: Path, identities: Identities, *ways: Way) -> Iterator[Ends]:
    """An s_server for each of these."""
    _write_files(directory)
    with ExitStack() as stack:
        ends = {}
        for way in ways:
            options = _s_server_options(way, identities)
            started = s_server(directory / "www", identities.of(way), *options)
            ends[way] = End("127.0.0.1", stack.enter_context(started))
        yield ends


def _s_server_options(way: Way, identities: Identities) -> list[str]:
    options = ["-WWW", f"-tls{way.version.removesuffix('.0').replace('.', '_')}"]
    if way.version == "1.3" and way.suite:
        options += ["-ciphersuites", way.suite]
    elif way.version != "1.3":
        options += ["-cipher", (way.suite or "DEFAULT") + ANY_STRENGTH]
    if way.group:
        options += ["-groups", way.group]
    if not way.rsa:
        options += ["-cert_chain", str(identities.between)]
    if not way.encrypt_then_mac:
        options.append("-no_etm")
    if way.asks:
        options += ["-Verify", "1", "-verify_return_error", "-CAfile", str(identities.clients)]
    if not way.tickets:
        options.append("-no_ticket")
    return options


Start = Callable[..., Any]
SERVERS: Final[Mapping[str, Start]] = {
    "nginx": nginx,
    "openssl": openssl,
    "caddy": caddy,
    "h2o": h2o,
}


@cache
def _registered_names() -> dict[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("ALL:@SECLEVEL=0")
    return {each["name"]: CIPHER_SUITES[each["id"] & 0xFFFF] for each in context.get_ciphers()}


def registered_name(suite: str) -> str:
    """IANA's name of a cipher suite, by OpenSSL's."""
    return _registered_names()[suite]


def _write_files(directory: Path) -> None:
    (directory / "www").mkdir()
    (directory / "www" / "plain").write_bytes(PLAIN)
    (directory / "www" / "large").write_bytes(LARGE)
    command = [program("openssl", "openssl"), "genpkey", "-genparam", "-algorithm", "DH"]
    command += ["-pkeyopt", "group:ffdhe2048", "-out", str(directory / "dh.pem")]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
