"""What the lab's name server knows, without a socket."""

from __future__ import annotations

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from lab.zone import OF_EVERY_TYPE, Zone

ZONE = Zone(
    ["found.lab.test"],
    records={
        "a.lab.test.": ("CNAME b.lab.test.",),
        "b.lab.test.": ("CNAME found.lab.test.",),
        "loop.lab.test.": ("CNAME loop.lab.test.",),
        "text.lab.test.": ('TXT "x"',),
        "found.lab.test.": OF_EVERY_TYPE,
        "_1._https.found.lab.test.": ("HTTPS 1 . port=2",),
        "short.lab.test.": (r"A \# 3 7f0000",),
    },
    delegated={"below.lab.test.": ("ns.below.lab.test.", "127.0.0.9")},
    failing={"bad.lab.test.": "a reason"},
)


def ask(
    name: str, kind: str = "A", *, in_datagram: bool = False, **options: object
) -> dns.message.Message:
    query = dns.message.make_query(name, kind, **options)  # type: ignore[arg-type]
    return dns.message.from_wire(ZONE.answer(query.to_wire(), in_datagram=in_datagram))


def test_aliases_are_followed_inside_the_answer() -> None:
    kinds = [dns.rdatatype.to_text(each.rdtype) for each in ask("a.lab.test").answer]
    assert kinds == ["CNAME", "CNAME", "A"]


def test_a_loop_of_aliases_ends() -> None:
    assert len(ask("loop.lab.test").answer) <= 8


def test_a_name_may_exist_without_an_address() -> None:
    response = ask("text.lab.test")
    assert (response.rcode(), response.answer) == (dns.rcode.NOERROR, [])
    assert response.authority
    assert [each.rdtype for each in ask("text.lab.test", "TXT").answer] == [dns.rdatatype.TXT]


def test_a_name_above_another_one_exists() -> None:
    assert ask("_https.found.lab.test").rcode() == dns.rcode.NOERROR
    assert ask("_2._https.found.lab.test").rcode() == dns.rcode.NXDOMAIN


def test_an_address_brings_the_other_records_along() -> None:
    response = ask("found.lab.test")
    assert len(response.additional) == len({each.partition(" ")[0] for each in OF_EVERY_TYPE})


@pytest.mark.parametrize(("payload", "most"), [(None, 512), (700, 700), (4096, 1232)])
def test_a_datagram_is_cut_to_what_the_query_takes(payload: int | None, most: int) -> None:
    options = {} if payload is None else {"use_edns": 0, "payload": payload}
    query = dns.message.make_query("found.lab.test", "A", **options)  # type: ignore[arg-type]
    octets = ZONE.answer(query.to_wire())
    assert len(octets) <= most
    assert dns.message.from_wire(octets).flags & dns.flags.TC


def test_a_failure_says_why_to_whom_speaks_edns() -> None:
    assert ask("bad.lab.test").rcode() == dns.rcode.SERVFAIL
    assert ask("bad.lab.test").options == ()
    (option,) = ask("bad.lab.test", use_edns=0).options
    assert isinstance(option, dns.edns.EDEOption)
    assert option.text == "a reason"


def test_a_zone_below_is_referred_to_with_the_address_of_its_server() -> None:
    response = ask("www.below.lab.test")
    assert not response.flags & dns.flags.AA
    assert [each.to_text() for each in response.authority[0]] == ["ns.below.lab.test."]
    assert [each.to_text() for each in response.additional[0]] == ["127.0.0.9"]


def test_a_record_may_have_data_that_does_not_fit_its_type() -> None:
    octets = ZONE.answer(dns.message.make_query("short.lab.test", "A").to_wire())
    assert octets.endswith(b"\0\x03\x7f\0\0")
