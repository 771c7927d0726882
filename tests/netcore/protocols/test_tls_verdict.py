"""With verification off the verdict is the one that a refusal would have given."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509

from netcore.protocols.certificate_names import covers
from netcore.protocols.tls_verdict import judge
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import DAY, make, rsa_key
from tests.netcore.protocols.refused import CASES, HOST, Case, Chain
from tests.netcore.protocols.shown import pem


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    return tmp_path / "anchors.pem"


def sent(chain: Chain) -> list[bytes]:
    return [each.der for each in (chain.leaf, *chain.above)]


def test_a_sound_chain_is_found_sound_whatever_its_key(anchors: Path) -> None:
    for chain in (refused.sound(), refused.under(key=rsa_key(2048))):
        anchors.write_bytes(pem(chain.anchors))
        verdict = judge(sent(chain), HOST, cacert=str(anchors))
        assert verdict.failures == ()
        assert verdict.anchor == chain.anchors[0].der
        assert verdict.sentence == "Checking would have found nothing to refuse."


@pytest.mark.parametrize("lowest", ["1.0", "1.2", "1.3"])
@pytest.mark.parametrize(
    "case", [case for case in CASES if "512" not in case.title], ids=lambda case: case.title
)
def test_what_would_have_been_refused_is_said_in_the_same_words(
    case: Case, lowest: str, anchors: Path
) -> None:
    chain = case.chain()
    anchors.write_bytes(pem(chain.anchors))
    verdict = judge(sent(chain), case.host, cacert=str(anchors), lowest=lowest)
    assert [each.code for each in verdict.failures] == [case.code]
    assert case.words in verdict.failures[0].message
    assert f"{case.code}: {verdict.failures[0].message}" in verdict.sentence


def test_everything_that_is_wrong_at_once_is_said(anchors: Path) -> None:
    """OpenSSL names the first thing only."""
    chain = refused.under(None, "elsewhere.example.com", ends=-DAY, key=rsa_key(1024))
    anchors.write_bytes(pem(chain.anchors))
    verdict = judge(sent(chain), HOST, cacert=str(anchors), lowest="1.0")
    codes = [each.code for each in verdict.failures]
    assert codes == ["tls.hostname_mismatch", "tls.cert_expired", "tls.weak_certificate"]
    assert verdict.anchor == chain.anchors[0].der, "dates and names are asked of a whole chain"


def test_who_ends_a_chain_is_told_only_if_it_is_trusted(anchors: Path) -> None:
    for make_chain in (refused.self_signed, refused.self_signed_in_chain, refused.unknown_issuer):
        chain = make_chain()
        anchors.write_bytes(pem(chain.anchors))
        assert judge(sent(chain), HOST, cacert=str(anchors)).anchor == b""


def test_a_chain_of_many_octets_is_judged_too(anchors: Path) -> None:
    names = refused.dns(HOST, *(f"{number}.{'x' * 50}.example.com" for number in range(1_000)))
    root = refused.root()
    chain = Chain(make(root, HOST, names), (), [root])
    anchors.write_bytes(pem(chain.anchors))
    assert len(chain.leaf.der) > 1 << 14, "more than one record"
    assert judge(sent(chain), HOST, cacert=str(anchors)).failures == ()


def test_what_cannot_be_read_is_no_exception(anchors: Path) -> None:
    anchors.write_bytes(pem(refused.sound().anchors))
    for certificates in ([b""], [b"junk"], [refused.sound().leaf.der, b"junk"]):
        verdict = judge(certificates, HOST, cacert=str(anchors))
        assert [each.code for each in verdict.failures] == ["tls.bad_certificate"]


def test_without_a_certificate_nothing_is_said_of_one() -> None:
    assert judge([], HOST).sentence == "There was no certificate to check."


def test_a_file_of_anchors_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    verdict = judge(sent(refused.sound()), HOST, cacert=str(tmp_path / "missing.pem"))
    assert "tls.error" in verdict.sentence
    assert "no usable certificate" in verdict.sentence


NAMES = ("a.example.com", "A.Example.COM", "example.com", "b.a.example.com", "127.0.0.1", "::1")
NAMES += ("xn--bcher-kva.example.com", "a-.example.com", "a_b.example.com", "dev", "a.dev")
ENTRIES = (*NAMES, "*.example.com", "*.EXAMPLE.com", "*.a.example.com", "*a.example.com", "*.com")
ENTRIES += ("a*.example.com", "*", "*.*.example.com", "a.*.com", "*.example.com.", "*.dev")
ENTRIES += ("*.e_x.com", ".example.com", "*..example.com", "*.-a.example.com", "*.a-.b.c", "")


@pytest.mark.slow
def test_our_rules_for_names_are_those_of_openssl(anchors: Path) -> None:
    root = refused.root()
    anchors.write_bytes(pem([root]))
    rows = [(entry, x509.DNSName(entry)) for entry in ENTRIES]
    for entry, general in rows:
        made = make(root, HOST, [general])
        certificate = x509.load_der_x509_certificate(made.der)
        for name in NAMES:
            verdict = judge([made.der], name, cacert=str(anchors))
            assert covers(certificate, name) == (not verdict.failures), (entry, name)
