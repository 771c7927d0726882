"""What the options of the command line that are about TLS come to."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.authority import issue
from netcore.command_line import read
from netcore.options import Options
from tests.netcore.test_command_line import URL, given, refused


def test_what_tls_offers() -> None:
    told = given(
        *("--ciphers", "ECDHE+AESGCM", "--curves", "P-256", "--alpn", "h2,http/1.1"),
        *("--sni", "Other.Example", "--resume-session"),
    )
    assert (told.ciphers, told.curves) == ("ECDHE+AESGCM", "secp256r1")
    assert (told.alpn, told.sni) == (("h2", "http/1.1"), "other.example")
    assert told.resume_session


def test_what_is_switched_off_is_not_what_is_not_said() -> None:
    off, unsaid = given("--no-alpn", "--no-sni"), given()
    assert (off.alpn, off.sni) == ((), "")
    assert (unsaid.alpn, unsaid.sni) == (Options().alpn, Options().sni) == (None, None)


@pytest.mark.parametrize("option", ["-E", "--cert"])
def test_a_client_certificate(option: str, tmp_path: Path) -> None:
    identity = issue(None, "me")
    cert, key, both = (tmp_path / name for name in ("cert", "key", "both"))
    cert.write_bytes(identity.certificate_pem)
    key.write_bytes(identity.key_pem)
    both.write_bytes(identity.key_pem + identity.certificate_pem)
    told = given(option, str(cert), "--key", str(key))
    assert (told.cert, told.key) == (str(cert), str(key))
    assert given(option, str(both)).cert == str(both)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--ciphers", "nonsense"], "'nonsense' leaves no cipher suite to offer"),
        (["--ciphers", "TLS_AES_128_GCM_SHA256"], "In TLS 1.3 the server picks"),
        (["--curves", "P-257"], "none of the groups X25519, P-256, P-384, P-521 and X448"),
        (["--curves", "P-256:X25519"], "One group is offered, and no list"),
        (["--alpn", ""], "'' is no name for ALPN"),
        (["--alpn", "h2,,http/1.1"], "'' is no name for ALPN"),
        (["--alpn", "h2", "--no-alpn"], "not allowed with"),
        (["--sni", "127.0.0.1"], "is an address"),
        (["--sni", ""], "SNI takes a host name"),
        (["--sni", "a.example", "--no-sni"], "not allowed with"),
        (["--cert", "/nowhere"], "/nowhere: No such file"),
        (["--cert", "/dev/null"], "/dev/null holds no certificate in PEM"),
        (["--key", "/dev/null"], "no certificate was given"),
        (["--resume-session", "-d", "a"], "--resume-session sends the request twice"),
    ],
)
def test_what_cannot_be_offered_is_wrong_usage(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told in refused(capsys, *arguments)


def test_help_has_the_options_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read([URL, "--help"])
    text = capsys.readouterr().out
    _, _, of_tls = text.partition("\nTLS:\n")
    for option in ("--tls-min", "--ciphers", "--curves", "--no-alpn", "--no-sni", "--cert"):
        assert option in of_tls
    assert "in 1.3 the server picks" in " ".join(of_tls.split())
