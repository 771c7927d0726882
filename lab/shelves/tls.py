"""Versions of TLS, and certificates that are to be refused."""

from __future__ import annotations

import ssl
from typing import Final

from lab.authority import EXPIRED
from lab.behaviour import Ask, Behaviour, Shelf, Tls
from lab.shelves.basics import secure

SHELF: Final = Shelf(
    "tls",
    "Versions and certificates",
    "What TLS shows to everybody on the way, and what we refuse.",
    {
        "tls12": Behaviour(
            "TLS 1.2",
            "two round trips, and a certificate for all to read",
            secure,
            Tls(maximum=ssl.TLSVersion.TLSv1_2),
        ),
        "tls10": Behaviour(
            "TLS 1.0 only",
            "so old that we do not offer it",
            secure,
            Tls(minimum=ssl.TLSVersion.TLSv1, maximum=ssl.TLSVersion.TLSv1),
            Ask(try_with="--tls-min 1.0"),
        ),
        "expired": Behaviour(
            "Expired certificate", "it ended yesterday", secure, Tls(validity=EXPIRED)
        ),
        "wrong-host": Behaviour(
            "Wrong certificate",
            "it is for another name",
            secure,
            Tls(certified_host="another.lab.test"),
        ),
        "self-signed": Behaviour(
            "Self-signed certificate", "nobody else vouches for it", secure, Tls(self_signed=True)
        ),
    },
)
