"""The lab's own root: referrals down to the zone of the lab."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from lab.hierarchy import ADDRESSES, Delegation, Hierarchy
from lab.zone import Zone


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_each_server_names_the_next_one_and_the_last_one_answers() -> None:
    said = []
    with Hierarchy(Zone(["plain.lab.test"])) as hierarchy:
        ports = {endpoint.rpartition(":")[2] for endpoint in hierarchy.endpoints}
        assert len(ports) == 1
        for address in ADDRESSES:
            query = dns.message.make_query("plain.lab.test", "A", flags=0)
            said.append(dns.query.udp(query, address, timeout=5, port=int(*ports)))
    assert [str(each.authority[0].name) for each in said[:2]] == ["test.", "lab.test."]
    assert [str(each.additional[0][0]) for each in said[:2]] == list(ADDRESSES[1:])
    assert [bool(each.flags & dns.flags.AA) for each in said] == [False, False, True]
    assert str(said[2].answer[0][0]) == "127.0.0.1"


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
def test_where_an_address_is_not_there_the_lab_has_no_hierarchy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("lab.hierarchy.ADDRESSES", ("127.0.0.1", "192.0.2.1", "127.0.0.3"))
    with Hierarchy(Zone([])) as hierarchy:
        assert hierarchy.endpoints == ()


@pytest.mark.parametrize(
    ("name", "rcode"),
    [("other.", dns.rcode.REFUSED), ("b.test.", dns.rcode.NXDOMAIN), ("test.", dns.rcode.NOERROR)],
)
def test_a_zone_says_what_it_does_not_have(name: str, rcode: dns.rcode.Rcode) -> None:
    zone = Delegation("test.", "lab.test.", "ns.lab.test.", "127.0.0.3")
    octets = zone.answer(dns.message.make_query(name, "A").to_wire())
    assert dns.message.from_wire(octets).rcode() == rcode


@pytest.mark.parametrize("octets", [b"", b"\0" * 5, b"\xff" * 40])
def test_what_is_no_query_gets_no_answer(octets: bytes) -> None:
    assert Delegation(".", "test.", "ns.test.", "127.0.0.2").answer(octets) == b""
