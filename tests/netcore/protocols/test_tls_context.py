"""What is offered, and that it works: each version, suite and group against OpenSSL's server."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from netcore import Options, Trace, fetch
from netcore.errors import FetchError
from netcore.options import Lab
from netcore.protocols.tls import Tls
from netcore.protocols.tls_context import DEFAULT, VERSIONS, client_context, offered_versions
from netcore.registries.tls import CIPHER_SUITES
from netcore.trace import Called, Chose, Completed, Failed
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import Key, ec_key, key_pem, rsa_key
from tests.netcore.protocols.in_memory import server_context, shake
from tests.netcore.protocols.refused import HOST, Chain
from tests.netcore.protocols.shown import pem, shown
from tests.peers.process import program

OLD_AND_NEW = ("1.0", "1.3")


def offer(*versions: str) -> ssl.SSLContext:
    return client_context(versions, DEFAULT, verify=True, cacert="")


OFFERED = [each["name"] for each in offer("1.2", "1.3").get_ciphers()]
UP_TO_1_2 = [each for each in OFFERED if not each.startswith("TLS_")]


def files(directory: Path, key: Key) -> tuple[Path, str]:
    """A server's key and chain, and the anchor for them."""
    chain = refused.under(key=key)
    own, anchor = directory / "own.pem", directory / "anchor.pem"
    own.write_bytes(key_pem(chain.leaf.key) + pem([chain.leaf]))
    anchor.write_bytes(pem(chain.anchors))
    return own, str(anchor)


@pytest.fixture(scope="module")
def of_rsa(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return files(tmp_path_factory.mktemp("rsa"), rsa_key(2048))


@pytest.fixture(scope="module")
def of_ec(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    return files(tmp_path_factory.mktemp("ec"), ec_key())


@contextmanager
def client(cacert: str, versions: tuple[str, str] = ("1.2", "1.3")) -> Iterator[Tls]:
    tls = Tls(HOST, cacert=cacert, versions=versions)
    try:
        yield tls
    finally:
        tls.release()


def check_secrets(lines: list[str], hello: bytes) -> None:
    """The master secret under the client's random, and for RSA key exchange what it came from."""
    *before, last = (line.split(" ") for line in lines)
    assert last[:2] == ["CLIENT_RANDOM", hello[11:43].hex()]
    assert len(last[2]) == 96
    assert [label for label, *_ in before] in ([], ["RSA"])


def dh_parameters(path: Path, *options: str) -> str:
    command = [program("openssl", "openssl"), "genpkey", "-genparam", "-algorithm", "DH"]
    command += [*options, "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=10)
    return str(path)


@pytest.fixture(scope="module")
def sound_group(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("dh") / "sound.pem"
    return dh_parameters(path, "-pkeyopt", "group:ffdhe2048")


@pytest.fixture(scope="module")
def short_group(tmp_path_factory: pytest.TempPathFactory) -> str:
    """1,024 bits (RFC 5114 §2.1)."""
    return dh_parameters(tmp_path_factory.mktemp("dh") / "short.pem", "-pkeyopt", "dh_rfc5114:1")


def test_every_family_is_offered_and_nothing_without_a_key_or_a_certificate() -> None:
    for wanted in (
        "AES128-SHA",  # RSA key exchange, CBC
        "AES256-SHA256",
        "AES128-GCM-SHA256",
        "DHE-RSA-AES256-SHA",
        "DHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "TLS_AES_128_GCM_SHA256",
    ):
        assert wanted in OFFERED
    assert offer("1.0", "1.3").get_ciphers() == offer("1.2", "1.3").get_ciphers()
    for name in OFFERED:
        assert not any(
            part in name for part in ("NULL", "ADH", "AECDH", "PSK", "SRP", "DES", "RC4")
        )


def test_the_security_level_is_lowered_for_old_versions_only() -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).security_level
    assert offer("1.2", "1.3").security_level == own
    assert offer("1.3").security_level == own
    assert offer("1.1", "1.2").security_level == 0


@pytest.mark.parametrize("suite", UP_TO_1_2)
def test_each_suite_works_if_the_server_wants_it(
    of_rsa: tuple[Path, str], of_ec: tuple[Path, str], sound_group: str, suite: str
) -> None:
    chain, cacert = of_ec if "ECDSA" in suite else of_rsa
    context = server_context(chain, "1.2", "1.2", ciphers=suite)
    context.load_dh_params(sound_group)
    with client(cacert) as tls:
        hello = shake(tls, context)
        name, _ = tls.cipher_suite
        lines = tls.new_secrets()
    assert name in CIPHER_SUITES.values(), "by its registered name"
    assert ("ECDHE" in suite, "CHACHA20" in suite) == ("ECDHE" in name, "CHACHA20" in name)
    check_secrets(lines, hello)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("suite", [each for each in UP_TO_1_2 if each.endswith("-SHA")])
def test_each_suite_of_an_old_version_works(
    of_rsa: tuple[Path, str],
    of_ec: tuple[Path, str],
    sound_group: str,
    suite: str,
    version: str,
) -> None:
    chain, cacert = of_ec if "ECDSA" in suite else of_rsa
    context = server_context(chain, version, version, ciphers=suite)
    context.load_dh_params(sound_group)
    with client(cacert, OLD_AND_NEW) as tls:
        hello = shake(tls, context)
        assert (tls.version, tls.obsolete) == (f"TLS {version}", True)
        lines = tls.new_secrets()
    check_secrets(lines, hello)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize("group", ["X25519", "prime256v1", "secp384r1", "secp521r1"])
def test_each_group_works_if_the_server_wants_it(
    of_rsa: tuple[Path, str], version: str, group: str
) -> None:
    context = server_context(of_rsa[0], version, version)
    context.set_ecdh_curve(group)
    with client(of_rsa[1]) as tls:
        shake(tls, context)
        assert tls.version == f"TLS {version}"


def test_a_group_of_1024_bits_is_refused_unless_old_versions_are_allowed(
    of_rsa: tuple[Path, str], short_group: str
) -> None:
    context = server_context(of_rsa[0], "1.2", "1.2", ciphers="DHE")
    context.load_dh_params(short_group)
    with client(of_rsa[1]) as tls, pytest.raises(FetchError) as caught:
        shake(tls, context)
    assert caught.value.code == "tls.weak_key_exchange"
    assert "2,048" in caught.value.message
    with client(of_rsa[1], OLD_AND_NEW) as tls:
        shake(tls, context)


RANGES = [(low, high) for low in VERSIONS for high in VERSIONS if low <= high]


@pytest.mark.parametrize("speaks", VERSIONS)
@pytest.mark.parametrize("versions", RANGES)
def test_only_the_versions_that_were_asked_for_are_spoken(
    of_rsa: tuple[Path, str], versions: tuple[str, str], speaks: str
) -> None:
    context = server_context(of_rsa[0], speaks, speaks)
    with client(of_rsa[1], versions) as tls:
        if versions[0] <= speaks <= versions[1]:
            shake(tls, context)
            assert tls.version == f"TLS {speaks}"
            return
        with pytest.raises(FetchError) as caught:
            shake(tls, context)
        assert caught.value.code == "tls.version"
        assert f"TLS {versions[0]}" in caught.value.message


@pytest.mark.parametrize("versions", [("1.3", "1.2"), ("1.2", "1.1"), ("1.4", "1.3"), ("1.2", "")])
def test_no_version_to_offer_fails_before_any_packet(versions: tuple[str, str]) -> None:
    with pytest.raises(FetchError) as caught:
        offered_versions(*versions)
    assert caught.value.code == "tls.version"
    options = Options(tls_min=versions[0], tls_max=versions[1], allow_private=True)
    trace = fetch("https://127.0.0.1:9/", options)
    failed = trace.events[-1]
    assert isinstance(failed, Failed)
    assert (failed.code, failed.stage) == ("tls.version", "target")
    assert [e for e in trace.events if isinstance(e, Called)] == []


def fetched(
    chain: Chain, *, host: str = HOST, version: str = "1.3", **more: object
) -> tuple[Trace, bytes]:
    """A fetch, and its ClientHello."""
    with shown(chain, version) as server:
        resolve = () if host == refused.ADDRESS else (f"{host}:{server.port}:127.0.0.1",)
        options = Options(
            **{"cacert": server.cacert} | more,  # type: ignore[arg-type]
            resolve=resolve,
            lab=Lab(endpoints=(f"127.0.0.1:{server.port}",)),
        )
        trace = fetch(f"https://{host}:{server.port}/", options)
    sent = [e for e in trace.events if isinstance(e, Called) and e.channel == "tcp:1.sent"]
    return trace, sent[0].data


@pytest.mark.wire
def test_an_old_version_is_said_to_be_obsolete() -> None:
    trace, _ = fetched(refused.sound(), version="1.0", tls_min="1.0")
    assert isinstance(trace.events[-1], Completed)
    (told,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "tls version"]
    assert told.value == "TLS 1.0"
    assert "RFC 8996" in told.why


@pytest.mark.wire
def test_a_trailing_dot_is_not_in_sni() -> None:
    trace, hello = fetched(refused.sound(), host=HOST + ".")
    assert isinstance(trace.events[-1], Completed), trace.events[-1]
    name = HOST.encode()
    assert b"\0" + len(name).to_bytes(2, "big") + name in hello
    assert name + b"." not in hello


@pytest.mark.wire
def test_an_address_is_not_in_sni() -> None:
    trace, hello = fetched(refused.address_in_names(), host=refused.ADDRESS)
    assert isinstance(trace.events[-1], Completed), trace.events[-1]
    assert refused.ADDRESS.encode() not in hello
    assert b"\x7f\0\0\1" not in hello


@pytest.mark.wire
@pytest.mark.parametrize(
    ("http", "offered"),
    [
        ("auto", b"\0\x0c\x02h2\x08http/1.1"),
        ("2", b"\0\x0c\x02h2\x08http/1.1"),
        ("1.1", b"\0\x09\x08http/1.1"),
        ("1.0", b"\0\x09\x08http/1.0"),
    ],
)
def test_alpn_offers_the_version_of_http_that_is_spoken(http: str, offered: bytes) -> None:
    trace, hello = fetched(refused.sound(), http=http)
    assert isinstance(trace.events[-1], Completed)
    assert offered in hello
    assert hello.count(b"http/") == 1


@pytest.mark.wire
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_the_systems_anchors_can_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    chain = refused.sound()
    anchor = tmp_path / "anchor.pem"
    anchor.write_bytes(pem(chain.anchors))
    subprocess.run([program("openssl", "openssl"), "rehash", str(tmp_path)], check=True, timeout=10)
    strange, _ = fetched(chain, cacert="")
    assert isinstance(strange.events[-1], Failed)
    assert strange.events[-1].code == "tls.unknown_ca"
    monkeypatch.setenv(variable, str(anchor if variable == "SSL_CERT_FILE" else tmp_path))
    trace, _ = fetched(chain, cacert="")
    assert isinstance(trace.events[-1], Completed), trace.events[-1]
