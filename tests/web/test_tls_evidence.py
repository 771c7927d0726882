"""Which field of which certificate a refusal is seen in, once its fields are there."""

from __future__ import annotations

import pytest

from netcore.field import Field
from netcore.pdu import Pdu
from netcore.trace import Called, Failed
from web.evidence import REFUSED_CERTIFICATE
from web.fieldtree import paths
from web.tls_evidence import CERTIFICATE_FIELDS, Place, tls_evidence

READ = Called(5, "tcp:1", "recv", (9,), 9, channel="tcp:1.received", length=9)
CALLS = [(7, READ)]


def certificate(start: int, subject: int, issuer: int, broken: bool = False) -> Field:
    """A certificate of six octets: the names of its subject and its issuer are one each."""
    names = ("issuer", "not_before", "not_after", "subject", "subject_public_key_info")
    leaves = [Field(name, start + 8 * n, 8) for n, name in enumerate(names)]
    error = "it is no DER" if broken else ""
    leaves.append(Field("signature_algorithm", start + 40, 8, error=error))
    return Field("cert_data", start, 48, children=tuple(leaves))


class Told:
    """An explanation of one event that moved one Certificate message."""

    def __init__(self, *chain: tuple[int, int], broken: int = -1) -> None:
        octets = b"".join(bytes((issuer, 0, 0, subject, 0, 0)) for subject, issuer in chain)
        self.pdu = Pdu("tls_handshake", octets, ())
        certificates = tuple(
            certificate(48 * n, *names, broken=n == broken) for n, names in enumerate(chain)
        )
        self._tree = Field("tls_handshake", 0, 8 * len(octets), children=certificates)

    def of_event(self, number: int) -> list[Pdu]:
        return [self.pdu] if number == CALLS[0][0] else []

    def tree(self, pdu: Pdu) -> Field:
        return self._tree


def seen(told: Told, code: str, message: str = "It was refused.") -> tuple[str, int]:
    """The name of the field that is opened, and the place of its certificate as it was sent."""
    place = tls_evidence(CALLS, Failed(9, "tls", code, message), told)  # type: ignore[arg-type]
    assert isinstance(place, Place)
    assert (place.event, place.unit) == (7, 1)
    field = paths(told.tree(told.pdu))[place.field][-1]
    return field.name, field.start // 48


LEAF, LOWER, UPPER, ROOT = range(1, 5)
IN_ORDER = ((LEAF, LOWER), (LOWER, UPPER), (UPPER, ROOT))
WRONG_ORDER = ((LEAF, LOWER), (UPPER, ROOT), (LOWER, UPPER))


def test_every_certificate_that_one_may_go_on_with_has_its_place() -> None:
    assert {*CERTIFICATE_FIELDS, "tls.chain_too_long"} >= REFUSED_CERTIFICATE


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("tls.cert_expired", "not_after"),
        ("tls.cert_not_yet_valid", "not_before"),
        ("tls.hostname_mismatch", "subject"),  # there is no subjectAltName
        ("tls.self_signed", "issuer"),
        ("tls.incomplete_chain", "issuer"),  # and no place where it could be had
        ("tls.weak_certificate", "subject_public_key_info"),
        ("tls.chain", "cert_data"),
        ("tls.bad_certificate", "cert_data"),
    ],
)
def test_a_refusal_is_seen_in_the_servers_own_certificate(code: str, name: str) -> None:
    assert seen(Told(*IN_ORDER), code) == (name, 0)


def test_an_unknown_issuer_is_named_by_the_last_certificate() -> None:
    assert seen(Told(*IN_ORDER), "tls.unknown_ca") == ("issuer", 2)
    assert seen(Told(*WRONG_ORDER), "tls.unknown_ca") == ("issuer", 1)
    assert seen(Told(IN_ORDER[0], IN_ORDER[2]), "tls.unknown_ca") == ("issuer", 0)


@pytest.mark.parametrize(("chain", "place"), [(IN_ORDER, 1), (WRONG_ORDER, 2)])
def test_the_certificate_is_the_one_that_the_refusal_counts(
    chain: tuple[tuple[int, int], ...], place: int
) -> None:
    message = "Certificate 2 of the chain, CN=Lower, expired on 3 March."
    assert seen(Told(*chain), "tls.cert_expired", message) == ("not_after", place)


def test_a_weak_signature_is_seen_in_its_algorithm() -> None:
    message = "The certificate is signed over SHA-1, which no longer protects from forgery."
    assert seen(Told(*IN_ORDER), "tls.weak_certificate", message)[0] == "signature_algorithm"


def test_what_is_no_der_is_seen_where_reading_ended() -> None:
    told = Told(*IN_ORDER, broken=0)
    assert seen(told, "tls.bad_certificate") == ("signature_algorithm", 0)


def test_without_a_certificate_nothing_is_said() -> None:
    assert tls_evidence(CALLS, Failed(9, "tls", "tls.cert_expired", ""), Told()) is None  # type: ignore[arg-type]
