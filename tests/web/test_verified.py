"""Each predicate says yes where a rule is kept, no where it is broken, else nothing."""

from __future__ import annotations

import pytest

from netcore.field import Field
from web.verified import CHECKS


def part(name: str, value: int | str | None, at: int = 0, error: str = "") -> Field:
    return Field(name, at, 16, value, error=error)


def whole(*parts: Field, name: str = "unit") -> Field:
    return Field(name, 0, 16 * len(parts), children=parts)


def names(*values: str, name: str = "http1_request_head") -> Field:
    return whole(
        part("http_version", "HTTP/1.1"), *(part("field_name", each) for each in values), name=name
    )


HELLO = whole(part("extension_type", 0), part("extension_type", 41), name="client_hello")
LATE = whole(part("extension_type", 41), part("extension_type", 0), name="client_hello")
SHARES = whole(part("group", 29), part("group", 23))
OFFER = whole(part("named_group", 29), part("named_group", 23), SHARES)
OTHER = whole(part("named_group", 23), part("named_group", 29), SHARES)

INNER = Field("signature", 0, 16)
SIGNED = Field("tbs_certificate", 0, 16, children=(INNER,))
SAME, ALSO = Field("signature_algorithm", 16, 16), Field("signature_algorithm", 32, 16)
CERTIFICATE = Field("x509_certificate", 0, 48, children=(SIGNED, SAME, ALSO))
OCTETS = b"ababcd"

SAID = [
    ("same_algorithm", (CERTIFICATE, SAME), True),
    ("same_algorithm", (CERTIFICATE, ALSO), False),
    ("same_algorithm", (SAME,), None),
    ("date_form", (part("not_after", "261128120000Z"),), True),
    ("date_form", (part("not_after", "20510101000000Z"),), True),
    ("date_form", (part("not_after", "20261128120000Z"),), False),
    ("date_form", (part("not_after", "2611281200+0100"),), False),
    ("distinct_extensions", (whole(part("extn_id", "2.5.29.15")),), True),
    ("distinct_extensions", (whole(part("extn_id", "1.2"), part("extn_id", "1.2")),), False),
    ("sound", (whole(part("a", 1)),), True),
    ("sound", (whole(part("a", 1, error="x.y: wrong")),), False),
    ("decimal", (part("v", "120"),), True),
    ("decimal", (part("v", "+120"),), False),
    ("lower_case", (part("v", "accept"),), True),
    ("lower_case", (part("v", "Accept"),), False),
    ("host_name", (part("v", "example.org"),), True),
    ("host_name", (part("v", "example.org."),), False),
    ("host_name", (part("v", "192.0.2.1"),), False),
    ("host_name", (part("v", "2001:db8::1"),), False),
    ("extensions", (HELLO, HELLO), True),
    ("extensions", (LATE, LATE), False),
    ("extensions", (whole(part("extension_type", 5), part("extension_type", 5)),), False),
    ("extensions", (whole(),), None),
    ("shares_offered", (OFFER, SHARES), True),
    ("shares_offered", (OTHER, SHARES), False),
    ("shares_offered", (SHARES, SHARES), None),
    ("one_host", (names("Host", "Accept"),), True),
    ("one_host", (names("Accept"),), False),
    ("one_host", (names("host", "Host"),), False),
    ("one_host", (whole(part("http_version", "HTTP/1.0")),), None),
    ("one_length", (names("Content-Length"),), True),
    ("one_length", (names("Content-Length", "Transfer-Encoding"),), False),
    ("lone_length", (names("Content-Length"), part("field_value", "3")), True),
    ("lone_length", (names("Content-Length"), part("field_value", "3, 4")), False),
    ("lone_coding", (names("Transfer-Encoding"), part("field_value", "gzip, chunked")), True),
    ("lone_coding", (names("Transfer-Encoding"), part("field_value", "gzip")), False),
    ("lone_coding", (names(name="http1_response_head"), part("field_value", "gzip")), None),
    ("pseudo_first", (names(":method", ":path", "accept"),), True),
    ("pseudo_first", (names("accept", ":path"),), False),
    ("pseudo_first", (names(":path", ":path"),), False),
    ("pseudo_first", (names(":path", "Accept"),), False),
    ("pseudo_first", (whole(),), None),
    ("points_back", (part("pointer_offset", 12, 8 * 30),), True),
    ("points_back", (part("pointer_offset", 40, 8 * 30),), False),
    ("one_name", (whole(part("name_type", 0)),), True),
    ("one_name", (whole(part("name_type", 0), part("name_type", 0)),), False),
    ("distinct_settings", (whole(part("identifier", 1), part("identifier", 1)),), False),
    ("distinct_parameters", (whole(part("transport_parameter_id", 1)),), True),
]


@pytest.mark.parametrize(("name", "path", "said"), SAID)
def test_a_predicate_says_what_the_octets_show(
    name: str, path: tuple[Field, ...], said: bool | None
) -> None:
    assert CHECKS[name](path, OCTETS) is said


def test_every_predicate_is_tried_and_most_can_refuse() -> None:
    assert {name for name, _, _ in SAID} == set(CHECKS)
    refusing = {name for name, _, said in SAID if said is False}
    assert set(CHECKS) - refusing == {"distinct_parameters"}
