"""Chains of certificates, right or wrong in one way each, made when a server starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID

from lab.authority import (
    AUTHORITY,
    EXPIRED,
    NOT_YET_VALID,
    RSA_EXPONENT,
    Authority,
    Identity,
    issue,
)


class Chain(NamedTuple):
    """What a server shows: its own identity, then what is sent above it, in that order."""

    identity: Identity
    above: tuple[Identity, ...] = ()


Certify = Callable[[Authority, str], Chain]
"""Takes the lab's authority and the server's name."""

ISSUER_PLACE: Final = "http://authority.lab.test/between.der"
"""Where the missing certificate could be had, as the other one says. Nobody serves it."""
WEAK_BITS: Final = 1_024
MANY_NAMES: Final = 1_800


def sound(authority: Authority, host: str) -> Chain:
    """Nothing is wrong with it. Its key is on the curve P-256."""
    return Chain(authority.identity(host))


def with_rsa_key(authority: Authority, host: str) -> Chain:
    """Nothing is wrong with it either. Its key is one for RSA, of 2,048 bits."""
    return Chain(issue(authority.root, host, (host,), key=authority.rsa_key))


def expired(authority: Authority, host: str) -> Chain:
    """It ended yesterday."""
    return Chain(authority.identity(host, validity=EXPIRED))


def not_yet_valid(authority: Authority, host: str) -> Chain:
    """It begins tomorrow."""
    return Chain(authority.identity(host, validity=NOT_YET_VALID))


def for_another(authority: Authority, host: str) -> Chain:
    """It is another server's."""
    return Chain(authority.identity("another.lab.test"))


def self_signed(authority: Authority, host: str) -> Chain:
    """Its own key signed it."""
    return Chain(issue(None, host, (host,)))


def of_unknown_authority(authority: Authority, host: str) -> Chain:
    """Signed by an authority that is sent along, and that nobody trusts."""
    root = issue(None, "An authority of its own", authority=True, validity=AUTHORITY)
    return Chain(issue(root, host, (host,)), (root,))


def without_intermediate(authority: Authority, host: str) -> Chain:
    """The certificate between the server's and the root is not sent, only where it lies."""
    place = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS,
                x509.UniformResourceIdentifier(ISSUER_PLACE),
            )
        ]
    )
    between = issue(authority.root, "Lab authority in between", authority=True)
    return Chain(issue(between, host, (host,), extensions=(place,)))


def in_wrong_order(authority: Authority, host: str) -> Chain:
    """Two certificates stand between the server's and the root; they are sent upside down."""
    upper = issue(authority.root, "Upper lab authority", authority=True)
    lower = issue(upper, "Lower lab authority", authority=True)
    return Chain(issue(lower, host, (host,)), (upper, lower))


def for_many_names(authority: Authority, host: str) -> Chain:
    """It is for 1,801 names and has about 58 kB, of the 100 KiB that OpenSSL takes."""
    names = [host, *(f"{number:04}.{host}" for number in range(MANY_NAMES))]
    return Chain(issue(authority.root, host, names))


def with_weak_key(authority: Authority, host: str) -> Chain:
    """Its key is one for RSA, of 1,024 bits."""
    return Chain(
        issue(
            authority.root,
            host,
            (host,),
            key=rsa.generate_private_key(RSA_EXPONENT, WEAK_BITS),
        )
    )


def for_clients(authority: Authority, host: str) -> Chain:
    """It may prove who a client is, and not who a server is."""
    purposes = (ExtendedKeyUsageOID.CLIENT_AUTH,)
    return Chain(issue(authority.root, host, (host,), purposes=purposes))
