"""Certificates that are to be refused, and two that only look so."""

from __future__ import annotations

from typing import Final

from lab import certificates as chains
from lab.behaviour import Behaviour, Shelf
from lab.shelves.basics import secure
from lab.tls import ANY_KEY, Tls

SHELF: Final = Shelf(
    "certificates",
    "Certificates",
    "Made when the lab starts. Most of them we refuse; two only look odd.",
    {
        "expired": Behaviour(
            "Expired certificate", "it ended yesterday", secure, Tls(certify=chains.expired)
        ),
        "not-yet-valid": Behaviour(
            "Not valid yet", "it begins tomorrow", secure, Tls(certify=chains.not_yet_valid)
        ),
        "wrong-host": Behaviour(
            "Wrong certificate",
            "it is for another name",
            secure,
            Tls(certify=chains.for_another),
        ),
        "self-signed": Behaviour(
            "Self-signed certificate",
            "nobody else vouches for it",
            secure,
            Tls(certify=chains.self_signed),
        ),
        "unknown-ca": Behaviour(
            "Unknown authority",
            "somebody vouches for it, and nobody knows them",
            secure,
            Tls(certify=chains.of_unknown_authority),
        ),
        "missing-intermediate": Behaviour(
            "Missing intermediate",
            "the link between it and the root was not sent",
            secure,
            Tls(certify=chains.without_intermediate),
        ),
        "wrong-order": Behaviour(
            "Chain in the wrong order",
            "all of it is there, upside down",
            secure,
            Tls(certify=chains.in_wrong_order),
        ),
        "huge-certificate": Behaviour(
            "Huge certificate",
            "1,801 names in 58 kB, over several records",
            secure,
            Tls(certify=chains.for_many_names),
        ),
        "weak-key": Behaviour(
            "Weak key",
            "RSA with 1,024 bits",
            secure,
            Tls(certify=chains.with_weak_key, ciphers=ANY_KEY),
        ),
    },
)
