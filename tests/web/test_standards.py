"""How a standard writes the name of a field."""

from __future__ import annotations

import pytest

from netcore.field import Field
from web.standards import REGISTRIES, name_in_standard
from web.words import field_tables


@pytest.mark.parametrize(
    ("family", "field", "is_varint", "name"),
    [
        ("tls_handshake", Field("legacy_version", 0, 16, 771), False, "uint16 legacy_version"),
        ("tls_handshake", Field("random", 0, 256), False, "opaque random[32]"),
        ("http2", Field("stream_identifier", 1, 31, 3), False, "Stream Identifier (31)"),
        ("quic_frame", Field("length", 0, 16, 600), True, "Length (i)"),
        ("http1", Field("chunk_size", 0, 8, 4), False, "chunk-size"),
        ("http1", Field("http_version", 0, 64, "HTTP/1.1"), False, "HTTP-version"),
        ("dns_message", Field("qtype", 0, 16, 1), False, "QTYPE"),
        ("x509", Field("serial_number", 0, 16, 1), False, ""),
    ],
)
def test_a_field_has_the_name_of_its_standard(
    family: str, field: Field, is_varint: bool, name: str
) -> None:
    assert name_in_standard(family, field, is_varint) == name


def test_each_registry_is_of_a_family_that_there_is() -> None:
    assert {family for family, _field in REGISTRIES} <= set(field_tables())
