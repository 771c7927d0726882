"""Messages of the TLS handshake protocol (RFC 8446 §4, RFC 5246 §7.4).

The layout of some messages depends on what the ServerHello chose, which the message itself does
not say: `read_handshake` reads them as TLS 1.2 with ECDHE, the others as their names say.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from netcore.dissect import tls_extensions
from netcore.dissect.tls_extensions import read_extensions
from netcore.dissect.tls_shares import read_public_point, read_server_share
from netcore.dissect.tls_signatures import read_digitally_signed, read_digitally_signed_tls11
from netcore.dissect.tls_vectors import read_list
from netcore.dissect.x509 import common_name
from netcore.dissect.x509 import read_certificate as read_certificate_data
from netcore.reader import Read, Reader
from netcore.registries import tls

SERVER_HELLO = 2
# RFC 8446 §4.1.3: SHA-256 of "HelloRetryRequest"
HELLO_RETRY_REQUEST_RANDOM = bytes.fromhex(
    "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
)
DOWNGRADE = {  # RFC 8446 §4.1.3: the last eight octets of a random
    b"DOWNGRD\x01": "ends in DOWNGRD 01: a TLS 1.3 server negotiating TLS 1.2",
    b"DOWNGRD\x00": "ends in DOWNGRD 00: a TLS 1.3 server negotiating TLS 1.1 or older",
}
NAMED_CURVE = 3


def read_handshake(r: Reader) -> None:
    """RFC 8446 §4; RFC 5246 §7.4."""
    _read_message(r, _TLS12)


def read_handshake_dhe(r: Reader) -> None:
    """RFC 5246 §7.4, after a cipher suite with DHE was chosen."""
    _read_message(r, _TLS12_DHE)


def read_handshake_rsa(r: Reader) -> None:
    """RFC 5246 §7.4, after a cipher suite with RSA key exchange was chosen."""
    _read_message(r, _TLS12_RSA)


def read_handshake_tls11(r: Reader) -> None:
    """RFC 4346 §7.4, after a cipher suite with ECDHE was chosen; TLS 1.0 alike."""
    _read_message(r, _TLS11)


def read_handshake_tls11_dhe(r: Reader) -> None:
    """RFC 4346 §7.4, after a cipher suite with DHE was chosen; TLS 1.0 alike."""
    _read_message(r, _TLS11_DHE)


def read_handshake_tls11_rsa(r: Reader) -> None:
    """RFC 4346 §7.4, after a cipher suite with RSA key exchange was chosen; TLS 1.0 alike."""
    _read_message(r, _TLS11_RSA)


def read_handshake_tls13(r: Reader) -> None:
    """RFC 8446 §4, after TLS 1.3 was chosen."""
    _read_message(r, _TLS13)


Messages = Mapping[int, tuple[str, Read]]
"""HandshakeType -> the section that defines the message, and its reader."""


def _read_message(r: Reader, messages: Messages) -> None:
    spec = "RFC 8446 §4"
    number = r.uint("msg_type", 8, tls.HANDSHAKE_TYPES, spec)
    length = r.uint("length", 24, spec=spec)
    if number not in messages:
        r.octets("msg_body", length, tls.HANDSHAKE_TYPES.get(number, ""), spec)
        return
    name = tls.HANDSHAKE_TYPES[number]
    section, read = messages[number]
    if number == SERVER_HELLO and r.peek(34)[2:] == HELLO_RETRY_REQUEST_RANDOM:
        name, section, read = "hello_retry_request", "RFC 8446 §4.1.4", read_hello_retry_request
    with r.block(name, length, section):
        read(r)


def read_nothing(r: Reader) -> None:
    """RFC 5246 §7.4.5: a message without a body."""


def read_client_hello(r: Reader) -> None:
    """RFC 8446 §4.1.2."""
    r.uint("legacy_version", 16, tls.PROTOCOL_VERSIONS)
    r.octets("random", 32)
    r.opaque("legacy_session_id", 8)
    read_list(r, "cipher_suites", 16, "cipher_suite", 16, tls.CIPHER_SUITES)
    methods = "legacy_compression_methods"
    read_list(r, methods, 8, "compression_method", 8, tls.COMPRESSION_METHODS)
    if r.remaining:
        read_extensions(r, tls_extensions.CLIENT_HELLO)


def read_server_hello(r: Reader) -> None:
    """RFC 8446 §4.1.3."""
    _read_server_hello(r, tls_extensions.SERVER_HELLO, DOWNGRADE.get(r.peek(34)[26:], ""))


def read_hello_retry_request(r: Reader) -> None:
    """RFC 8446 §4.1.4."""
    _read_server_hello(r, tls_extensions.HELLO_RETRY_REQUEST, "HelloRetryRequest")


def _read_server_hello(r: Reader, extensions: tls_extensions.Extensions, label: str) -> None:
    r.uint("legacy_version", 16, tls.PROTOCOL_VERSIONS)
    r.octets("random", 32, label)
    r.opaque("legacy_session_id_echo", 8)
    r.uint("cipher_suite", 16, tls.CIPHER_SUITES)
    r.uint("legacy_compression_method", 8, tls.COMPRESSION_METHODS)
    if r.remaining:
        read_extensions(r, extensions)


def read_encrypted_extensions(r: Reader) -> None:
    """RFC 8446 §4.3.1."""
    read_extensions(r, tls_extensions.ENCRYPTED_EXTENSIONS)


def read_certificate_tls12(r: Reader) -> None:
    """RFC 5246 §7.4.2."""
    with r.vector("certificate_list", 24):
        while r.remaining:
            _read_cert_data(r)


def read_certificate(r: Reader) -> None:
    """RFC 8446 §4.4.2."""
    r.opaque("certificate_request_context", 8)
    with r.vector("certificate_list", 24):
        while r.remaining:
            with r.group("certificate_entry"):
                _read_cert_data(r)
                read_extensions(r, tls_extensions.CERTIFICATE)


def _read_cert_data(r: Reader) -> None:
    length = r.uint("cert_data_length", 24)
    with r.block("cert_data", length, "RFC 5280 §4.1", common_name(r.peek(length))):
        read_certificate_data(r)


def read_compressed_certificate(r: Reader) -> None:
    """RFC 8879 §4."""
    r.uint("algorithm", 16, tls.CERTIFICATE_COMPRESSION_ALGORITHMS)
    r.uint("uncompressed_length", 24)
    r.opaque("compressed_certificate_message", 24)


def read_certificate_request_tls12(r: Reader) -> None:
    """RFC 5246 §7.4.4."""
    _read_certificate_types(r)
    tls_extensions.read_signature_algorithms(r)
    _read_certificate_authorities(r)


def read_certificate_request_tls11(r: Reader) -> None:
    """RFC 4346 §7.4.4."""
    _read_certificate_types(r)
    _read_certificate_authorities(r)


def _read_certificate_types(r: Reader) -> None:
    types = "certificate_types"
    read_list(r, types, 8, "certificate_type", 8, tls.CLIENT_CERTIFICATE_TYPES)


def _read_certificate_authorities(r: Reader) -> None:
    with r.vector("certificate_authorities", 16):
        tls_extensions.read_distinguished_names(r)


def read_certificate_request(r: Reader) -> None:
    """RFC 8446 §4.3.2."""
    r.opaque("certificate_request_context", 8)
    read_extensions(r, tls_extensions.CERTIFICATE_REQUEST)


def read_certificate_verify(r: Reader) -> None:
    """RFC 8446 §4.4.3."""
    read_digitally_signed(r)


def read_certificate_verify_tls11(r: Reader) -> None:
    """RFC 4346 §7.4.8."""
    read_digitally_signed_tls11(r)


def read_server_key_exchange_ecdhe(r: Reader) -> None:
    """RFC 8422 §5.4."""
    _read_ecdh_params(r)
    if r.remaining:  # nothing is signed with the anonymous cipher suites
        read_digitally_signed(r, "RFC 5246 §4.7")


def read_server_key_exchange_ecdhe_tls11(r: Reader) -> None:
    """RFC 8422 §5.4, signed as in RFC 4346 §4.7."""
    _read_ecdh_params(r)
    if r.remaining:
        read_digitally_signed_tls11(r)


def _read_ecdh_params(r: Reader) -> None:
    with r.group("server_ecdh_params"):
        if r.uint("curve_type", 8, tls.EC_CURVE_TYPES) != NAMED_CURVE:
            r.malformed("a curve that is described in the message cannot be read (RFC 8422 §5.4)")
        group = r.uint("named_curve", 16, tls.SUPPORTED_GROUPS)
        read_server_share(r, "public", 8, group)


def read_server_key_exchange_dhe(r: Reader) -> None:
    """RFC 5246 §7.4.3."""
    _read_dh_params(r)
    if r.remaining:
        read_digitally_signed(r, "RFC 5246 §4.7")


def read_server_key_exchange_dhe_tls11(r: Reader) -> None:
    """RFC 4346 §7.4.3."""
    _read_dh_params(r)
    if r.remaining:
        read_digitally_signed_tls11(r)


def _read_dh_params(r: Reader) -> None:
    with r.group("server_dh_params"):
        r.opaque("dh_p", 16)
        r.opaque("dh_g", 16)
        r.opaque("dh_ys", 16)


def read_client_key_exchange_ecdhe(r: Reader) -> None:
    """RFC 8422 §5.7."""
    read_public_point(r, "ecdh_yc", 8)


def read_client_key_exchange_dhe(r: Reader) -> None:
    """RFC 5246 §7.4.7.2."""
    r.opaque("dh_yc", 16)


def read_client_key_exchange_rsa(r: Reader) -> None:
    """RFC 5246 §7.4.7.1."""
    r.opaque("encrypted_pre_master_secret", 16)


def read_finished(r: Reader) -> None:
    """RFC 8446 §4.4.4."""
    r.rest("verify_data")


def read_new_session_ticket_tls12(r: Reader) -> None:
    """RFC 5077 §3.3."""
    r.uint("ticket_lifetime_hint", 32)
    r.opaque("ticket", 16)


def read_new_session_ticket(r: Reader) -> None:
    """RFC 8446 §4.6.1."""
    r.uint("ticket_lifetime", 32)
    r.uint("ticket_age_add", 32)
    r.opaque("ticket_nonce", 8)
    r.opaque("ticket", 16)
    read_extensions(r, tls_extensions.NEW_SESSION_TICKET)


def read_key_update(r: Reader) -> None:
    """RFC 8446 §4.6.3."""
    r.uint("request_update", 8, tls.KEY_UPDATE_REQUESTS)


_HELLOS: Messages = {
    1: ("RFC 8446 §4.1.2", read_client_hello),
    SERVER_HELLO: ("RFC 8446 §4.1.3", read_server_hello),
}

_TLS12: Messages = MappingProxyType(
    {
        **_HELLOS,
        0: ("RFC 5246 §7.4.1.1", read_nothing),
        4: ("RFC 5077 §3.3", read_new_session_ticket_tls12),
        8: ("RFC 8446 §4.3.1", read_encrypted_extensions),
        11: ("RFC 5246 §7.4.2", read_certificate_tls12),
        12: ("RFC 8422 §5.4", read_server_key_exchange_ecdhe),
        13: ("RFC 5246 §7.4.4", read_certificate_request_tls12),
        14: ("RFC 5246 §7.4.5", read_nothing),
        15: ("RFC 5246 §7.4.8", read_certificate_verify),
        16: ("RFC 8422 §5.7", read_client_key_exchange_ecdhe),
        20: ("RFC 5246 §7.4.9", read_finished),
        22: ("RFC 6066 §8", tls_extensions.read_certificate_status),
    }
)

_TLS12_DHE: Messages = MappingProxyType(
    {
        **_TLS12,
        12: ("RFC 5246 §7.4.3", read_server_key_exchange_dhe),
        16: ("RFC 5246 §7.4.7.2", read_client_key_exchange_dhe),
    }
)

_TLS12_RSA: Messages = MappingProxyType(
    {**_TLS12, 16: ("RFC 5246 §7.4.7.1", read_client_key_exchange_rsa)}
)

_OLDER = {
    13: ("RFC 4346 §7.4.4", read_certificate_request_tls11),
    15: ("RFC 4346 §7.4.8", read_certificate_verify_tls11),
}
_TLS11: Messages = MappingProxyType(
    {**_TLS12, **_OLDER, 12: ("RFC 8422 §5.4", read_server_key_exchange_ecdhe_tls11)}
)
_TLS11_DHE: Messages = MappingProxyType(
    {**_TLS12_DHE, **_OLDER, 12: ("RFC 4346 §7.4.3", read_server_key_exchange_dhe_tls11)}
)
_TLS11_RSA: Messages = MappingProxyType({**_TLS12_RSA, **_OLDER})

_TLS13: Messages = MappingProxyType(
    {
        **_HELLOS,
        4: ("RFC 8446 §4.6.1", read_new_session_ticket),
        5: ("RFC 8446 §4.5", read_nothing),
        8: ("RFC 8446 §4.3.1", read_encrypted_extensions),
        11: ("RFC 8446 §4.4.2", read_certificate),
        13: ("RFC 8446 §4.3.2", read_certificate_request),
        15: ("RFC 8446 §4.4.3", read_certificate_verify),
        20: ("RFC 8446 §4.4.4", read_finished),
        24: ("RFC 8446 §4.6.3", read_key_update),
        25: ("RFC 8879 §4", read_compressed_certificate),
    }
)
