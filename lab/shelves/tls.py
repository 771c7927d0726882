"""Versions of TLS, and what its cipher suites agree on."""

from __future__ import annotations

import ssl
from typing import Final

from lab.behaviour import Ask, Behaviour, Shelf
from lab.certificates import with_rsa_key
from lab.shelves.basics import secure
from lab.tls import NO_ENCRYPT_THEN_MAC, Tls, ffdhe2048

TLS10: Final = ssl.TLSVersion.TLSv1
TLS11: Final = ssl.TLSVersion.TLSv1_1
TLS12: Final = ssl.TLSVersion.TLSv1_2
_CBC: Final = "ECDHE-ECDSA-AES128-SHA256"


SHELF: Final = Shelf(
    "tls",
    "Versions and cipher suites",
    "What two hellos can agree on, back to what was retired.",
    {
        "tls12": Behaviour(
            "TLS 1.2",
            "two round trips, and a certificate for all to read",
            secure,
            Tls(maximum=TLS12),
        ),
        "tls11": Behaviour(
            "TLS 1.1 only",
            "no version in common, unless we lower ours",
            secure,
            Tls(minimum=TLS11, maximum=TLS11),
            Ask(try_with="--tls-min 1.1"),
        ),
        "tls10": Behaviour(
            "TLS 1.0 only",
            "so old that we do not offer it",
            secure,
            Tls(minimum=TLS10, maximum=TLS10),
            Ask(try_with="--tls-min 1.0"),
        ),
        "chacha20": Behaviour(
            "ChaCha20-Poly1305",
            "a stream cipher, fast without special hardware",
            secure,
            Tls(maximum=TLS12, ciphers="ECDHE-ECDSA-CHACHA20-POLY1305"),
        ),
        "cbc": Behaviour(
            "Encrypt, then MAC",
            "AES-CBC as RFC 7366 mended it in 2014",
            secure,
            Tls(maximum=TLS12, ciphers=_CBC),
        ),
        "mac-then-encrypt": Behaviour(
            "MAC, then encrypt",
            "AES-CBC in the old order, whose padding could be attacked",
            secure,
            Tls(maximum=TLS12, ciphers=_CBC, options=NO_ENCRYPT_THEN_MAC),
        ),
        "rsa-key-exchange": Behaviour(
            "RSA key exchange",
            "the secret itself is sent, sealed with the certificate's key",
            secure,
            Tls(maximum=TLS12, certify=with_rsa_key, ciphers="AES128-GCM-SHA256"),
        ),
        "dhe": Behaviour(
            "Diffie-Hellman, no curve",
            "a prime of 2,048 bits, in a long ServerKeyExchange",
            secure,
            Tls(
                maximum=TLS12,
                certify=with_rsa_key,
                ciphers="DHE-RSA-AES128-GCM-SHA256",
                finite_field=ffdhe2048,
            ),
        ),
    },
)
