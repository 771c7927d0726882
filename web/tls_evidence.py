"""Evidence of what went wrong in TLS: the octets of the server that show it.

Theory of operation. What a failure is about has a name in the RFC: the description of an alert,
the length of a record, the notAfter of a certificate. It is looked for in what the server sent, in
the order in which it is most likely to be found: a certificate is where the chain began to arrive,
everything else is near the end. Of a certificate as much is shown as its tree has: the field, or
else the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from netcore.field import Field, find
from netcore.pdu import Pdu, octets_of
from netcore.pdus import Explanation
from netcore.trace import Called, Failed
from web.fieldtree import Path, paths

CERTIFICATE_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "tls.cert_expired": ("not_after",),
    "tls.cert_not_yet_valid": ("not_before",),
    "tls.hostname_mismatch": ("subject_alt_name", "subject"),
    "tls.self_signed": ("issuer",),
    "tls.unknown_ca": ("issuer",),
    "tls.incomplete_chain": ("information_access", "issuer"),
    "tls.weak_certificate": ("subject_public_key_info",),
    "tls.bad_certificate": (),
    "tls.chain": (),
}
"""Where a certificate shows what it was refused for: fields of its tree, the best one first."""

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "tls.alert": ("description",),
    "tls.version": ("description", "legacy_version"),
    "tls.no_shared_cipher": ("description", "cipher_suite"),
    "tls.weak_key_exchange": ("dh_p",),
    "tls.bad_alpn": ("protocol_name",),
    "tls.unsupported_alpn": ("protocol_name",),
    "tls.protocol": ("msg_type",),
    "tls.renegotiation": ("description",),
    "tls.flood": ("msg_type",),
}
"""Where anything else shows it: a field of the server's last unit that has one of these."""

_CERTIFICATE: Final = 11  # the msg_type
_HEADER: Final = 5  # octets of a record's header
_LAST_READS: Final = 3  # how far back what ended a connection may be
_PLACE: Final = re.compile(r"Certificate (\d+) of the chain")
_SIGNATURE: Final = "is signed"
_RULES: Final = (
    ("extendedKeyUsage", "ext_key_usage"),
    ("keyUsage", "key_usage"),
    ("pathLenConstraint", "basic_constraints"),
    ("authority", "basic_constraints"),
)
"""A word of the sentence about a chain, and the extension that it speaks of."""

Numbered = tuple[int, Called]


class Place(NamedTuple):
    """An event by its number, one of its units counted from 1 or 0, and the key of a field."""

    event: int
    unit: int = 0
    field: str = ""


class _Seen(NamedTuple):
    """A unit as an event shows it, with its fields' paths by their keys."""

    event: int
    unit: int
    pdu: Pdu
    paths: dict[str, Path]

    def at(self, wanted: Callable[[Path], bool]) -> Iterator[Place]:
        """Where it has what is wanted, the last one first."""
        for key, path in reversed(self.paths.items()):
            if wanted(path):
                yield Place(self.event, self.unit, key)


def tls_evidence(
    calls: Sequence[Numbered], failed: Failed, explanation: Explanation
) -> Place | None:
    """Where a failure of TLS is seen best; None leaves it to what tells of other failures.

    Args:
        calls: of the connection that failed, up to the failure, each with its event's number.
        failed: a failure whose code begins with "tls.".
        explanation: the units of the same events.
    """
    reads = [number for number, call in calls if call.call == "recv" and call.length]
    code = failed.code
    if code in CERTIFICATE_FIELDS:
        return _first(_in_certificate(_seen(reads, explanation), failed))
    if code == "tls.chain_too_long":
        return _first(_named(_seen(reads, explanation), "certificate_list"))
    if code == "tls.cert_too_large":
        return _first(_lengths_of_certificates(_seen(reads, explanation)))
    if code == "tls.not_tls":
        return _first(_beginning(_seen(reads, explanation)))
    if code == "tls.record_overflow":
        return _first(_record_lengths(_seen_last_first(reads, explanation)))
    if code in ("tls.truncated", "tls.timeout"):
        return _cut_record(_seen_last_first(reads[-1:], explanation))
    return _first(
        place
        for name in FIELDS.get(code, ())
        for place in _named(_seen_last_first(reads[-_LAST_READS:], explanation), name)
    )


def _first(places: Iterable[Place]) -> Place | None:
    return next(iter(places), None)


def _seen(numbers: Iterable[int], explanation: Explanation) -> Iterator[_Seen]:
    """The units of these events, in order."""
    for number in numbers:
        for unit, pdu in enumerate(explanation.of_event(number), start=1):
            yield _Seen(number, unit, pdu, paths(explanation.tree(pdu)))


def _seen_last_first(numbers: Sequence[int], explanation: Explanation) -> Iterator[_Seen]:
    for number in reversed(numbers):
        for unit, pdu in reversed(list(enumerate(explanation.of_event(number), start=1))):
            yield _Seen(number, unit, pdu, paths(explanation.tree(pdu)))


def _named(units: Iterable[_Seen], name: str) -> Iterator[Place]:
    for unit in units:
        yield from unit.at(lambda path: path[-1].name == name)


def _lengths_of_certificates(units: Iterable[_Seen]) -> Iterator[Place]:
    """The length in the header of a Certificate message, which is one of a handshake."""

    def wanted(path: Path) -> bool:
        if len(path) < 2 or path[-1].name != "length":
            return False
        beside = path[-2].children
        return any(each.name == "msg_type" and each.value == _CERTIFICATE for each in beside)

    for unit in units:
        yield from unit.at(wanted)


def _beginning(units: Iterable[_Seen]) -> Iterator[Place]:
    """The first line of what is no TLS: of HTTP its status line."""
    for unit in units:
        keys = list(unit.paths)
        yield Place(unit.event, unit.unit, keys[min(1, len(keys) - 1)])


def _record_lengths(units: Iterable[_Seen]) -> Iterator[Place]:
    for unit in units:
        yield from unit.at(_is_record_length)


def _is_record_length(path: Path) -> bool:
    return len(path) == 2 and path[0].name[:4] == "tls_" and path[1].name == "length"


def _cut_record(units: Iterable[_Seen]) -> Place | None:
    """The length of the last record, if less of it arrived."""
    last = next(iter(units), None)
    if last is None:
        return None
    for place in last.at(_is_record_length):
        length = last.paths[place.field][-1].value
        if isinstance(length, int) and _HEADER + length > last.pdu.size:
            return place
    return None


def _in_certificate(units: Iterable[_Seen], failed: Failed) -> Iterator[Place]:
    """The field that a certificate was refused for, in the certificate that has it."""
    for unit in units:
        sent = [(key, path[-1]) for key, path in unit.paths.items() if _is_certificate(path)]
        if not sent:
            continue
        key, guilty = _guilty(unit.pdu, sent, failed)
        inside = {k: path[-1] for k, path in unit.paths.items() if guilty in path}
        for name in _names(failed):
            yield from (
                Place(unit.event, unit.unit, k) for k, f in inside.items() if f.name == name
            )
        if failed.code == "tls.bad_certificate":
            yield from (Place(unit.event, unit.unit, k) for k, f in inside.items() if _is_bad(f))
        yield Place(unit.event, unit.unit, key)


def _is_certificate(path: Path) -> bool:
    return path[-1].name == "cert_data"


def _is_bad(field: Field) -> bool:
    return bool(field.error) and not field.children


def _names(failed: Failed) -> tuple[str, ...]:
    if failed.code == "tls.weak_certificate" and _SIGNATURE in failed.message:
        return ("signature_algorithm",)
    if failed.code == "tls.chain":
        return tuple(name for word, name in _RULES if word in failed.message)[:1]
    return CERTIFICATE_FIELDS[failed.code]


def _guilty(pdu: Pdu, sent: list[tuple[str, Field]], failed: Failed) -> tuple[str, Field]:
    """The certificate that a refusal is about: the server's own, unless it says another."""
    chain = _in_order(pdu, sent)
    if failed.code == "tls.unknown_ca":
        return chain[-1]
    place = _PLACE.match(failed.message)
    number = int(place[1]) if place else 1
    return chain[min(number, len(chain)) - 1]


def _in_order(pdu: Pdu, sent: list[tuple[str, Field]]) -> list[tuple[str, Field]]:
    """The certificates from the server's own upwards, each issued by the next.

    They should be sent so, and need not be. Where their fields are not there, they are taken to be.
    """
    chain, left = sent[:1], sent[1:]
    while left:
        issuer = find(chain[-1][1], "issuer")
        if issuer is None:
            return sent
        name = octets_of(pdu, issuer)
        above = next((one for one in left if _is_of(pdu, one[1], name)), None)
        if above is None:
            break
        chain.append(above)
        left.remove(above)
    return chain


def _is_of(pdu: Pdu, certificate: Field, name: bytes) -> bool:
    subject = find(certificate, "subject")
    return subject is not None and octets_of(pdu, subject) == name
