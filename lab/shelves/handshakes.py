"""What can stand between a ClientHello and an answer, and ways in which it fails."""

from __future__ import annotations

import ssl
from typing import Final

from lab.behaviour import Ask, Behaviour, Shelf
from lab.records import (
    alert_behind_certificate,
    in_growing_pieces,
    in_odd_pieces,
    in_one_record,
)
from lab.shelves.basics import plain, secure
from lab.tls import Tls
from lab.visit import TEXT, Visit

TLS12: Final = ssl.TLSVersion.TLSv1_2
TLS13: Final = ssl.TLSVersion.TLSv1_3


def resumption(visit: Visit) -> None:
    """Say whether this connection went on from an earlier one."""
    assert isinstance(visit.connection, ssl.SSLSocket)
    if visit.connection.session_reused:
        text = "You came back with a ticket: neither certificate nor signature was needed.\n"
    else:
        text = "We met for the first time. Come back with the ticket that you were given.\n"
    visit.respond("200 OK", text.encode())


def client_certificate(visit: Visit) -> None:
    """Say what the client showed."""
    assert isinstance(visit.connection, ssl.SSLSocket)
    shown = visit.connection.getpeercert(binary_form=True)
    if shown:
        text = f"I asked for a certificate and was shown one of {len(shown):,} octets.\n"
    else:
        text = "I asked for a certificate, was shown none, and went on.\n"
    visit.respond("200 OK", text.encode())


SPLIT_BODY: Final = b"Each record of this answer is as long as the two before it together.\n"


def in_growing_records(visit: Visit) -> None:
    """A response in records of 1, 2, 3, 5, 8 octets and so on."""
    head = visit.head("200 OK", (f"Content-Type: {TEXT}", f"Content-Length: {len(SPLIT_BODY)}"))
    body = b"" if visit.request.method == "HEAD" else SPLIT_BODY
    for piece in in_growing_pieces(head + body):
        visit.send(piece)


def until_close(visit: Visit) -> None:
    """A body whose length nobody said, so that only the end of the connection can end it."""
    visit.is_open = False
    if visit.begin("200 OK", (f"Content-Type: {TEXT}",)):
        visit.send(b"Was this all, or did somebody cut the connection?\n")


SHELF: Final = Shelf(
    "handshakes",
    "Handshakes",
    "What can stand between a hello and an answer, and how it can end.",
    {
        "hello-retry": Behaviour(
            "Asked again",
            "HelloRetryRequest: the server wants another curve",
            secure,
            Tls(minimum=TLS13, curve="secp384r1"),
        ),
        "resumption": Behaviour(
            "Resumption",
            "gives tickets to come back with",
            resumption,
            Tls(minimum=TLS13),
            ask=Ask(resume_session=True),
        ),
        "resumption-tls12": Behaviour(
            "Resumption, TLS 1.2",
            "one ticket, given in the clear",
            resumption,
            Tls(maximum=TLS12),
            ask=Ask(resume_session=True),
        ),
        "client-cert-wanted": Behaviour(
            "Asks who you are",
            "wants a client certificate and goes on without",
            client_certificate,
            Tls(minimum=TLS13, client_certificate=ssl.CERT_OPTIONAL),
        ),
        "client-cert-required": Behaviour(
            "Insists on who you are",
            "no client certificate, no answer",
            client_certificate,
            Tls(minimum=TLS13, client_certificate=ssl.CERT_REQUIRED),
        ),
        "coalesced": Behaviour(
            "All in one record",
            "four handshake messages share one record",
            secure,
            Tls(maximum=TLS12, reframe=in_one_record),
        ),
        "split-records": Behaviour(
            "Cut at odd places",
            "records of 1, 2, 3, 5, 8 bytes, across every border",
            in_growing_records,
            Tls(maximum=TLS12, reframe=in_odd_pieces),
        ),
        "no-shared-cipher": Behaviour(
            "No shared cipher",
            "it takes only Camellia, which we do not offer",
            secure,
            Tls(maximum=TLS12, ciphers="ECDHE-ECDSA-CAMELLIA128-SHA256"),
        ),
        "alert": Behaviour(
            "Alert in the middle",
            "a certificate, and then internal_error",
            secure,
            Tls(maximum=TLS12, reframe=alert_behind_certificate),
        ),
        "no-close-notify": Behaviour(
            "No goodbye",
            "the connection closes, TLS does not: was that all?",
            until_close,
            Tls(goodbye=False),
        ),
        "not-tls": Behaviour(
            "Not TLS at all",
            "answers our hello in plain HTTP",
            plain,
            pretends=True,
        ),
    },
)
