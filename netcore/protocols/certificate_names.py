"""Is a certificate for this name: the rules of RFC 9525 §6, as OpenSSL keeps them.

Only the subjectAltName counts, a common name never does. A name is compared with dNSName entries
in which a star stands for exactly one label, the whole leftmost one, with two labels or more
behind it; an address is compared with iPAddress entries, octet by octet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from netcore.protocols.tls_refusal import extension_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate, GeneralName

Rule = Literal[
    "exact",
    "wildcard",
    "address",
    "different",
    "wildcard_depth",
    "wildcard_partial",
    "wildcard_wide",
    "address_as_name",
    "other_kind",
]
"""What decided: the first three say yes.

"wildcard_depth": the star would have to stand for no label, or for more than one;
"wildcard_partial": it is not the whole leftmost label, or there is more than one;
"wildcard_wide": fewer than two labels stand behind it; "address_as_name": an address that is
written as a dNSName; "other_kind": an entry that is compared with no host, or with one of the
other kind.
"""

_MATCHING: Final = ("exact", "wildcard", "address")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_WILDCARD: Final = re.compile(rf"\*((?:\.{_LABEL}){{2,}})", re.ASCII | re.IGNORECASE)
_WIDE: Final = re.compile(rf"\*(?:\.{_LABEL})?", re.ASCII | re.IGNORECASE)
_ANY_LABEL: Final = re.compile(r"[a-z0-9-]+", re.ASCII | re.IGNORECASE)
_KINDS: Final = {
    "DNSName": "dNSName",
    "IPAddress": "iPAddress",
    "RFC822Name": "rfc822Name",
    "UniformResourceIdentifier": "uniformResourceIdentifier",
    "DirectoryName": "directoryName",
    "RegisteredID": "registeredID",
    "OtherName": "otherName",
}


class Comparison(NamedTuple):
    """One entry of a subjectAltName, compared with the name that was asked for."""

    kind: str  # of the GeneralName, in the words of RFC 5280 §4.2.1.6: "dNSName"
    value: str
    rule: Rule

    @property
    def matches(self) -> bool:
        """Whether the certificate is for the name because of this entry."""
        return self.rule in _MATCHING


def is_address(name: str) -> bool:
    """Whether the name is an IPv4 or IPv6 address, which has rules of its own."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def compare_dns_name(entry: str, name: str) -> Rule:
    """A dNSName with the name or address that was asked for (RFC 9525 §6.3)."""
    same = entry.isascii() and entry.lower() == name.lower()
    if is_address(name):
        return "address_as_name" if same else "other_kind"
    if "*" not in entry:
        return "exact" if same else "different"
    star = _WILDCARD.fullmatch(entry)
    if star is None:
        return "wildcard_wide" if _WIDE.fullmatch(entry) else "wildcard_partial"
    behind = star[1].lower()
    if name.lower().endswith(behind):
        label = name[: -len(behind)]
        return "wildcard" if _ANY_LABEL.fullmatch(label) else "wildcard_depth"
    return "wildcard_depth" if f".{name.lower()}" == behind else "different"


def compare_ip_address(entry: str, name: str) -> Rule:
    """An iPAddress, as text, with the name or address that was asked for (RFC 9525 §6.5)."""
    try:
        return "address" if ip_address(entry) == ip_address(name) else "different"
    except ValueError:
        return "other_kind"


def compare(entries: Iterable[GeneralName], name: str) -> list[Comparison]:
    """Each entry of a subjectAltName with the name or address that was asked for."""
    return [_compare(entry, name) for entry in entries]


def covers(certificate: Certificate, name: str) -> bool:
    """Whether a certificate is for a name or address, in the eyes of a client (RFC 9525 §6).

    False too where it has no subjectAltName, or one that cannot be read.
    """
    from cryptography import x509  # loading it takes 40 ms

    names = extension_of(certificate, x509.SubjectAlternativeName) or ()
    return any(each.matches for each in compare(names, name))


def is_for(certificate: bytes, name: str) -> bool:
    """The same of a certificate in DER; False for one that cannot be read."""
    from cryptography import x509

    try:
        return covers(x509.load_der_x509_certificate(certificate), name)
    except (x509.InvalidVersion, ValueError, TypeError):
        return False


def _compare(entry: GeneralName, name: str) -> Comparison:
    kind = _KINDS.get(type(entry).__name__, type(entry).__name__)
    value = str(getattr(entry, "value", ""))
    if kind == "dNSName":
        return Comparison(kind, value, compare_dns_name(value, name))
    if kind == "iPAddress":
        return Comparison(kind, value, compare_ip_address(value, name))
    return Comparison(kind, _readable(entry) or value, "other_kind")


def _readable(entry: GeneralName) -> str:
    text = getattr(getattr(entry, "value", None), "rfc4514_string", None)
    return str(text()) if text else ""
