"""The rules that each certificate is held to. That they are OpenSSL's is shown in test_trust."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509

from netcore.handshake.certificates import read_certificate
from netcore.handshake.chain_rules import Fault, faults_of
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import DAY, rsa_key
from tests.netcore.protocols.refused import HOST, Chain

NOW = datetime.now(UTC)


def faults(chain: Chain, name: str = HOST, at: datetime = NOW) -> list[list[Fault]]:
    """Of each certificate from the server's own to the anchor."""
    ders = [each.der for each in (chain.leaf, *chain.above, *chain.anchors)]
    known = [read_certificate(der) for der in ders]
    places = range(len(known))
    return [faults_of(known, place, anchored=True, name=name, at=at) for place in places]


def kinds(chain: Chain, name: str = HOST, at: datetime = NOW) -> list[list[str]]:
    return [[fault.kind for fault in each] for each in faults(chain, name, at)]


def test_a_sound_chain_has_no_fault() -> None:
    assert kinds(refused.sound()) == [[], [], []]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (refused.expired_between, [[], ["expired"], []]),
        (lambda: refused.under(begins=DAY), [["not_yet_valid"], []]),
        (refused.a_leaf_signs, [[], ["not_authority"], []]),
        (refused.without_key_cert_sign, [[], ["no_cert_sign"], []]),
        (refused.path_too_long, [[], [], ["path_length"], []]),
        (refused.dns_excluded, [["constrained"], [], []]),
        (refused.dns_permitted_elsewhere, [["constrained"], [], []]),
        (refused.client_only, [["purpose"], []]),
        (refused.unknown_critical, [["critical"], []]),
        (refused.short_root, [[], ["weak"]]),
        (refused.malformed_names, [["unreadable"], []]),
        (
            lambda: refused.under(None, "a.example.com", ends=-DAY, key=rsa_key(1024)),
            [["expired", "weak", "name"], []],
        ),
    ],
)
def test_each_rule_blames_the_certificate_that_breaks_it(
    chain: object, expected: list[list[str]]
) -> None:
    assert kinds(chain()) == expected  # type: ignore[operator]


def test_dates_are_held_against_the_moment_of_the_fetch() -> None:
    assert kinds(refused.sound(), at=NOW + 31 * DAY) == [["expired"]] * 3
    assert kinds(refused.sound(), at=NOW - 31 * DAY) == [["not_yet_valid"]] * 3


def test_a_name_counts_also_behind_the_hundredth() -> None:
    names = (*(f"{number}.example.com" for number in range(150)), HOST)
    assert kinds(refused.under(None, *names)) == [[], []]
    assert kinds(refused.under(None, *names[:-1])) == [["name"], []]


def test_without_a_name_none_is_asked_for() -> None:
    assert kinds(refused.sound(), "") == [[], [], []]


def test_a_fault_has_the_values_that_show_it() -> None:
    (((fault,), _, _),) = (faults(refused.dns_excluded()),)
    assert dict(fault.facts) == {"forbidden": HOST, "authority": "Between"}
    (_, _, (fault,), _) = faults(refused.path_too_long())
    assert dict(fault.facts) == {"limit": 0, "between": 1}


def test_names_beyond_a_hundred_cost_no_comparisons_with_constraints() -> None:
    subtrees = refused.dns(*(f"{number}.example.org" for number in range(2_000)))
    limits = x509.NameConstraints(None, subtrees)
    names = refused.dns(*(f"{number}.example.com" for number in range(2_000)), HOST)
    assert kinds(refused.constrained(limits, *names)) == [[], [], []]
