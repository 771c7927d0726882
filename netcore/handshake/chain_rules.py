"""What is wrong with each certificate of a chain, by the rules that clients refuse by.

Theory of operation. The fetch has OpenSSL's verdict, which names the first thing that is wrong.
Here each certificate is held to the same rules by itself, so that all that is wrong is told, and
where. A fault has the code that a refusal for it has; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address, ip_network
from types import MappingProxyType
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from netcore.handshake.certificates import NAMES, Certificate
from netcore.protocols.certificate_names import compare
from netcore.protocols.tls_refusal import extension_of
from netcore.protocols.tls_strength import weakness_of

Value = int | str


class Fault(NamedTuple):
    """Something for which a client refuses the chain."""

    kind: str  # which rule: "expired", "name"
    code: str  # of the refusal: "tls.cert_expired"; "" for what is no reason to refuse
    facts: Mapping[str, Value] = MappingProxyType({})  # what a text about it may name


# Server-gated cryptography, by Microsoft and Netscape: OpenSSL takes them for serverAuth.
_SERVER: Final = (
    ExtendedKeyUsageOID.SERVER_AUTH,
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),
    x509.ObjectIdentifier("2.16.840.1.113730.4.1"),
)
_UNDERSTOOD: Final = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        *map(
            x509.ObjectIdentifier,
            (
                "2.16.840.1.113730.1.1",  # Netscape's certificate type
                "1.3.6.1.5.5.7.1.14",  # proxyCertInfo
                "1.3.6.1.5.5.7.1.7",  # RFC 3779: addresses
                "1.3.6.1.5.5.7.1.8",  # RFC 3779: autonomous systems
            ),
        ),
    }
)
_VERSION_1: Final = x509.Version.v1


def faults_of(
    chain: Sequence[Certificate], place: int, *, anchored: bool, name: str, at: datetime
) -> list[Fault]:
    """What is wrong with one certificate of a chain.

    In: the chain from the server's own upwards; which of them; whether the last one is a trust
    anchor; the name or address that was asked for; the moment of the fetch.
    """
    own = chain[place]
    if own.parsed is None:
        return [Fault("unreadable", "tls.bad_certificate")]
    faults = list(_common(own, at, is_anchor=anchored and place == len(chain) - 1))
    if place == 0:
        faults += _of_a_server(own, name)
        faults += _out_of_bounds(chain, own.parsed)
    elif not own.error:
        faults += _of_an_authority(chain, place)
    return faults


def _common(own: Certificate, at: datetime, *, is_anchor: bool) -> Iterator[Fault]:
    if own.error:
        yield Fault("unreadable", "tls.bad_certificate")
    if own.not_after is not None and own.not_after < at:
        yield Fault("expired", "tls.cert_expired")
    if own.not_before is not None and own.not_before > at:
        yield Fault("not_yet_valid", "tls.cert_not_yet_valid")
    weak = weakness_of(own.der, is_anchor=is_anchor)
    if weak:
        yield Fault("weak", "tls.weak_certificate", {"why": f"It {weak}."})
    unknown = next(_not_understood(own), "")
    if unknown:
        yield Fault("critical", "tls.chain", {"extension": unknown})
    usage = extension_of(own.parsed, x509.ExtendedKeyUsage)
    if usage is not None and not any(each in usage for each in _SERVER):
        listed = ", ".join(getattr(each, "_name", each.dotted_string) for each in usage)
        yield Fault("purpose", "tls.chain", {"purposes": listed})


def _not_understood(own: Certificate) -> Iterator[str]:
    if own.parsed is None or own.error:
        return
    for each in own.parsed.extensions:
        if each.critical and each.oid not in _UNDERSTOOD:
            yield each.oid.dotted_string


def _of_a_server(own: Certificate, name: str) -> Iterator[Fault]:
    named = name and not own.error  # else the names may be among what cannot be read
    if named and not any(each.matches for each in compare(_all_names(own), name)):
        yield Fault("name", "tls.hostname_mismatch", {"names": len(own.names or ())})
    usage = extension_of(own.parsed, x509.KeyUsage)
    if usage is not None and not (
        usage.digital_signature or usage.key_encipherment or usage.key_agreement
    ):
        yield Fault("key_usage", "tls.chain")


def _all_names(own: Certificate) -> Sequence[x509.GeneralName]:
    """Every entry of the subjectAltName, those too that are not shown."""
    found = extension_of(own.parsed, x509.SubjectAlternativeName) if own.more_names else own.names
    return list(found or ())


def _of_an_authority(chain: Sequence[Certificate], place: int) -> Iterator[Fault]:
    own, below = chain[place], chain[1:place]
    constraints = extension_of(own.parsed, x509.BasicConstraints)
    usage = extension_of(own.parsed, x509.KeyUsage)
    is_last = place == len(chain) - 1
    if not (constraints.ca if constraints is not None else is_last and _may_sign(own, usage)):
        yield Fault("not_authority", "tls.chain")
    elif usage is not None and not usage.key_cert_sign:
        yield Fault("no_cert_sign", "tls.chain")
    between = sum(not each.is_self_issued for each in below)
    limit = constraints.path_length if constraints is not None else None
    if limit is not None and between > limit:
        yield Fault("path_length", "tls.chain", {"limit": limit, "between": between})


def _may_sign(own: Certificate, usage: x509.KeyUsage | None) -> bool:
    """As OpenSSL has it for the top of a chain without basicConstraints.

    There keyCertSign will do, or a root of version 1.
    """
    if usage is not None:
        return usage.key_cert_sign
    return own.parsed is not None and own.parsed.version is _VERSION_1 and own.is_self_issued


def _out_of_bounds(chain: Sequence[Certificate], leaf: x509.Certificate) -> Iterator[Fault]:
    """Names that an authority above may not issue for (RFC 5280 §4.2.1.10)."""
    names = list(extension_of(leaf, x509.SubjectAlternativeName) or ())[:NAMES]
    for authority in chain[1:]:
        limits = extension_of(authority.parsed, x509.NameConstraints)
        if limits is None:
            continue
        for name in names:
            permitted = [each for each in _few(limits.permitted_subtrees) if _alike(each, name)]
            allowed = not permitted or any(_is_within(each, name) for each in permitted)
            excluded = any(_is_within(each, name) for each in _few(limits.excluded_subtrees))
            if excluded or not allowed:
                facts = {"forbidden": str(name.value), "authority": authority.title}
                yield Fault("constrained", "tls.chain", facts)
                return


def _few(subtrees: Sequence[x509.GeneralName] | None) -> Sequence[x509.GeneralName]:
    """Each is compared with each name, so a hostile authority must not choose how many."""
    return list(subtrees or ())[:NAMES]


def _alike(limit: x509.GeneralName, name: x509.GeneralName) -> bool:
    return type(limit) is type(name) and isinstance(name, x509.DNSName | x509.IPAddress)


def _is_within(limit: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(limit, x509.DNSName) and isinstance(name, x509.DNSName):
        host, domain = name.value.lower(), limit.value.lower()
        return not domain or host == domain or host.endswith("." + domain.removeprefix("."))
    if isinstance(limit, x509.IPAddress) and isinstance(name, x509.IPAddress):
        try:
            return ip_address(str(name.value)) in ip_network(str(limit.value))
        except (ValueError, TypeError):
            return False
    return False
