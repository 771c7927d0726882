"""What the tests with peers share: a resolver, certificates, and the bench that compares."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import Authority
from lab.authority import issue
from tests.peers.bench import Bench
from tests.peers.connections import Connections
from tests.peers.process import program
from tests.peers.servers import HOST, dnsmasq, nginx
from tests.peers.tls_servers import Identities


@pytest.fixture(scope="module")
def chain(authority: Authority) -> Path:
    """A PEM file for servers: a key, and a certificate for the peers' host."""
    return authority.write_chain(authority.identity(HOST))


@pytest.fixture(scope="session")
def rsa_chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an RSA key of 2,048 bits; the certificate is its own authority."""
    path = tmp_path_factory.mktemp("rsa") / "chain.pem"
    command = [program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes"]
    command += ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    command += ["-keyout", str(path), "-out", str(path.with_suffix(".crt"))]
    subprocess.run(command, check=True, capture_output=True, timeout=30)
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


@pytest.fixture(scope="module")
def resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The UDP and TCP port of dnsmasq."""
    with dnsmasq(tmp_path_factory.mktemp("dnsmasq")) as port:
        yield port


@pytest.fixture(scope="module")
def web(chain: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The ports of nginx."""
    with nginx(tmp_path_factory.mktemp("nginx"), chain) as ports:
        yield ports


@pytest.fixture
def bench(authority: Authority, resolver: int, tmp_path: Path) -> Bench:
    """A bench of its own for each test."""
    return Bench(authority, resolver, tmp_path)


@pytest.fixture(scope="session")
def connections(
    authority: Authority, rsa_chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connections]:
    """Every way to speak TLS with a peer, each recorded when it is asked for."""
    directory = tmp_path_factory.mktemp("connections")
    elliptic = directory / "elliptic" / "chain.pem"
    elliptic.parent.mkdir()
    above = issue(authority.root, "The peers' intermediate authority", authority=True)
    chain = authority.write_chain(issue(above, HOST, (HOST,)), (above,))
    elliptic.write_bytes(chain.read_bytes())
    between = directory / "between.crt"
    between.write_bytes(above.certificate_pem)
    own = rsa_chain.with_suffix(".crt")
    both = directory / "both.crt"
    both.write_bytes(Path(authority.cacert).read_bytes() + own.read_bytes())
    with Connections(Identities(elliptic, rsa_chain, between, own), both, directory) as made:
        yield made
