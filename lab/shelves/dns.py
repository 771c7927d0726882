"""How a name becomes an address: what each server here does is nothing new, but its name is."""

from __future__ import annotations

from typing import Final

from lab.authority import Authority
from lab.behaviour import Ask, Behaviour, Named, Shelf
from lab.certificates import Chain
from lab.shelves.basics import plain
from lab.tls import Tls
from lab.visit import Visit

BY_ITS_PORT: Final = b"You came by the port that stood in the URL.\n"
BY_THE_RECORD: Final = b"You came by the port that stood in the HTTPS record.\n"
FOUND: Final = b"You found me: that was the point.\n"

SERVICE: Final = "https-record"
SERVICE_PORT: Final = "https-record-port"
"""Not a target of its own: who comes here came by the HTTPS record of the other one."""


def found(visit: Visit) -> None:
    """One line."""
    visit.respond("200 OK", FOUND)


def by_its_port(visit: Visit) -> None:
    """Say that the record was not used."""
    visit.respond("200 OK", BY_ITS_PORT)


def by_the_record(visit: Visit) -> None:
    """Say that it was."""
    visit.respond("200 OK", BY_THE_RECORD)


def for_the_service(authority: Authority, host: str) -> Chain:
    """For the name in the URL, whatever the record called the server."""
    return Chain(authority.identity(f"{SERVICE}.lab.test"))


BEHIND_THE_RECORD: Final = Behaviour("", "", by_the_record, Tls(certify=for_the_service))

SHELF: Final = Shelf(
    "dns",
    "Names",
    "How the address is found: over UDP, TCP, TLS or HTTPS, directly or through others.",
    {
        "alias": Behaviour("Aliases", "a name of a name of a name: three CNAME records", found),
        "every-type": Behaviour(
            "Every kind of record", "an answer too long for UDP: it comes over TCP", found
        ),
        SERVICE: Behaviour(
            "HTTPS record",
            "a record that leads to another port, before any connection",
            by_its_port,
            Tls(),
        ),
        "from-the-root": Behaviour(
            "From the root",
            "no resolver: each zone's own server names the next one",
            found,
            ask=Ask(dns_trace=True),
        ),
        "two-families": Behaviour(
            "Two addresses",
            "one of IPv6 and one of IPv4: which is asked first?",
            plain,
            ipv6="answers",
        ),
        "race": Behaviour(
            "A race of addresses",
            "its IPv6 address is silent, so IPv4 overtakes it",
            plain,
            ipv6="silent",
        ),
        "over-tcp": Behaviour("DNS over TCP", "the question goes over a connection", found),
        "over-tls": Behaviour("DNS over TLS", "the question is encrypted, and padded", found),
        "over-https": Behaviour("DNS over HTTPS", "the question is the body of a POST", found),
    },
    (
        Named("no-such-name", "No such name", "a name that does not exist: its zone says so"),
        Named("no-address", "No address", "the name exists, and holds nothing but a text"),
        Named("servfail", "Name server trouble", "SERVFAIL, with a sentence that says why"),
        Named("in-circles", "Names in circles", "two names, each an alias of the other"),
        Named(
            "private",
            "A private address",
            "the name leads into a network that is nobody's business",
            ask=Ask(public=True),
        ),
    ),
)

RECORDS: Final = {
    "alias.lab.test.": ("CNAME second.lab.test.",),
    "second.lab.test.": ("CNAME third.lab.test.",),
    "third.lab.test.": ("CNAME found.lab.test.",),
    "in-circles.lab.test.": ("CNAME in-squares.lab.test.",),
    "in-squares.lab.test.": ("CNAME in-circles.lab.test.",),
    "private.lab.test.": ("A 10.0.0.5",),
    "no-address.lab.test.": ('TXT "Nothing but this text."',),
}
FAILING: Final = {"servfail.lab.test.": "the servers of this zone did not answer"}


def https_records(port: int, service_port: int) -> dict[str, tuple[str, ...]]:
    """The record of the service at `port`, which leads to the other port."""
    hints = "ipv4hint=127.0.0.1"
    data = f"HTTPS 1 elsewhere.lab.test. alpn=http/1.1 port={service_port} {hints}"
    return {f"_{port}._https.{SERVICE}.lab.test.": (data,)}
