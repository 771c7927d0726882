"""What cannot be offered is said before anything is sent."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lab.authority import Identity, issue
from netcore import Options, fetch
from netcore.errors import FetchError
from netcore.protocols.tls_context import DEFAULT, GROUPS, Offer
from netcore.protocols.tls_offer import (
    offer_of,
    read_alpn,
    read_ciphers,
    read_group,
    read_identity,
    read_sni,
    spoken,
)
from netcore.trace import Called, Failed
from tests.peers.process import program


def why_not(failing: FetchError) -> str:
    assert failing.code == "tls.bad_option"
    assert failing.message.endswith((".", ")."))
    assert failing.message.isprintable()
    return failing.message


def files(directory: Path, identity: Identity) -> tuple[str, str]:
    cert, key = directory / "cert.pem", directory / "key.pem"
    cert.write_bytes(identity.certificate_pem)
    key.write_bytes(identity.key_pem)
    return str(cert), str(key)


def test_without_options_it_is_the_default() -> None:
    assert offer_of(Options()) == DEFAULT
    assert spoken(Options()) == ("h2", "http/1.1")
    assert spoken(Options(tls_max="1.1")) == spoken(Options(http="1.1")) == ("http/1.1",)
    assert offer_of(Options(http="1.0")).alpn == spoken(Options(http="1.0")) == ("http/1.0",)


def test_everything_that_is_asked_for_is_offered(tmp_path: Path) -> None:
    cert, key = files(tmp_path, issue(None, "me"))
    offer = offer_of(
        Options(
            ciphers="AES128-SHA",
            curves="P-384",
            alpn=("h2", "http/1.1"),
            sni="Bücher.example",
            cert=cert,
            key=key,
        )
    )
    assert offer == Offer(
        alpn=("h2", "http/1.1"),
        ciphers="AES128-SHA",
        group="secp384r1",
        sni="xn--bcher-kva.example",
        cert=cert,
        key=key,
    )
    assert offer_of(Options(alpn=(), sni="")) == Offer(alpn=(), sni="")


@pytest.mark.parametrize(
    "text", ["AES128-SHA", "ECDHE+AESGCM:!ECDSA", "DEFAULT:@SECLEVEL=0", "AES256-SHA AES128-SHA"]
)
def test_lists_of_ciphers_that_openssl_takes(text: str) -> None:
    assert read_ciphers(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "TLS_AES_128_GCM_SHA256", "aNULL", "eNULL:@SECLEVEL=0", "PSK", "AES\0", "é"),
        *(":", "DES-CBC3-SHA", "A" * 9_000),
    ],
)
def test_lists_of_ciphers_that_leave_nothing_to_offer(text: str) -> None:
    with pytest.raises(FetchError) as caught:
        read_ciphers(text)
    assert "cipher suite" in why_not(caught.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        *(("X25519", "x25519"), ("P-256", "secp256r1"), ("prime256v1", "secp256r1"), ("", "")),
        *(("p-384", "secp384r1"), ("secp521r1", "secp521r1"), ("x448", "x448")),
    ],
)
def test_a_group_has_many_names(text: str, name: str) -> None:
    assert read_group(text) == name
    assert not name or name in GROUPS


@pytest.mark.parametrize("text", ["P-257", "P-256:X25519", "X25519,P-256", "x\u202e", "rsa"])
def test_what_is_no_group(text: str) -> None:
    with pytest.raises(FetchError) as caught:
        read_group(text)
    assert "X25519, P-256" in why_not(caught.value)
    assert ("no list" in caught.value.message) == (":" in text or "," in text)


@pytest.mark.parametrize("names", [[""], ["http/1.1", ""], ["é"], ["a b"], ["a" * 256], ["a"] * 65])
def test_what_is_no_list_for_alpn(names: list[str]) -> None:
    with pytest.raises(FetchError) as caught:
        read_alpn(names)
    assert "ALPN" in why_not(caught.value)


def test_a_name_for_sni_is_a_host_name() -> None:
    assert read_sni("Other.Example.") == "other.example"
    for text in ("", "127.0.0.1", "[::1]", "a b", "-a.example", "a" * 64 + ".example", ".a"):
        with pytest.raises(FetchError) as caught:
            read_sni(text)
        assert "SNI takes a host name" in why_not(caught.value)


def test_files_that_make_an_identity(tmp_path: Path) -> None:
    cert, key = files(tmp_path, issue(None, "me"))
    both = tmp_path / "both.pem"
    both.write_bytes(Path(key).read_bytes() + Path(cert).read_bytes())
    read_identity(cert, key)
    read_identity(str(both), "")
    read_identity("", "")


def encrypted(key: str) -> str:
    path = f"{key}.encrypted"
    command = [program("openssl", "openssl"), "pkcs8", "-topk8", "-in", key, "-out", path]
    subprocess.run([*command, "-passout", "pass:secret"], check=True, timeout=10)
    return path


def test_files_that_make_none(tmp_path: Path) -> None:
    cert, key = files(tmp_path, issue(None, "me"))
    (tmp_path / "other").mkdir()
    other, _ = files(tmp_path / "other", issue(None, "me"))
    junk = tmp_path / "junk.pem"
    junk.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    for given, says in (
        ((cert, ""), "holds no private key in PEM"),
        ((key, ""), "holds no certificate in PEM"),
        ((other, key), "is not that of the certificate"),
        ((cert, encrypted(key)), "is encrypted: give one without a password"),
        ((str(tmp_path / "none.pem"), ""), "none.pem: No such file or directory."),
        ((cert, str(tmp_path)), "Is a directory."),
        ((cert + "\0", key), "null"),
        ((str(junk), key), "make no client certificate: OpenSSL says"),
        (("", key), "no certificate was given that it belongs to"),
    ):
        with pytest.raises(FetchError) as caught:
            read_identity(*given)
        if "\0" not in given[0]:
            assert says in why_not(caught.value), given
        else:
            assert says in caught.value.message


@pytest.mark.parametrize(
    "options",
    [
        Options(ciphers="nonsense"),
        Options(curves="P-1"),
        Options(alpn=("",)),
        Options(sni="127.0.0.1"),
        Options(cert="/nowhere.pem"),
    ],
    ids=lambda options: "option",
)
def test_a_fetch_ends_before_anything_is_sent(options: Options) -> None:
    trace = fetch("https://example.com/", options)
    failed = trace.events[-1]
    assert isinstance(failed, Failed)
    assert (failed.stage, failed.code) == ("target", "tls.bad_option")
    assert not [e for e in trace.events if isinstance(e, Called)]
