"""Extensions of TLS handshake messages (RFC 8446 §4.2, RFC 6066 and others).

The same extension has another form in another message, so there is one table for each message,
as in the table of RFC 8446 §4.2. What no table knows, GREASE included, is one leaf,
`extension_data`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from netcore.dissect import ocsp
from netcore.dissect.der_identifiers import relative_oid
from netcore.dissect.quic_transport_parameters import read_transport_parameters
from netcore.dissect.sct import read_sct_list
from netcore.dissect.tls_shares import read_client_share, read_server_share
from netcore.dissect.tls_vectors import read_list
from netcore.dissect.x509_extensions import read_extensions as read_certificate_extensions
from netcore.dissect.x509_names import read_name
from netcore.reader import Read, Reader
from netcore.registries import tls

Extensions = Mapping[int, tuple[str, Read]]
"""ExtensionType -> the section that defines its form in one message, and its reader."""


def read_extensions(r: Reader, forms: Extensions) -> None:
    """RFC 8446 §4.2."""
    with r.vector("extensions", 16, "RFC 8446 §4.2"):
        while r.remaining:
            read_extension(r, forms)


def read_extension(r: Reader, forms: Extensions) -> None:
    """RFC 8446 §4.2."""
    with r.group("extension") as group:
        number = r.uint("extension_type", 16, tls.EXTENSION_TYPES)
        group.label = tls.EXTENSION_TYPES.get(number, "unassigned")
        length = r.uint("extension_data_length", 16)
        spec, read = forms.get(number, ("", read_opaque))
        if read is read_opaque:
            r.octets("extension_data", length, group.label, spec)
            return
        with r.block("extension_data", length, spec, group.label):
            read(r)


def read_opaque(r: Reader) -> None:
    """RFC 8446 §4.2: extension_data of a form that is not read here."""
    r.rest("extension_data")


def read_server_name_list(r: Reader) -> None:
    """RFC 6066 §3."""
    if not r.remaining:
        return  # the server's answer is empty
    with r.vector("server_name_list", 16):
        while r.remaining:
            with r.group("server_name"):
                name_type = r.uint("name_type", 8, {0: "host_name"})
                length = r.uint("host_name_length" if name_type == 0 else "name_length", 16)
                r.text("host_name" if name_type == 0 else "name", length)


def read_max_fragment_length(r: Reader) -> None:
    """RFC 6066 §4."""
    r.uint("max_fragment_length", 8, tls.MAX_FRAGMENT_LENGTHS)


def read_status_request(r: Reader) -> None:
    """RFC 6066 §8."""
    if not r.remaining:
        return  # the server's answer in TLS 1.2 is empty
    if r.uint("status_type", 8, tls.CERTIFICATE_STATUS_TYPES) != 1:
        r.rest("request")
        return
    with r.vector("responder_id_list", 16):
        while r.remaining:
            with r.vector("responder_id", 16):
                ocsp.read_responder_id(r)
    with r.vector("request_extensions", 16):
        if r.remaining:
            read_certificate_extensions(r, "extensions", "RFC 6960 §4.4")


def read_certificate_status(r: Reader) -> None:
    """RFC 6066 §8; RFC 8446 §4.4.2.1."""
    if r.uint("status_type", 8, tls.CERTIFICATE_STATUS_TYPES) != 1:
        r.rest("response")
        return
    with r.vector("ocsp_response", 24):
        ocsp.read_ocsp_response(r)


def read_supported_groups(r: Reader) -> None:
    """RFC 8446 §4.2.7."""
    read_list(r, "named_group_list", 16, "named_group", 16, tls.SUPPORTED_GROUPS)


def read_ec_point_formats(r: Reader) -> None:
    """RFC 8422 §5.1.2."""
    read_list(r, "ec_point_format_list", 8, "ec_point_format", 8, tls.EC_POINT_FORMATS)


def read_signature_algorithms(r: Reader) -> None:
    """RFC 8446 §4.2.3."""
    name = "supported_signature_algorithms"
    read_list(r, name, 16, "signature_scheme", 16, tls.SIGNATURE_SCHEMES)


def read_heartbeat(r: Reader) -> None:
    """RFC 6520 §2."""
    r.uint("mode", 8, tls.HEARTBEAT_MODES)


def read_alpn(r: Reader) -> None:
    """RFC 7301 §3.1."""
    _read_protocol_names(r, "protocol_name_list")


def read_application_settings(r: Reader) -> None:
    """draft-vvv-tls-alps-01 §4."""
    _read_protocol_names(r, "supported_protocols")


def _read_protocol_names(r: Reader, name: str) -> None:
    with r.vector(name, 16):
        while r.remaining:
            r.text("protocol_name", r.uint("protocol_name_length", 8))


def read_timestamps(r: Reader) -> None:
    """RFC 6962 §3.3."""
    if r.remaining:  # the client's question is empty
        read_sct_list(r)


def read_padding(r: Reader) -> None:
    """RFC 7685 §3."""
    r.rest("padding")


def read_compress_certificate(r: Reader) -> None:
    """RFC 8879 §3."""
    registry = tls.CERTIFICATE_COMPRESSION_ALGORITHMS
    read_list(r, "algorithms", 8, "algorithm", 16, registry)


def read_record_size_limit(r: Reader) -> None:
    """RFC 8449 §4."""
    r.uint("record_size_limit", 16)


def read_session_ticket(r: Reader) -> None:
    """RFC 5077 §3.2."""
    r.rest("ticket")


def read_offered_psks(r: Reader) -> None:
    """RFC 8446 §4.2.11."""
    with r.vector("identities", 16):
        while r.remaining:
            with r.group("psk_identity"):
                r.opaque("identity", 16)
                r.uint("obfuscated_ticket_age", 32)
    with r.vector("binders", 16):
        while r.remaining:
            r.opaque("psk_binder_entry", 8)


def read_selected_identity(r: Reader) -> None:
    """RFC 8446 §4.2.11."""
    r.uint("selected_identity", 16)


def read_max_early_data_size(r: Reader) -> None:
    """RFC 8446 §4.2.10."""
    r.uint("max_early_data_size", 32)


def read_supported_versions(r: Reader) -> None:
    """RFC 8446 §4.2.1."""
    read_list(r, "versions", 8, "version", 16, tls.PROTOCOL_VERSIONS)


def read_selected_version(r: Reader) -> None:
    """RFC 8446 §4.2.1."""
    r.uint("selected_version", 16, tls.PROTOCOL_VERSIONS)


def read_cookie(r: Reader) -> None:
    """RFC 8446 §4.2.2."""
    r.opaque("cookie", 16)


def read_psk_key_exchange_modes(r: Reader) -> None:
    """RFC 8446 §4.2.9."""
    read_list(r, "ke_modes", 8, "ke_mode", 8, tls.PSK_KEY_EXCHANGE_MODES)


def read_certificate_authorities(r: Reader) -> None:
    """RFC 8446 §4.2.4."""
    with r.vector("authorities", 16):
        read_distinguished_names(r)


def read_distinguished_names(r: Reader) -> None:
    """RFC 8446 §4.2.4, RFC 5246 §7.4.4."""
    while r.remaining:
        with r.vector("distinguished_name", 16):
            read_name(r, "name")


def read_trust_anchors(r: Reader) -> None:
    """draft-ietf-tls-trust-anchor-ids-04: ends of object identifiers below 1.3.6.1.4.1."""
    with r.vector("trust_anchor_id_list", 16):
        while r.remaining:
            length = r.uint("trust_anchor_id_length", 8)
            r.octets("trust_anchor_id", length, relative_oid(r.peek(length)))


def read_client_shares(r: Reader) -> None:
    """RFC 8446 §4.2.8."""
    with r.vector("client_shares", 16):
        while r.remaining:
            _read_key_share_entry(r, read_client_share)


def read_server_key_share(r: Reader) -> None:
    """RFC 8446 §4.2.8."""
    _read_key_share_entry(r, read_server_share)


def _read_key_share_entry(r: Reader, read: Callable[[Reader, str, int, int], None]) -> None:
    with r.group("key_share_entry") as entry:
        group = r.uint("group", 16, tls.SUPPORTED_GROUPS)
        entry.label = tls.SUPPORTED_GROUPS.get(group, "unassigned")
        read(r, "key_exchange", 16, group)


def read_selected_group(r: Reader) -> None:
    """RFC 8446 §4.2.8."""
    r.uint("selected_group", 16, tls.SUPPORTED_GROUPS)


def read_renegotiation_info(r: Reader) -> None:
    """RFC 5746 §3.2."""
    r.opaque("renegotiated_connection", 8)


def read_ech_client_hello(r: Reader) -> None:
    """RFC 9849 §5."""
    if r.uint("ech_client_hello_type", 8, {0: "outer", 1: "inner"}) != 0:
        return
    r.uint("kdf_id", 16, tls.HPKE_KDFS)
    r.uint("aead_id", 16, tls.HPKE_AEADS)
    r.uint("config_id", 8)
    r.opaque("enc", 16)
    r.opaque("payload", 16)


def read_ech_confirmation(r: Reader) -> None:
    """RFC 9849 §5."""
    r.octets("confirmation", 8)


def read_retry_configs(r: Reader) -> None:
    """RFC 9849 §5."""
    r.opaque("retry_configs", 16)


def read_quic_transport_parameters(r: Reader) -> None:
    """RFC 9001 §8.2."""
    with r.group("quic_transport_parameters", "RFC 9000 §18"):
        read_transport_parameters(r)


def read_nothing(r: Reader) -> None:
    """RFC 8446 §4.2: an extension without data; its presence is what it says."""


SERVER_NAME, SUPPORTED_GROUPS, EC_POINT_FORMATS, SIGNATURE_ALGORITHMS = 0, 10, 11, 13
ALPN, SUPPORTED_VERSIONS = 16, 43
"""Numbers of extensions that others ask for too."""

_SERVER_NAME = ("RFC 6066 §3", read_server_name_list)
_MAX_FRAGMENT_LENGTH = ("RFC 6066 §4", read_max_fragment_length)
_SUPPORTED_GROUPS = ("RFC 8446 §4.2.7", read_supported_groups)
_EC_POINT_FORMATS = ("RFC 8422 §5.1.2", read_ec_point_formats)
_SIGNATURE_ALGORITHMS = ("RFC 8446 §4.2.3", read_signature_algorithms)
_STATUS_REQUEST = ("RFC 6066 §8", read_status_request)
_HEARTBEAT = ("RFC 6520 §2", read_heartbeat)
_ALPN = ("RFC 7301 §3.1", read_alpn)
_SCT = ("RFC 6962 §3.3", read_timestamps)
_ENCRYPT_THEN_MAC = ("RFC 7366 §2", read_nothing)
_EXTENDED_MASTER_SECRET = ("RFC 7627 §5.1", read_nothing)
_COMPRESS_CERTIFICATE = ("RFC 8879 §3", read_compress_certificate)
_RECORD_SIZE_LIMIT = ("RFC 8449 §4", read_record_size_limit)
_SESSION_TICKET = ("RFC 5077 §3.2", read_session_ticket)
_EARLY_DATA = ("RFC 8446 §4.2.10", read_nothing)
_COOKIE = ("RFC 8446 §4.2.2", read_cookie)
_AUTHORITIES = ("RFC 8446 §4.2.4", read_certificate_authorities)
_SELECTED_VERSION = ("RFC 8446 §4.2.1", read_selected_version)
_ALPS = ("draft-vvv-tls-alps-01 §4", read_application_settings)
_RENEGOTIATION_INFO = ("RFC 5746 §3.2", read_renegotiation_info)
_TRANSPORT_PARAMETERS = ("RFC 9001 §8.2", read_quic_transport_parameters)

CLIENT_HELLO: Extensions = {
    0: _SERVER_NAME,
    1: _MAX_FRAGMENT_LENGTH,
    5: _STATUS_REQUEST,
    10: _SUPPORTED_GROUPS,
    11: _EC_POINT_FORMATS,
    13: _SIGNATURE_ALGORITHMS,
    15: _HEARTBEAT,
    16: _ALPN,
    18: _SCT,
    21: ("RFC 7685 §3", read_padding),
    22: _ENCRYPT_THEN_MAC,
    23: _EXTENDED_MASTER_SECRET,
    27: _COMPRESS_CERTIFICATE,
    28: _RECORD_SIZE_LIMIT,
    34: ("RFC 9345 §4.1.1", read_signature_algorithms),
    35: _SESSION_TICKET,
    41: ("RFC 8446 §4.2.11", read_offered_psks),
    42: _EARLY_DATA,
    43: ("RFC 8446 §4.2.1", read_supported_versions),
    44: _COOKIE,
    45: ("RFC 8446 §4.2.9", read_psk_key_exchange_modes),
    47: _AUTHORITIES,
    49: ("RFC 8446 §4.2.6", read_nothing),
    50: _SIGNATURE_ALGORITHMS,
    51: ("RFC 8446 §4.2.8", read_client_shares),
    57: _TRANSPORT_PARAMETERS,
    17513: _ALPS,
    17613: _ALPS,
    51764: ("draft-ietf-tls-trust-anchor-ids-04", read_trust_anchors),
    65037: ("RFC 9849 §5", read_ech_client_hello),
    65281: _RENEGOTIATION_INFO,
}

SERVER_HELLO: Extensions = {
    0: _SERVER_NAME,
    1: _MAX_FRAGMENT_LENGTH,
    5: _STATUS_REQUEST,
    11: _EC_POINT_FORMATS,
    15: _HEARTBEAT,
    16: _ALPN,
    18: _SCT,
    22: _ENCRYPT_THEN_MAC,
    23: _EXTENDED_MASTER_SECRET,
    28: _RECORD_SIZE_LIMIT,
    35: _SESSION_TICKET,
    41: ("RFC 8446 §4.2.11", read_selected_identity),
    43: _SELECTED_VERSION,
    51: ("RFC 8446 §4.2.8", read_server_key_share),
    65281: _RENEGOTIATION_INFO,
}

HELLO_RETRY_REQUEST: Extensions = {
    43: _SELECTED_VERSION,
    44: _COOKIE,
    51: ("RFC 8446 §4.2.8", read_selected_group),
    65037: ("RFC 9849 §5", read_ech_confirmation),
}

ENCRYPTED_EXTENSIONS: Extensions = {
    0: _SERVER_NAME,
    1: _MAX_FRAGMENT_LENGTH,
    10: _SUPPORTED_GROUPS,
    15: _HEARTBEAT,
    16: _ALPN,
    28: _RECORD_SIZE_LIMIT,
    42: _EARLY_DATA,
    57: _TRANSPORT_PARAMETERS,
    65037: ("RFC 9849 §5", read_retry_configs),
}

CERTIFICATE: Extensions = {
    5: ("RFC 8446 §4.4.2.1", read_certificate_status),
    18: _SCT,
}

CERTIFICATE_REQUEST: Extensions = {
    5: _STATUS_REQUEST,
    13: _SIGNATURE_ALGORITHMS,
    18: _SCT,
    27: _COMPRESS_CERTIFICATE,
    47: _AUTHORITIES,
    50: _SIGNATURE_ALGORITHMS,
}

NEW_SESSION_TICKET: Extensions = {42: ("RFC 8446 §4.2.10", read_max_early_data_size)}
