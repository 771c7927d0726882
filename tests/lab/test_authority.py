"""The lab's certificate authority."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from lab import Authority
from lab.authority import EXPIRED, NOT_YET_VALID, issue


def test_the_files_are_private_and_gone_at_the_end() -> None:
    with Authority() as authority:
        chain = authority.write_chain(authority.identity("a.lab.test"))
        directory = Path(authority.cacert).parent
        assert chain.parent == directory
        assert directory.stat().st_mode & 0o077 == 0
    assert not directory.exists()


def test_only_the_authority_may_sign(authority: Authority) -> None:
    leaf = authority.identity("a.lab.test").certificate
    root = authority.root.certificate
    constraints = [
        c.extensions.get_extension_for_class(x509.BasicConstraints) for c in (leaf, root)
    ]
    assert [(c.critical, c.value.ca) for c in constraints] == [(True, False), (True, True)]
    leaf.verify_directly_issued_by(root)


def test_a_leaf_names_its_host_in_the_subject_alternative_name(authority: Authority) -> None:
    leaf = authority.identity("a.lab.test").certificate
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["a.lab.test"]


def test_wrong_times_are_wrong_now(authority: Authority) -> None:
    now = datetime.now(UTC)
    expired = authority.identity("a.lab.test", validity=EXPIRED).certificate
    early = authority.identity("a.lab.test", validity=NOT_YET_VALID).certificate
    assert expired.not_valid_before_utc < expired.not_valid_after_utc < now
    assert now < early.not_valid_before_utc < early.not_valid_after_utc
    assert authority.root.certificate.not_valid_before_utc < expired.not_valid_before_utc


def test_a_certificate_can_do_without_a_subject_and_names() -> None:
    certificate = issue(None, "").certificate
    assert list(certificate.subject) == []
    assert not [
        e for e in certificate.extensions if isinstance(e.value, x509.SubjectAlternativeName)
    ]


def test_the_root_passes_the_strict_rules_of_newer_pythons(authority: Authority) -> None:
    client = ssl.create_default_context(cafile=authority.cacert)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    server = authority.server_context(authority.identity("a.lab.test"))
    _handshake(client, server, "a.lab.test")


def _handshake(client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
    """A handshake in memory: no socket, three turns are enough."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    done = 0
    for side in sides * 3:
        try:
            side.do_handshake()
            done += 1
        except ssl.SSLWantReadError:
            continue
    assert done >= 2
