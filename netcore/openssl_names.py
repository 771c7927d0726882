"""What OpenSSL calls the things that a client offers: lists of cipher suites, and groups."""

from __future__ import annotations

from typing import Final

# OpenSSL's default list, as curl offers it. Python's own leaves out what old servers insist on:
# RSA key exchange and SHA-1 as a MAC.
_CIPHERS: Final = "DEFAULT:!aNULL:!eNULL:!PSK:!SRP:!3DES:!RC4"
# Whatever is asked for: no suite without a certificate, without encryption or with a shared secret.
_NEVER: Final = ":!aNULL:!eNULL:!PSK:!SRP"
_ANY_LEVEL: Final = ":@SECLEVEL=0"
GROUPS: Final = {
    "x25519": "X25519",
    "secp256r1": "prime256v1",
    "secp384r1": "secp384r1",
    "secp521r1": "secp521r1",
    "x448": "X448",
}
"""RFC 8446's names of the groups that can be offered alone -> OpenSSL's."""

_OTHER_NAMES: Final = {
    "prime256v1": "secp256r1",
    "p-256": "secp256r1",
    "p-384": "secp384r1",
    "p-521": "secp521r1",
}


def group_name(text: str) -> str:
    """RFC 8446's name of a group that curl or OpenSSL may call otherwise; a name of none stays."""
    name = text.lower()
    return _OTHER_NAMES.get(name, name)


def cipher_list(asked: str, *, any_level: bool = False) -> str:
    """The list that OpenSSL is given for TLS 1.2 and below.

    In: the list that somebody asked for, "" for the default; `any_level` lets keys and hashes pass
    that are too weak for OpenSSL's own rules, which TLS 1.0 and 1.1 need.
    """
    return (asked + _NEVER if asked else _CIPHERS) + (_ANY_LEVEL if any_level else "")
