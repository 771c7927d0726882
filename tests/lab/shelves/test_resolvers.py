"""Names that are looked up in vain."""

from __future__ import annotations

import dns.message
import dns.query
import dns.rdatatype
import pytest

from lab import Lab
from lab.hierarchy import ADDRESSES
from lab.shelves import resolvers
from lab.zone import Zone

pytestmark = pytest.mark.wire

ZONE = Zone([], records=resolvers.RECORDS, delegated=resolvers.LAME)


def answered(name: str) -> bytes:
    return ZONE.answer(dns.message.make_query(name, "A").to_wire())


def test_each_name_whose_resolver_fails_has_one_of_its_own(lab: Lab) -> None:
    told = dict(lab.options_lab().resolvers)
    names = [each.name for each in resolvers.SHELF.named if each.name.startswith("resolver-")]
    assert {f"{name}.lab.test" for name in names} <= told.keys()
    transports = {name: told[f"{name}.lab.test"].partition("://")[0] for name in names}
    assert transports["resolver-untrusted"] == transports["resolver-plain"] == "tls"
    assert transports["resolver-page"] == "https"
    assert transports["resolver-unreachable"] == "tcp"


def test_a_bad_record_has_three_octets_for_an_address() -> None:
    assert answered("bad-record.lab.test").endswith(b"\x00\x01\x00\x01\0\0\0<\0\x03\x7f\0\0")


def test_many_aliases_are_more_than_a_client_follows() -> None:
    answer = dns.message.from_wire(answered("many-aliases.lab.test")).answer
    assert [each.rdtype for each in answer] == [dns.rdatatype.CNAME] * resolvers.ALIASES


def test_a_lame_zone_is_said_to_be_served_where_nothing_is_known_of_it() -> None:
    response = dns.message.from_wire(answered("lame.lab.test"))
    assert response.answer == []
    assert [each.rdtype for each in response.authority] == [dns.rdatatype.NS]
    (glue,) = response.additional
    assert [each.to_text() for each in glue] == [ADDRESSES[0]]
