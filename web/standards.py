"""Standards: titles of RFCs, IANA's registries, and how a standard writes the name of a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from netcore.field import Field

TITLES: Final[Mapping[str, str]] = {
    "768": "User Datagram Protocol",
    "791": "Internet Protocol",
    "792": "Internet Control Message Protocol",
    "1035": "Domain Names: Implementation and Specification",
    "3596": "DNS Extensions to Support IP Version 6",
    "5246": "TLS 1.2",
    "5280": "Internet X.509 Public Key Infrastructure Certificate and CRL Profile",
    "6066": "TLS Extensions: Extension Definitions",
    "6455": "The WebSocket Protocol",
    "6891": "Extension Mechanisms for DNS (EDNS(0))",
    "6960": "Online Certificate Status Protocol (OCSP)",
    "6962": "Certificate Transparency",
    "7301": "TLS Application-Layer Protocol Negotiation Extension",
    "7541": "HPACK: Header Compression for HTTP/2",
    "8200": "Internet Protocol, Version 6 (IPv6) Specification",
    "8446": "TLS 1.3",
    "9000": "QUIC: A UDP-Based Multiplexed and Secure Transport",
    "9001": "Using TLS to Secure QUIC",
    "9110": "HTTP Semantics",
    "9112": "HTTP/1.1",
    "9113": "HTTP/2",
    "9114": "HTTP/3",
    "9204": "QPACK: Field Compression for HTTP/3",
    "9293": "Transmission Control Protocol (TCP)",
    "9460": "SVCB and HTTPS Resource Records",
}
"""By number, of the RFCs that the dissectors name most."""

_TLS: Final = "https://www.iana.org/assignments/tls-parameters/tls-parameters.xhtml"
_EXTENSIONS: Final = (
    "https://www.iana.org/assignments/tls-extensiontype-values/tls-extensiontype-values.xhtml"
)
_DNS: Final = "https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml"
_HTTP2: Final = "https://www.iana.org/assignments/http2-parameters/http2-parameters.xhtml"
_QUIC: Final = "https://www.iana.org/assignments/quic/quic.xhtml"
_STATUS: Final = "https://www.iana.org/assignments/http-status-codes/http-status-codes.xhtml"
_FIELDS: Final = "https://www.iana.org/assignments/http-fields/http-fields.xhtml"
_WEBSOCKET: Final = "https://www.iana.org/assignments/websocket/websocket.xhtml"

REGISTRIES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("tls_record", "type"): ("TLS ContentType", _TLS),
    ("tls_handshake", "msg_type"): ("TLS HandshakeType", _TLS),
    ("tls_handshake", "cipher_suite"): ("TLS Cipher Suites", _TLS),
    ("tls_handshake", "named_group"): ("TLS Supported Groups", _TLS),
    ("tls_handshake", "group"): ("TLS Supported Groups", _TLS),
    ("tls_handshake", "signature_scheme"): ("TLS SignatureScheme", _TLS),
    ("tls_handshake", "algorithm"): ("TLS SignatureScheme", _TLS),
    ("tls_handshake", "extension_type"): ("TLS ExtensionType Values", _EXTENSIONS),
    ("tls_alert", "description"): ("TLS Alerts", _TLS),
    ("dns_message", "type"): ("Resource Record (RR) TYPEs", _DNS),
    ("dns_message", "qtype"): ("Resource Record (RR) TYPEs", _DNS),
    ("dns_message", "class"): ("DNS CLASSes", _DNS),
    ("dns_message", "qclass"): ("DNS CLASSes", _DNS),
    ("dns_message", "opcode"): ("DNS OpCodes", _DNS),
    ("dns_message", "rcode"): ("DNS RCODEs", _DNS),
    ("http1", "status_code"): ("HTTP Status Codes", _STATUS),
    ("http1", "field_name"): ("HTTP Field Name Registry", _FIELDS),
    ("http2", "type"): ("HTTP/2 Frame Type", _HTTP2),
    ("http2", "identifier"): ("HTTP/2 Settings", _HTTP2),
    ("http2", "error_code"): ("HTTP/2 Error Code", _HTTP2),
    ("quic_frame", "type"): ("QUIC Frame Types", _QUIC),
    ("quic_frame", "error_code"): ("QUIC Transport Error Codes", _QUIC),
    ("websocket", "opcode"): ("WebSocket Opcode", _WEBSOCKET),
    ("websocket", "status_code"): ("WebSocket Close Code Number", _WEBSOCKET),
}
"""By family and field: the registry that the label comes from, and its page."""

_ABNF: Final = [
    "request_line",
    "method",
    "request_target",
    "status_line",
    "status_code",
    "reason_phrase",
    "field_line",
    "field_name",
    "field_value",
    "chunk_size",
    "chunk_ext",
    "chunk_data",
    "trailer_section",
]
_ABNF_OTHER: Final = {"sp": "SP", "crlf": "CRLF", "ows": "OWS", "http_version": "HTTP-version"}
_DNS_NAMES: Final = [
    "id",
    "opcode",
    "qr",
    "aa",
    "tc",
    "rd",
    "ra",
    "z",
    "rcode",
    "qdcount",
    "ancount",
    "nscount",
    "arcount",
    "qname",
    "qtype",
    "qclass",
    "name",
    "type",
    "class",
    "ttl",
    "rdlength",
    "rdata",
]
_INITIALS: Final = ("id", "ack", "r")
_DRAWN: Final = ("quic", "http2", "http3", "hpack", "qpack")  # families with RFC 9000 §1.3's way


def name_in_standard(family: str, field: Field, is_varint: bool) -> str:
    """How the standard writes a field: "uint16 legacy_version", "Length (24)", "chunk-size".

    In: whether the value is an integer of variable length. Out: "" where that is not known.
    """
    if family == "http1":
        return _ABNF_OTHER.get(field.name) or _abnf(field.name)
    if family == "dns_message":
        return field.name.upper() if field.name in _DNS_NAMES else ""
    if family.startswith("tls"):
        return _presentation(field)
    if family.startswith(_DRAWN) and not field.children:
        length = "i" if is_varint and not field.length % 8 else _length(field)
        return f"{_titled(field.name)} ({length})"
    return ""


def _abnf(name: str) -> str:
    return name.replace("_", "-") if name in _ABNF else ""


def _presentation(field: Field) -> str:
    """RFC 8446 §3."""
    if field.children or field.length % 8 or not field.length:
        return ""
    if isinstance(field.value, int) and not isinstance(field.value, bool):
        return f"uint{field.length} {field.name}"
    return f"opaque {field.name}[{field.length // 8}]" if field.value is None else ""


def _length(field: Field) -> str:
    return str(field.length) if field.value is not None and field.length <= 64 else ".."


def _titled(name: str) -> str:
    words = name.split("_")
    return " ".join(word.upper() if word in _INITIALS else word.title() for word in words)
