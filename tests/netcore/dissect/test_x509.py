"""Certificates: what the tree says equals what the library reads in the same octets."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.dissect.x509 import common_name
from netcore.field import Field, find_all
from netcore.reader import dissect
from netcore.registries.oids import SHORT_NAMES
from tests.netcore.dissect.elements import errors, field
from tools.vectors import VECTORS, read_octets

FOLDER = VECTORS / "x509_certificate"
CERTIFICATE = read_octets(VECTORS / "tls_handshake" / "certificate_openssl.hex")[10:]
UNREADABLE = (
    *("explicit_curve", "further_bits", "general_names"),
    *("unknown_extensions", "unknown_key", "version_2"),
)
"""Valid certificates of which the library does not read every part."""
PATHS = [
    path
    for path in sorted(FOLDER.glob("*.hex"))
    if not path.stem.startswith("broken_") and path.stem not in UNREADABLE
]
KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))


def tree(octets: bytes) -> Field:
    return dissect(DISSECTORS["x509_certificate"], octets, "x509_certificate")


def said(at: datetime) -> str:
    return f"{at.day} {at:%B} {at.year}, {at:%H:%M:%S} UTC"


def text(name: x509.Name) -> str:
    """The text of a name, in the order in which it is written."""
    parts = (
        f"{SHORT_NAMES.get(each.oid.dotted_string, each.oid._name)}={each.value!s}" for each in name
    )
    return ", ".join(parts)[:200]


def check(octets: bytes) -> Field:
    """The tree of a certificate, after comparing it with what the library reads."""
    certificate, found = x509.load_der_x509_certificate(octets), tree(octets)
    assert errors(found) == []
    tbs = field(found, "tbs_certificate")
    signed = octets[tbs.start // 8 : tbs.end // 8]
    assert signed == certificate.tbs_certificate_bytes
    assert int(field(found, "serial_number").label, 16) == certificate.serial_number
    assert field(found, "not_before").label == said(certificate.not_valid_before_utc)
    assert field(found, "not_after").label == said(certificate.not_valid_after_utc)
    assert field(found, "issuer").label == text(certificate.issuer)
    assert field(found, "subject").label == text(certificate.subject)
    algorithm = field(field(found, "signature_algorithm"), "object_identifier")
    assert algorithm.value == certificate.signature_algorithm_oid.dotted_string
    key = field(field(found, "subject_public_key_info"), "object_identifier")
    assert key.value == certificate.public_key_algorithm_oid.dotted_string
    own = [each.value for each in find_all(found, "extn_id")]
    assert own == [each.oid.dotted_string for each in certificate.extensions]
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_vector_says_what_the_library_reads(path: object) -> None:
    check(read_octets(path))  # type: ignore[arg-type]


HOSTS = st.from_regex(r"(\*\.)?[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){1,4}", fullmatch=True)
ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
TEXTS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=60)
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    serial=st.integers(1, (1 << 159) - 1),
    names=st.tuples(TEXTS, TEXTS),
    moments=st.tuples(MOMENTS, MOMENTS).map(sorted),
    hosts=st.lists(HOSTS, min_size=1, max_size=20),
    addresses=st.lists(ADDRESSES, max_size=4),
    critical=st.booleans(),
)
def test_a_certificate_of_the_library_reads_back_the_same(
    serial: int,
    names: tuple[str, str],
    moments: list[datetime],
    hosts: list[str],
    addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address],
    critical: bool,
) -> None:
    issuer, subject = (
        x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, name)]) for name in names
    )
    alternatives = x509.SubjectAlternativeName(
        [*map(x509.DNSName, hosts), *map(x509.IPAddress, addresses)]
    )
    builder = (
        x509.CertificateBuilder(issuer, subject, KEY.public_key(), serial, *moments)
        .add_extension(alternatives, critical)
        .add_extension(x509.BasicConstraints(critical, None), True)
    )
    found = check(builder.sign(KEY, None).public_bytes(Encoding.DER))
    assert [each.value for each in find_all(found, "dns_name")] == hosts
    assert [each.value for each in find_all(found, "ip_address")] == list(map(str, addresses))


def test_a_certificate_is_called_by_its_common_name() -> None:
    assert common_name(CERTIFICATE) == "rsa.lab.test"


@given(st.binary(max_size=60), st.integers(0, len(CERTIFICATE) - 1))
def test_other_octets_have_no_name_and_no_exception(noise: bytes, at: int) -> None:
    assert common_name(noise) == ""
    changed = CERTIFICATE[:at] + bytes([CERTIFICATE[at] ^ 0x55]) + CERTIFICATE[at + 1 :]
    assert isinstance(common_name(changed), str)


def test_a_certificate_of_version_1_has_no_version_and_no_extensions() -> None:
    found = tree(read_octets(FOLDER / "version_1.hex"))
    names = [part.name for part in field(found, "tbs_certificate").children]
    assert "version" not in names
    assert "extensions" not in names


def test_unique_identifiers_are_read() -> None:
    found = tree(read_octets(FOLDER / "version_2.hex"))
    assert field(found, "version").label == "v2"
    assert field(field(found, "issuer_unique_id"), "bit_string").length == 24
    assert field(field(found, "subject_unique_id"), "unused_bits").value == 4


def test_octets_behind_the_end_are_not_explained_and_the_rest_is() -> None:
    found = tree(read_octets(FOLDER / "broken_trailing.hex"))
    assert field(found, "not_explained").length == 24
    assert field(found, "not_after").label


@pytest.mark.slow
def test_thousands_of_names_are_all_read_and_more_end_the_tree_in_good_order() -> None:
    for count, limit in ((3_000, 0), (5_000, 1)):
        names = x509.SubjectAlternativeName([x509.DNSName(f"{n}.example") for n in range(count)])
        moments = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        builder = x509.CertificateBuilder(
            x509.Name([]), x509.Name([]), KEY.public_key(), 1, *moments
        )
        octets = builder.add_extension(names, True).sign(KEY, None).public_bytes(Encoding.DER)
        found = tree(octets)
        assert sum(leaf.length for leaf in found.leaves()) == len(octets) * 8
        assert sum("fields are named already" in error for error in errors(found)) >= limit
        assert bool(errors(found)) == bool(limit)
