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
