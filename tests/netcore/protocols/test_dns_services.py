"""HTTPS records as the library reads them, and as they are used."""

from __future__ import annotations

import dns.rdata
import dns.rdataclass
import dns.rdatatype
import pytest

from netcore.protocols.dns_services import ServiceRecord, question_name, read_services


def records(*texts: str) -> tuple[ServiceRecord, ...]:
    read = [dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.HTTPS, each) for each in texts]
    return read_services(read, "example.com")


def test_records_stand_in_the_order_of_their_priorities() -> None:
    assert [each.priority for each in records("9 .", "1 .", "0 b.example.com.")] == [0, 1, 9]


@pytest.mark.parametrize(
    ("text", "alpn"),
    [
        ("1 .", ("http/1.1",)),
        ("1 . alpn=h3,h2", ("h3", "h2", "http/1.1")),
        ("1 . alpn=h3 no-default-alpn", ("h3",)),
        ("1 . alpn=http/1.1,h2", ("http/1.1", "h2")),
    ],
)
def test_the_default_protocol_is_meant_unless_it_is_taken_away(
    text: str, alpn: tuple[str, ...]
) -> None:
    assert records(text)[0].alpn == alpn


def test_a_record_in_full() -> None:
    (found,) = records("1 Svc.Example.NET. port=8443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1")
    assert found == ServiceRecord(
        1, "svc.example.net", "example.com", ("http/1.1",), 8443, ("2001:db8::1", "192.0.2.1")
    )
    assert found.name == "svc.example.net"
    assert not found.is_alias


def test_a_dot_is_the_owner_itself() -> None:
    (found,) = records("1 .")
    assert found.name == "example.com"


def test_mandatory_keys_that_are_not_understood_or_not_there_are_named() -> None:
    assert records("1 . mandatory=alpn alpn=h2")[0].missing == ()
    assert records("1 . mandatory=ech ech=AAT+DQAA")[0].missing == ("ech",)
    assert records("1 . mandatory=key667 key667=x")[0].missing == ("key667",)


def test_the_port_of_an_origin_is_in_the_name() -> None:
    assert question_name("example.com", 443, 443) == "example.com"
    assert question_name("example.com", 80, 80) == "example.com"
    assert question_name("example.com", 8443, 443) == "_8443._https.example.com"
