"""What was asked of TLS, held to what can be offered, before anything is sent.

Each function takes what a person wrote and gives what the settings take; what cannot be offered
ends in FetchError tls.bad_option, whose message says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from netcore.errors import FetchError, Refused
from netcore.host import read_host, shown
from netcore.openssl_names import GROUPS, group_name
from netcore.options import Options
from netcore.protocols.tls_context import (
    Offer,
    check_ciphers,
    check_identity,
    offered_versions,
)

_PROTOCOL_OCTETS: Final = 255  # RFC 7301 §3.1
_PROTOCOLS: Final = 64
_CIPHERS_CHARACTERS: Final = 8_192
GROUP_NAMES: Final = "X25519, P-256, P-384, P-521 and X448"


def offer_of(options: Options) -> Offer:
    """What these options offer, all of it checked.

    Raises: FetchError tls.version or tls.bad_option.
    """
    offered_versions(options.tls_min, options.tls_max)
    if options.http == "3" and options.tls_max != "1.3":
        raise FetchError(
            "tls.version",
            f"QUIC has no TLS but 1.3, and at most TLS {options.tls_max} was asked for.",
        )
    read_ciphers(options.ciphers)
    read_identity(options.cert, options.key)
    return Offer(
        alpn=spoken(options) if options.alpn is None else read_alpn(options.alpn),
        ciphers=options.ciphers,
        group=read_group(options.curves),
        sni=read_sni(options.sni) if options.sni else options.sni,
        cert=options.cert,
        key=options.key,
    )


def spoken(options: Options) -> tuple[str, ...]:
    """The application protocols that are spoken, by their names in ALPN, the best first.

    HTTP/2 needs TLS 1.2 or above (RFC 9113 §9.2).
    """
    if options.http == "3":
        return ("h3",)
    if options.http in ("1.0", "1.1"):
        return (f"http/{options.http}",)
    return ("http/1.1",) if options.tls_max in ("1.0", "1.1") else ("h2", "http/1.1")


def read_ciphers(text: str) -> str:
    """A list of cipher suites in OpenSSL's notation, "" for the default."""
    if len(text) > _CIPHERS_CHARACTERS:
        _refuse(f"The list of cipher suites has more than {_CIPHERS_CHARACTERS:,} characters.")
    if text:
        check_ciphers(text)
    return text


def read_group(text: str) -> str:
    """One group by the name that curl, OpenSSL or RFC 8446 has for it, "" for no choice.

    Out: RFC 8446's name.
    """
    name = group_name(text)
    if name and name not in GROUPS:
        one = " One group is offered, and no list." if {":", ","} & set(name) else ""
        _refuse(f"{shown(text)!r} is none of the groups {GROUP_NAMES}.{one}")
    return name


def read_alpn(names: Sequence[str]) -> tuple[str, ...]:
    """The protocols to offer, in order."""
    for name in names:
        if not name or not name.isascii() or not name.isprintable() or " " in name:
            _refuse(f"{shown(name)!r} is no name for ALPN: those here are of visible ASCII.")
        if len(name) > _PROTOCOL_OCTETS:
            _refuse(f"{shown(name)!r} is longer than the 255 octets of a name in ALPN.")
    if len(names) > _PROTOCOLS:
        _refuse(f"{len(names)} names for ALPN are more than the {_PROTOCOLS} that are offered.")
    return tuple(names)


def read_sni(text: str) -> str:
    """A host name for SNI, in A-labels. An address is none (RFC 6066 §3)."""
    try:
        name, address = read_host(text)
    except Refused as refused:
        raise FetchError("tls.bad_option", f"SNI takes a host name. {refused.message}") from refused
    if address:
        _refuse(f"SNI takes a host name, and {shown(text)} is an address (RFC 6066 §3).")
    return name.removesuffix(".")


def read_identity(cert: str, key: str) -> None:
    """Files with a client's certificate and its private key, "" for none."""
    if cert:
        check_identity(cert, key)
    elif key:
        _refuse(f"{key} has a private key, and no certificate was given that it belongs to.")


def _refuse(message: str) -> NoReturn:
    raise FetchError("tls.bad_option", message)
