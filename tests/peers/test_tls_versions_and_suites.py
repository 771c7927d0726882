"""OpenSSL's server in each version of TLS and each family of cipher suites."""

from __future__ import annotations

from pathlib import Path

import pytest

from netcore.trace import Chose
from tests.peers.bench import Bench, content
from tests.peers.servers import HOST, PLAIN, s_server

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.thorough]

ALL_LEVELS = ":@SECLEVEL=0"
RSA = (
    *(("tls1", each) for each in ("AES128-SHA", "ECDHE-RSA-AES256-SHA", "DHE-RSA-AES128-SHA")),
    *(("tls1_1", each) for each in ("AES256-SHA", "ECDHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA")),
    *(
        ("tls1_2", each)
        for each in (
            "AES128-SHA",
            "AES256-SHA256",
            "AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-RSA-AES256-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-RSA-CHACHA20-POLY1305",
            "DHE-RSA-AES128-SHA256",
            "DHE-RSA-AES256-GCM-SHA384",
            "DHE-RSA-CHACHA20-POLY1305",
        )
    ),
)
ECDSA = (
    ("tls1_2", "ECDHE-ECDSA-AES128-SHA256"),
    ("tls1_2", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("tls1_2", "ECDHE-ECDSA-CHACHA20-POLY1305"),
)
SUITES_1_3 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
LOWEST = {"tls1": "1.0", "tls1_1": "1.1", "tls1_2": "1.2"}
SHOWN = {"tls1": "TLS 1.0", "tls1_1": "TLS 1.1", "tls1_2": "TLS 1.2", "tls1_3": "TLS 1.3"}


def fetch(
    bench: Bench, directory: Path, chain: Path, version: str, *options: str, **more: str
) -> None:
    """A page from a file of a server that speaks this version and nothing else."""
    (directory / "file.txt").write_bytes(PLAIN)
    with s_server(directory, chain, f"-{version}", "-WWW", *options) as port:
        trace = bench.fetch(f"https://{HOST}:{port}/file.txt", port, **more)
    assert content(trace).body_octets == len(PLAIN)
    agreed = [e.value for e in trace.events if isinstance(e, Chose) and e.what == "tls version"]
    assert agreed == [SHOWN[version]]


@pytest.mark.parametrize(("version", "suite"), RSA)
def test_a_suite_of_an_rsa_key(
    bench: Bench, tmp_path: Path, rsa_chain: Path, version: str, suite: str
) -> None:
    options = ("-cipher", suite + ALL_LEVELS)
    more = {"tls_min": LOWEST[version], "cacert": str(rsa_chain.with_suffix(".crt"))}
    fetch(bench, tmp_path, rsa_chain, version, *options, **more)


@pytest.mark.parametrize(("version", "suite"), ECDSA)
def test_a_suite_of_an_elliptic_key(
    bench: Bench, tmp_path: Path, chain: Path, version: str, suite: str
) -> None:
    fetch(bench, tmp_path, chain, version, "-cipher", suite)


@pytest.mark.parametrize("suite", SUITES_1_3)
def test_a_suite_of_tls_1_3(bench: Bench, tmp_path: Path, chain: Path, suite: str) -> None:
    fetch(bench, tmp_path, chain, "tls1_3", "-ciphersuites", suite)


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384", "P-521"])
def test_a_group_that_the_server_insists_on(
    bench: Bench, tmp_path: Path, chain: Path, group: str
) -> None:
    fetch(bench, tmp_path, chain, "tls1_3", "-groups", group)
