"""Chains that are wrong in one way each."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from lab import Authority, certificates
from lab.authority import Identity
from lab.certificates import Certify, Chain

HOST = "server.lab.test"


@pytest.fixture
def made(authority: Authority) -> Callable[[Certify], Chain]:
    return lambda certify: certify(authority, HOST)


def issuers(chain: Chain) -> list[str]:
    return [each.certificate.issuer.rfc4514_string() for each in sent(chain)]


def subjects(chain: Chain) -> list[str]:
    return [each.certificate.subject.rfc4514_string() for each in sent(chain)]


def sent(chain: Chain) -> tuple[Identity, ...]:
    return (chain.identity, *chain.above)


def names(chain: Chain) -> list[str]:
    extensions = chain.identity.certificate.extensions
    found = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return found.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("certify", [certificates.sound, certificates.with_rsa_key])
def test_a_sound_certificate_is_the_servers_own_and_signed_by_the_root(
    authority: Authority, made: Callable[[Certify], Chain], certify: Certify
) -> None:
    chain = made(certify)
    chain.identity.certificate.verify_directly_issued_by(authority.root.certificate)
    assert names(chain) == [HOST]
    assert chain.above == ()


def test_times_are_wrong_on_the_day_that_they_are_made(made: Callable[[Certify], Chain]) -> None:
    now = datetime.now(UTC)
    assert made(certificates.expired).identity.certificate.not_valid_after_utc < now
    assert made(certificates.not_yet_valid).identity.certificate.not_valid_before_utc > now


def test_a_wrong_certificate_is_for_another_name(made: Callable[[Certify], Chain]) -> None:
    assert HOST not in names(made(certificates.for_another))


def test_who_signs_itself_is_its_own_issuer(made: Callable[[Certify], Chain]) -> None:
    chain = made(certificates.self_signed)
    assert issuers(chain) == subjects(chain)


def test_an_unknown_authority_is_sent_along(
    authority: Authority, made: Callable[[Certify], Chain]
) -> None:
    chain = made(certificates.of_unknown_authority)
    leaf, root = sent(chain)
    leaf.certificate.verify_directly_issued_by(root.certificate)
    assert root.certificate.subject != authority.root.certificate.subject


def test_a_missing_intermediate_is_named_with_its_place(
    authority: Authority, made: Callable[[Certify], Chain]
) -> None:
    chain = made(certificates.without_intermediate)
    assert chain.above == ()
    assert issuers(chain) != [authority.root.certificate.subject.rfc4514_string()]
    extensions = chain.identity.certificate.extensions
    (access,) = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert access.access_method == AuthorityInformationAccessOID.CA_ISSUERS
    assert access.access_location.value == certificates.ISSUER_PLACE


def test_a_chain_in_the_wrong_order_is_whole(
    authority: Authority, made: Callable[[Certify], Chain]
) -> None:
    leaf, upper, lower = sent(made(certificates.in_wrong_order))
    leaf.certificate.verify_directly_issued_by(lower.certificate)
    lower.certificate.verify_directly_issued_by(upper.certificate)
    upper.certificate.verify_directly_issued_by(authority.root.certificate)


def test_a_huge_certificate_stays_below_what_openssl_takes(
    authority: Authority,
) -> None:
    chain = certificates.for_many_names(authority, "huge-certificate.lab.test")
    assert len(names(chain)) == 1_801
    octets = len(chain.identity.certificate.public_bytes(Encoding.DER))
    assert 57_500 < octets < 58_500


def test_a_weak_key_is_too_short(made: Callable[[Certify], Chain]) -> None:
    key = made(certificates.with_weak_key).identity.key
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 1_024


def test_a_certificate_may_be_for_clients_alone(made: Callable[[Certify], Chain]) -> None:
    extensions = made(certificates.for_clients).identity.certificate.extensions
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
