"""Numbers of Transport Layer Security, by IANA (the files name each registry).

The values that RFC 8701 reserves for GREASE are called that here: the registries list them as
"Reserved", which is true of many others too.
"""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_numbers, read_rows

_TABLES: Final = read_numbers("tls.toml")

GREASE: Final = "GREASE"
_GREASE_16: Final = dict.fromkeys(range(0x0A0A, 0x10000, 0x1010), GREASE)
_GREASE_PSK: Final = dict.fromkeys(range(0x0B, 0x100, 0x1F), GREASE)

CIPHER_SUITES: Final = _GREASE_16 | {
    int(value, 16): description for value, description in read_rows("tls_cipher_suites.csv")
}
EXTENSION_TYPES: Final = (
    _GREASE_16 | _TABLES["unregistered_extension_types"] | _TABLES["extension_types"]
)
SUPPORTED_GROUPS: Final = _GREASE_16 | _TABLES["supported_groups"]
SIGNATURE_SCHEMES: Final = (
    _GREASE_16
    # TLS 1.2 has pairs, and names such as these for those that TLS 1.3 gave no name.
    | {
        number << 8 | second: f"{first_name} with {second_name}"
        for number, first_name in _TABLES["hash_algorithms"].items()
        for second, second_name in _TABLES["signature_algorithms"].items()
    }
    | _TABLES["signature_schemes"]
)
PROTOCOL_VERSIONS: Final = _GREASE_16 | {
    0x0300: "SSL 3.0",
    0x0301: "TLS 1.0",
    0x0302: "TLS 1.1",
    0x0303: "TLS 1.2",
    0x0304: "TLS 1.3",
}
PSK_KEY_EXCHANGE_MODES: Final = _GREASE_PSK | _TABLES["psk_key_exchange_modes"]

CONTENT_TYPES: Final = _TABLES["content_types"]
HANDSHAKE_TYPES: Final = _TABLES["handshake_types"]
ALERT_LEVELS: Final = _TABLES["alert_levels"]
ALERTS: Final = _TABLES["alerts"]
EC_POINT_FORMATS: Final = _TABLES["ec_point_formats"]
EC_CURVE_TYPES: Final = _TABLES["ec_curve_types"]
CLIENT_CERTIFICATE_TYPES: Final = _TABLES["client_certificate_types"]
COMPRESSION_METHODS: Final = _TABLES["compression_methods"]
CERTIFICATE_COMPRESSION_ALGORITHMS: Final = _TABLES["certificate_compression_algorithms"]
CERTIFICATE_STATUS_TYPES: Final = _TABLES["certificate_status_types"]
KEY_UPDATE_REQUESTS: Final = _TABLES["key_update_requests"]
HEARTBEAT_MODES: Final = _TABLES["heartbeat_modes"]
MAX_FRAGMENT_LENGTHS: Final = _TABLES["max_fragment_lengths"]
HPKE_KDFS: Final = _TABLES["hpke_kdfs"]
HPKE_AEADS: Final = _TABLES["hpke_aeads"]
