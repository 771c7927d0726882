"""Whether a certificate is for a name or an address (RFC 9525, RFC 9110 §4.3.4).

OpenSSL compares the names of a certificate with the one that goes into SNI. Where SNI is left out
or holds another name, this module compares them with the host of the URL, by the same rules: a
name counts only as a dNSName of the subjectAltName and an address only as an iPAddress, and a star
stands for exactly one label, the whole leftmost one.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

_LABEL: Final = re.compile(r"[a-z0-9-]+", re.ASCII)
_LEAST_LABELS: Final = 2  # behind a star, so that none stands for all names of a registry


def is_for(certificate: bytes, name: str) -> bool:
    """Whether a certificate may be shown for a host.

    In: `certificate` in DER; `name`, a host name without a trailing dot, or an address.
    """
    from cryptography import x509  # loading it takes 40 ms, and few fetches need it

    try:
        names = (
            x509.load_der_x509_certificate(certificate)
            .extensions.get_extension_for_class(x509.SubjectAlternativeName)
            .value
        )
    except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.InvalidVersion, ValueError):
        return False
    try:
        address = ip_address(name)
    except ValueError:
        return any(_is_name(each, name) for each in names.get_values_for_type(x509.DNSName))
    return address in names.get_values_for_type(x509.IPAddress)


def _is_name(shown: str, name: str) -> bool:
    """Whether a dNSName stands for a host name."""
    shown, name = shown.lower(), name.lower()
    if not shown.startswith("*."):
        return bool(shown) and shown == name
    rest = shown[2:].split(".")
    first, *others = name.split(".")
    return (
        len(rest) >= _LEAST_LABELS
        and all(rest)
        and others == rest
        and _LABEL.fullmatch(first) is not None
    )
