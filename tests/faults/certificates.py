"""Certificates for `HOST`, right and wrong: each function gives a leaf and what goes above it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import AuthorityInformationAccessOID

from lab import Authority
from lab.authority import AUTHORITY, NOT_YET_VALID, Identity, Validity, issue

HOST: Final = "secure.example.com"
ISSUER_PLACE: Final = "http://ca.example.com/between.der"


def not_yet_valid(authority: Authority) -> tuple[Identity, list[Identity]]:
    return authority.identity(HOST, validity=NOT_YET_VALID), []


def expired(authority: Authority) -> tuple[Identity, list[Identity]]:
    ended = Validity(timedelta(days=-9), timedelta(hours=-1))
    return authority.identity(HOST, validity=ended), []


def wrong_host(authority: Authority) -> tuple[Identity, list[Identity]]:
    return authority.identity("elsewhere.example.com"), []


def self_signed(authority: Authority) -> tuple[Identity, list[Identity]]:
    return issue(None, HOST, (HOST,)), []


def untrusted_root(authority: Authority) -> tuple[Identity, list[Identity]]:
    root = issue(None, "Somebody else", authority=True, validity=AUTHORITY)
    return issue(root, HOST, (HOST,)), [root]


def missing_intermediate(authority: Authority) -> tuple[Identity, list[Identity]]:
    between = issue(authority.root, "In between", authority=True)
    access = x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS,
                x509.UniformResourceIdentifier(ISSUER_PLACE),
            )
        ]
    )
    return signed_again(issue(between, HOST, (HOST,)), between, access), []


def whole_chain(authority: Authority) -> tuple[Identity, list[Identity]]:
    between = issue(authority.root, "In between", authority=True)
    return issue(between, HOST, (HOST,)), [between]


def no_names(authority: Authority) -> tuple[Identity, list[Identity]]:
    return issue(authority.root, ""), []


def name_only_in_subject(authority: Authority) -> tuple[Identity, list[Identity]]:
    return issue(authority.root, HOST), []


def no_subject(authority: Authority) -> tuple[Identity, list[Identity]]:
    return issue(authority.root, "", (HOST,)), []


def ten_thousand_names(authority: Authority) -> tuple[Identity, list[Identity]]:
    names = [HOST, *(f"host-{n:05}.example.com" for n in range(10_000))]
    return issue(authority.root, HOST, names), []


def chain_of_fifty(authority: Authority) -> tuple[Identity, list[Identity]]:
    above = [authority.root]
    for number in range(49):
        above.insert(0, issue(above[0], f"Authority {number}", authority=True))
    return issue(above[0], HOST, (HOST,)), above[:-1]


def unparsable(authority: Authority) -> tuple[Identity, list[Identity]]:
    """A certificate policies extension that is not DER: OpenSSL does not look at it."""
    policies = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.32"), b"\xff\xff\xff")
    return signed_again(authority.identity(HOST), authority.root, policies), []


def signed_again(leaf: Identity, issuer: Identity, extension: x509.ExtensionType) -> Identity:
    """The same certificate with one more extension."""
    old = leaf.certificate
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(leaf.key.public_key())
        .serial_number(old.serial_number)
        .not_valid_before(old.not_valid_before_utc)
        .not_valid_after(old.not_valid_after_utc)
        .add_extension(extension, critical=False)
    )
    for each in old.extensions:
        builder = builder.add_extension(each.value, each.critical)
    return Identity(leaf.key, builder.sign(issuer.key, hashes.SHA256()))
