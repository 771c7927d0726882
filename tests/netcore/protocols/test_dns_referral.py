"""What counts as a referral, and which glue is believed."""

from __future__ import annotations

import dns.flags
import dns.message
import dns.rrset
import pytest

from netcore.protocols.dns_referral import is_authoritative, read_referral


def answer(*lines: str, authoritative: bool = False) -> bytes:
    """A response whose lines are "NAME TYPE DATA": NS in authority, the rest in additional."""
    response = dns.message.make_response(dns.message.make_query("www.a.example", "A"))
    for line in lines:
        name, kind, data = line.split(" ", 2)
        section = response.authority if kind == "NS" else response.additional
        section.append(dns.rrset.from_text(name, 60, "IN", kind, data))
    if authoritative:
        response.flags |= dns.flags.AA
    return response.to_wire()


def test_a_referral_names_a_zone_and_its_servers_with_their_glue() -> None:
    found = read_referral(
        answer(
            "example. NS ns.example.", "ns.example. AAAA 2001:db8::1", "ns.example. A 192.0.2.1"
        ),
        "www.a.example",
        "",
    )
    assert found
    assert found.zone == "example"
    assert found.servers == (("ns.example", ("192.0.2.1", "2001:db8::1")),)


@pytest.mark.parametrize(
    ("line", "zone"),
    [
        (". NS ns.example.", ""),
        ("example. NS ns.example.", "example"),
        ("other. NS ns.other.", ""),
        ("b.example. NS ns.example.", "example"),
        ("www.www.a.example. NS ns.example.", "example"),
        ("example. A 192.0.2.1", ""),
    ],
)
def test_what_leads_no_nearer_is_no_referral(line: str, zone: str) -> None:
    assert read_referral(answer(line), "www.a.example", zone) is None


def test_glue_of_a_server_outside_the_zone_is_left_out() -> None:
    octets = answer("a.example. NS ns.bank.", "ns.bank. A 192.0.2.1")
    found = read_referral(octets, "www.a.example", "example")
    assert found
    assert found.servers == (("ns.bank", ()),)


def test_addresses_of_names_that_serve_nothing_are_left_out() -> None:
    octets = answer("example. NS ns.example.", "www.bank. A 192.0.2.1")
    found = read_referral(octets, "www.a.example", "")
    assert found
    assert found.servers == (("ns.example", ()),)


def test_no_more_than_thirteen_servers_are_looked_at() -> None:
    lines = [f"example. NS ns{n}.example." for n in range(40)]
    found = read_referral(answer(*lines), "www.a.example", "")
    assert found
    assert len(found.servers) <= 13


def test_who_serves_the_zone_says_so() -> None:
    assert is_authoritative(answer(authoritative=True))
    assert not is_authoritative(answer())
