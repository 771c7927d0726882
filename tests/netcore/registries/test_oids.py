"""Object identifiers, against those that the library knows by name."""

from __future__ import annotations

import re

import pytest
from cryptography.x509 import ExtendedKeyUsageOID, ExtensionOID, NameOID, ObjectIdentifier
from cryptography.x509.oid import AuthorityInformationAccessOID, SignatureAlgorithmOID

from netcore.registries.oids import OIDS, SHORT_NAMES

CLASSES = (NameOID, ExtensionOID, ExtendedKeyUsageOID, SignatureAlgorithmOID)


def known() -> list[ObjectIdentifier]:
    values = [vars(group) for group in (*CLASSES, AuthorityInformationAccessOID)]
    found = [value for group in values for value in group.values()]
    oids = [value for value in found if isinstance(value, ObjectIdentifier)]
    return [oid for oid in oids if oid._name != "Unknown OID"]


DIFFERENT = {
    "1.3.6.1.4.1.11129.2.4.3": "RFC 6962 has no name for it",
    "1.3.6.1.4.1.11129.2.4.5": "it is to be told from that of certificates",
    "1.3.6.1.4.1.311.20.2.2": "Microsoft's own word",
    "1.3.6.1.4.1.311.21.7": "Microsoft's own word",
    "1.3.6.1.5.2.3.5": "the name of RFC 4556",
    "2.5.29.37": "the name of RFC 5280",
}
"""Identifiers that the library calls otherwise, and why we do not."""


def bare(name: str) -> str:
    return re.sub(r"^id(-ce|-pe|-kp|-ad|-pkix)?-|[-_ ]", "", name).lower()


@pytest.mark.parametrize("oid", known(), ids=lambda oid: oid.dotted_string)
def test_a_name_that_the_library_has_too_is_the_same(oid: ObjectIdentifier) -> None:
    ours = OIDS.get(oid.dotted_string)
    if ours is not None and oid.dotted_string not in DIFFERENT:
        assert bare(ours) == bare(oid._name)


def test_every_identifier_is_one() -> None:
    assert len(OIDS) > 120
    for dotted in (*OIDS, *SHORT_NAMES):
        assert ObjectIdentifier(dotted).dotted_string == dotted


def test_a_short_name_belongs_to_a_known_attribute() -> None:
    assert set(SHORT_NAMES) <= set(OIDS)
    assert SHORT_NAMES["2.5.4.3"] == "CN"
