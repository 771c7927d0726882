"""Numerals: how the number in a field is written. Only an amount has commas.

A token is there to be told from others, and a code stands in a registry: neither is ever counted.
Which of them a field holds is told by its name. Tokens are written as the octets show them, in hex;
codes, ports and the numbers of streams and packets as their RFCs have them, in plain decimal.
"""

from __future__ import annotations

from typing import Final

from netcore.field import Field

_TOKENS: Final = frozenset(
    {"id", "identification", "identifier", "flow_label", "checksum", "header_checksum"}
    | {"ticket_age_add", "obfuscated_ticket_age", "transport_parameter_id"}
    | {"cipher_suite", "named_group", "selected_group", "group", "signature_scheme"}
)
_CODES: Final = frozenset(
    {"id", "identifier", "port", "number", "tag", "serial", "type", "qtype", "code", "class"}
    | {"qclass", "covered", "key", "algorithm"}
)
"""Last words of the names of fields whose numbers are names."""


def numeral(field: Field) -> str:
    """The number of a field as an English text has it. In: a field whose value is an integer."""
    if _is_token(field):
        return f"0x{field.value:0{max(2, field.length // 4)}x}"
    return str(field.value) if _is_code(field) else f"{field.value:,}"


def _is_token(field: Field) -> bool:
    """Whether it is a value without an order, that its octets show best."""
    return field.name in _TOKENS or (field.name.endswith("version") and field.length in (16, 32))


def _is_code(field: Field) -> bool:
    return field.name.rpartition("_")[2] in _CODES
