"""Numbers of the Domain Name System, by IANA (`dns.toml` names each registry)."""

from __future__ import annotations

from typing import Final

from netcore.registries.tables import read_numbers

_TABLES: Final = read_numbers("dns.toml")

CLASSES: Final = _TABLES["classes"]
OPCODES: Final = _TABLES["opcodes"]
RCODES: Final = _TABLES["rcodes"]
RESOURCE_RECORD_TYPES: Final = _TABLES["resource_record_types"]
EDNS_OPTIONS: Final = _TABLES["edns_options"]
EXTENDED_DNS_ERRORS: Final = _TABLES["extended_dns_errors"]
ADDRESS_FAMILIES: Final = _TABLES["address_families"]
SVC_PARAM_KEYS: Final = _TABLES["svc_param_keys"]
DNSSEC_ALGORITHMS: Final = _TABLES["dnssec_algorithms"]
DS_DIGEST_TYPES: Final = _TABLES["ds_digest_types"]
NSEC3_HASH_ALGORITHMS: Final = _TABLES["nsec3_hash_algorithms"]
TLSA_CERTIFICATE_USAGES: Final = _TABLES["tlsa_certificate_usages"]
TLSA_SELECTORS: Final = _TABLES["tlsa_selectors"]
TLSA_MATCHING_TYPES: Final = _TABLES["tlsa_matching_types"]
SSHFP_ALGORITHMS: Final = _TABLES["sshfp_algorithms"]
SSHFP_FINGERPRINT_TYPES: Final = _TABLES["sshfp_fingerprint_types"]
