"""What a TLS client offers and whom it trusts: the settings of OpenSSL.

`tls_offer` holds what was asked for to what these settings can be.

Two sets of rules. From TLS 1.2 on OpenSSL keeps its own security level, 2 in most builds: keys and
signatures worth 112 bits. TLS 1.0 and 1.1 sign their handshake over MD5 and SHA-1, which only
level 0 lets pass, and that would let weak certificates pass too: `tls_strength` refuses those.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from netcore.errors import FetchError
from netcore.host import shown
from netcore.openssl_names import GROUPS, cipher_list

VERSIONS: Final = ("1.0", "1.1", "1.2", "1.3")
_PEM_OCTETS: Final = 1 << 20
_MODERN: Final = 2  # the first of VERSIONS that does not need it
_NUMBERS: Final = (
    ssl.TLSVersion.TLSv1,
    ssl.TLSVersion.TLSv1_1,
    ssl.TLSVersion.TLSv1_2,
    ssl.TLSVersion.TLSv1_3,
)
_HASHED: Final = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_PLACES: Final = ("/etc/ssl/certs", "/etc/pki/tls/certs")
_quiet: Final = threading.Lock()


def offered_versions(minimum: str, maximum: str) -> tuple[str, ...]:
    """The versions from one to the other, "1.0" to "1.3".

    Raises: FetchError tls.version if there is none between them, or no such version.
    """
    for each in (minimum, maximum):
        if each not in VERSIONS:
            known = ", ".join(VERSIONS)
            raise FetchError("tls.version", f"{each!r} is no version of TLS; there are {known}.")
    versions = VERSIONS[VERSIONS.index(minimum) : VERSIONS.index(maximum) + 1]
    if not versions:
        raise FetchError(
            "tls.version",
            f"At least TLS {minimum} and at most TLS {maximum} was asked for, which leaves no "
            "version to offer: lower the minimum or raise the maximum.",
        )
    return versions


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered beyond the versions: `Options` says what each member is."""

    alpn: tuple[str, ...] = ("h2", "http/1.1")
    ciphers: str = ""
    group: str = ""  # one of GROUPS
    sni: str | None = None
    cert: str = ""
    key: str = ""


DEFAULT: Final = Offer()


def client_context(
    versions: Sequence[str], offer: Offer, *, verify: bool, cacert: str
) -> ssl.SSLContext:
    """The settings of one connection.

    In: `versions` that are offered; `cacert`, a PEM file with the only anchors, "" for the
    system's.
    Raises: OSError if `cacert` cannot be used, FetchError tls.bad_option.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _set_versions(context, versions, offer.ciphers)
    context.hostname_checks_common_name = False
    context.options |= ssl.OP_NO_RENEGOTIATION
    if offer.alpn:
        context.set_alpn_protocols(list(offer.alpn))
    if offer.group:
        context.set_ecdh_curve(GROUPS[offer.group])
    if offer.cert:
        _load_identity(context, offer.cert, offer.key)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif cacert:
        # Each certificate of the file is an anchor, also one that is not a root, as with curl.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(cafile=cacert)
    else:
        _load_system_anchors(context)
    return context


def check_ciphers(ciphers: str) -> None:
    """Hold a list of cipher suites in OpenSSL's notation to what OpenSSL takes.

    Raises: FetchError tls.bad_option if it leaves no suite to offer.
    """
    _set_ciphers(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ciphers)


def check_identity(cert: str, key: str) -> None:
    """Hold the files of a client's certificate and its key, "" if that is in `cert`, to their use.

    Raises: FetchError tls.bad_option with what is wrong with them.
    """
    _load_identity(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), cert, key)


def _set_ciphers(context: ssl.SSLContext, ciphers: str, *, any_level: bool = False) -> None:
    try:
        context.set_ciphers(cipher_list(ciphers, any_level=any_level))
    except (ssl.SSLError, ValueError) as error:
        raise FetchError(
            "tls.bad_option",
            f"{shown(ciphers)!r} leaves no cipher suite to offer: the list is in OpenSSL's names, "
            "for TLS 1.2 and below. In TLS 1.3 the server picks from three that are always "
            "offered.",
        ) from error


def _load_identity(context: ssl.SSLContext, cert: str, key: str) -> None:
    key = key or cert
    certificates, keys = _pem(cert), _pem(key)
    try:
        context.load_cert_chain(cert, key, password=_refuse_password)
    except _PasswordNeeded as error:
        reason = f"The private key in {key} is encrypted: give one without a password."
        raise FetchError("tls.bad_option", reason) from error
    except (ssl.SSLError, OSError, ValueError) as error:
        said = str(getattr(error, "reason", None) or error).replace("_", " ").lower()
        reason = f"{cert} and {key} make no client certificate: OpenSSL says {said}."
        if said == "key values mismatch":
            reason = f"The private key in {key} is not that of the certificate in {cert}."
        elif b"-----BEGIN CERTIFICATE-----" not in certificates:
            reason = f"{cert} holds no certificate in PEM."
        elif b"PRIVATE KEY-----" not in keys:
            reason = f"{key} holds no private key in PEM."
        raise FetchError("tls.bad_option", reason) from error


def _pem(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_PEM_OCTETS)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FetchError("tls.bad_option", f"{path}: {why}.") from error


class _PasswordNeeded(Exception):
    """OpenSSL would ask for a password at the terminal."""


def _refuse_password() -> str:
    raise _PasswordNeeded


def _set_versions(context: ssl.SSLContext, versions: Sequence[str], ciphers: str) -> None:
    lowest, highest = VERSIONS.index(versions[0]), VERSIONS.index(versions[-1])
    if lowest >= _MODERN:
        _set_ciphers(context, ciphers)
        context.minimum_version, context.maximum_version = _NUMBERS[lowest], _NUMBERS[highest]
        return
    _set_ciphers(context, ciphers, any_level=True)
    # Python warns of old versions on each use; whoever asked for them is told by the trace.
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = _NUMBERS[lowest], _NUMBERS[highest]


def _load_system_anchors(context: ssl.SSLContext) -> None:
    """The system's trust anchors, from a hashed directory if possible.

    Such a directory is read one certificate at a time, when it is needed; a bundle of 144 is read
    whole, which takes about 35 ms. SSL_CERT_FILE and SSL_CERT_DIR replace the defaults, as with
    OpenSSL's own programs.
    """
    file, directory = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or directory:
        if directory and _is_hashed(directory) and _is_bundle_of(file, directory):
            file = None
        _load(context, file, directory)
        return
    defaults = ssl.get_default_verify_paths()
    places = (defaults.openssl_capath, *_PLACES)
    hashed = next((each for each in places if _is_hashed(each)), None)
    if hashed is not None:
        context.load_verify_locations(capath=hashed)
    else:
        context.set_default_verify_paths()


def _load(context: ssl.SSLContext, file: str | None, directory: str | None) -> None:
    try:
        context.load_verify_locations(cafile=file, capath=directory)
    except OSError:
        # OpenSSL passes over what is not there; the handshake then finds no anchor and says so.
        context.set_default_verify_paths()


def _is_bundle_of(file: str | None, directory: str) -> bool:
    """Whether the file is the bundle that Debian's update-ca-certificates makes of a directory."""
    return not file or Path(file) == Path(directory) / "ca-certificates.crt"


def _is_hashed(directory: str) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(_HASHED.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False
