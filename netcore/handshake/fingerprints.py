"""JA3 and JA4: what a ClientHello gives away of the program that sent it.

JA3 is described in the README of github.com/salesforce/ja3 (BSD-3-Clause), JA4 in
technical_details/JA4.md of github.com/FoxIO-LLC/ja4; of the JA4 family the TLS client fingerprint,
the one made here, is under BSD-3-Clause too. Both leave out GREASE (RFC 8701), which is random.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from netcore.dissect.tls_extensions import (
    ALPN,
    EC_POINT_FORMATS,
    SERVER_NAME,
    SIGNATURE_ALGORITHMS,
    SUPPORTED_GROUPS,
    SUPPORTED_VERSIONS,
)
from netcore.field import Field, find, find_all
from netcore.registries.tls import GREASE

_VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3", 0x0002: "s2"}
_MOST = 99  # that two digits can count
_TRUNCATED = 12  # digits of a hash
_NOTHING = "0" * _TRUNCATED


class Part(NamedTuple):
    """A piece of a fingerprint and the field of the hello that it is read from."""

    text: str
    field: str  # its name in the tree: "cipher_suites"
    extension: int = -1  # the ExtensionType where it stands in one


class Fingerprint(NamedTuple):
    """A fingerprint and what it was made of."""

    value: str  # as it is looked up: the MD5 of JA3, the three parts of JA4
    text: str  # what was hashed, readable
    parts: tuple[Part, ...]  # that make up the text, in order


def ja3(hello: Field) -> Fingerprint:
    """The JA3 of a ClientHello: five lists of decimal numbers, and their MD5.

    In: the tree of a whole handshake message. What it lacks is an empty list.
    """
    version = find(hello, "legacy_version")
    parts = (
        Part(_decimal([version] if version else []), "legacy_version"),
        Part(_decimal(_suites(hello)), "cipher_suites"),
        Part(_decimal(_extension_types(hello)), "extensions"),
        Part(
            _decimal(_in(hello, SUPPORTED_GROUPS, "named_group")),
            "named_group_list",
            SUPPORTED_GROUPS,
        ),
        Part(
            _decimal(_in(hello, EC_POINT_FORMATS, "ec_point_format")),
            "ec_point_format_list",
            EC_POINT_FORMATS,
        ),
    )
    text = ",".join(part.text for part in parts)
    digest = hashlib.md5(text.encode("ascii"), usedforsecurity=False)
    return Fingerprint(digest.hexdigest(), text, parts)


def ja4(hello: Field, octets: bytes, *, is_quic: bool = False) -> Fingerprint:
    """The JA4 of a ClientHello: what it offers, and two truncated SHA-256.

    Args:
        hello: the tree of a whole handshake message.
        octets: those of the message.
        is_quic: whether it crossed in QUIC and not over TCP.
    """
    suites = sorted(_hexadecimal(_suites(hello)))
    types = _hexadecimal(_extension_types(hello))
    kept = sorted(_without_told(types))
    schemes = _hexadecimal(_in(hello, SIGNATURE_ALGORITHMS, "signature_scheme"))
    parts = (
        Part("q" if is_quic else "t", "client_hello"),
        Part(_version(hello), "versions", SUPPORTED_VERSIONS),
        Part("d" if _extension(hello, SERVER_NAME) else "i", "server_name_list", SERVER_NAME),
        Part(f"{min(len(suites), _MOST):02}", "cipher_suites"),
        Part(f"{min(len(types), _MOST):02}", "extensions"),
        Part(_alpn(hello, octets), "protocol_name_list", ALPN),
        Part(",".join(suites), "cipher_suites"),
        Part(",".join(kept), "extensions"),
        Part(",".join(schemes), "supported_signature_algorithms", SIGNATURE_ALGORITHMS),
    )
    first = "".join(part.text for part in parts[:6])
    second, third = parts[6].text, "_".join(part.text for part in parts[7:] if part.text)
    value = "_".join((first, _truncated(second), _truncated(third if kept else "")))
    return Fingerprint(value, "_".join((first, second, third)), parts)


def _without_told(types: Iterable[str]) -> Iterator[str]:
    """Extension types without those that JA4 tells in its first part."""
    told = (f"{SERVER_NAME:04x}", f"{ALPN:04x}")
    return (each for each in types if each not in told)


def _truncated(text: str) -> str:
    if not text:
        return _NOTHING
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:_TRUNCATED]


def _decimal(fields: Iterable[Field]) -> str:
    return "-".join(str(field.value) for field in fields)


def _hexadecimal(fields: Iterable[Field]) -> list[str]:
    return [f"{field.value:04x}" for field in fields]


def _suites(hello: Field) -> list[Field]:
    return _without_grease(find_all(hello, "cipher_suite"))


def _extension_types(hello: Field) -> list[Field]:
    return _without_grease(find_all(hello, "extension_type"))


def _in(hello: Field, number: int, name: str) -> list[Field]:
    """The fields of that name in one extension."""
    extension = _extension(hello, number)
    return _without_grease(find_all(extension, name)) if extension else []


def _extension(hello: Field, number: int) -> Field | None:
    for extension in find_all(hello, "extension"):
        kind = find(extension, "extension_type")
        if kind and kind.value == number:
            return extension
    return None


def _without_grease(fields: Iterable[Field]) -> list[Field]:
    return [field for field in fields if not field.label.startswith(GREASE)]


def _version(hello: Field) -> str:
    """The highest version of supported_versions, without it that of the hello."""
    offered = _in(hello, SUPPORTED_VERSIONS, "version")
    legacy = find(hello, "legacy_version")
    numbers = [field.value for field in offered or ([legacy] if legacy else [])]
    return _VERSIONS.get(max((n for n in numbers if isinstance(n, int)), default=0), "00")


def _alpn(hello: Field, octets: bytes) -> str:
    """The first and the last character of the first protocol, or of its hexadecimal digits."""
    extension = _extension(hello, ALPN)
    name = find(extension, "protocol_name") if extension else None
    first = octets[name.start // 8 : name.end // 8] if name else b""
    if not first:
        return "00"
    ends = first[:1] + first[-1:]
    if ends.isalnum():
        return ends.decode("ascii")
    return first.hex()[0] + first.hex()[-1]
