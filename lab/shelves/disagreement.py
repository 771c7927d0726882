"""Handshakes that come to no good end, by what a server shows or chooses."""

from __future__ import annotations

from typing import Final

from lab import certificates as chains
from lab.behaviour import Ask, Behaviour, Shelf
from lab.records import (
    refusal_to_begin_again,
    weak_and_over,
    with_another_cipher,
    with_broken_certificate,
)
from lab.shelves.basics import secure
from lab.shelves.tls import TLS12
from lab.tls import ANY_KEY, Tls, oakley1024

SPOKEN_ELSEWHERE: Final = "xmpp-client"

SHELF: Final = Shelf(
    "disagreement",
    "No agreement",
    "Both sides speak TLS, and one of them has to say no.",
    {
        "not-for-servers": Behaviour(
            "A client's certificate",
            "sound and trusted, and not meant for servers",
            secure,
            Tls(certify=chains.for_clients),
        ),
        "broken-certificate": Behaviour(
            "A broken certificate",
            "its serial number is said to be a text",
            secure,
            Tls(maximum=TLS12, reframe=with_broken_certificate),
        ),
        "other-cipher": Behaviour(
            "Picks what nobody offered",
            "RC4, forbidden in 2015, and not in our list",
            secure,
            Tls(maximum=TLS12, reframe=with_another_cipher),
        ),
        "not-strong-enough": Behaviour(
            "Nothing strong enough",
            "insufficient_security: our list is too weak for it",
            secure,
            Tls(maximum=TLS12, reframe=weak_and_over),
        ),
        "small-group": Behaviour(
            "A small group",
            "Diffie-Hellman with a prime of 1,024 bits, as Logjam liked it",
            secure,
            Tls(
                maximum=TLS12,
                certify=chains.with_rsa_key,
                ciphers=f"DHE-RSA-AES128-GCM-SHA256:{ANY_KEY.partition(':')[2]}",
                finite_field=oakley1024,
            ),
        ),
        "no-second-time": Behaviour(
            "Will not begin again",
            "it refuses a second handshake, and nobody has asked for one",
            secure,
            Tls(maximum=TLS12, reframe=refusal_to_begin_again),
        ),
        "other-protocol": Behaviour(
            "A chat protocol",
            "we offer one by ALPN that we do not speak, and it is taken",
            secure,
            Tls(alpn=(SPOKEN_ELSEWHERE,)),
            Ask(alpn=(SPOKEN_ELSEWHERE, "http/1.1")),
        ),
    },
)
