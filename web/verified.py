"""Verified: predicates by which a rule of content/deeper proves itself on the octets it is about.

Each gets the path of a field, the root first, and the octets of its unit. It says True where they
keep the rule, False where they break it, and None where they cannot tell.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from netcore.field import Field, find, find_all

Check = Callable[[Sequence[Field], bytes], bool | None]

PRE_SHARED_KEY: Final = 41
SHORT_DATE: Final = len("261128120000Z")
LONG_DATE: Final = len("20501128120000Z")


def sound(path: Sequence[Field], _octets: bytes) -> bool | None:
    """The decoder found no fault in the field and its parts.

    Only rules name it that the decoder checks.
    """
    return not any(field.error for field in path[-1].walk())


def decimal(path: Sequence[Field], _octets: bytes) -> bool | None:
    """The value is written in decimal digits alone."""
    value = path[-1].value
    return isinstance(value, str) and value.isascii() and value.isdigit()


def lower_case(path: Sequence[Field], _octets: bytes) -> bool | None:
    """The value has no capital letter of ASCII."""
    value = str(path[-1].value)
    return not any("A" <= each <= "Z" for each in value)


def host_name(path: Sequence[Field], _octets: bytes) -> bool | None:
    """A name of a host in ASCII, without a dot at its end, and no address (RFC 6066 §3)."""
    name = str(path[-1].value)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.isascii() and bool(name) and not name.endswith(".")
    return False


def distinct(name: str) -> Check:
    """No two parts of that name have the same value."""

    def check(path: Sequence[Field], _octets: bytes) -> bool | None:
        values = [field.value for field in find_all(path[-1], name)]
        return len(values) == len(set(values)) if values else None

    return check


def ticket_last(path: Sequence[Field], _octets: bytes) -> bool | None:
    """pre_shared_key, if it is offered, is the last extension of a ClientHello."""
    types = [field.value for field in find_all(path[-1], "extension_type")]
    if PRE_SHARED_KEY not in types:
        return None
    return types[-1] == PRE_SHARED_KEY


def extensions(path: Sequence[Field], octets: bytes) -> bool | None:
    """Each type once, and pre_shared_key of a ClientHello last."""
    if ticket_last(path, octets) is False and any(each.name == "client_hello" for each in path):
        return False
    return distinct("extension_type")(path, octets)


def shares_offered(path: Sequence[Field], _octets: bytes) -> bool | None:
    """Every share is of a group in supported_groups, in the same order, and none comes twice."""
    groups = [field.value for field in find_all(path[0], "named_group")]
    shares = [field.value for field in find_all(path[-1], "group")]
    if not groups or not shares:
        return None
    return shares == [group for group in groups if group in shares]


def one_host(path: Sequence[Field], _octets: bytes) -> bool | None:
    """A request of HTTP/1.1 has Host once (RFC 9112 §3.2)."""
    version = find(path[-1], "http_version")
    if version is None or version.value != "HTTP/1.1":
        return None
    return _names(path[-1]).count("host") == 1


def one_length(path: Sequence[Field], _octets: bytes) -> bool | None:
    """Content-Length and Transfer-Encoding are not in one message (RFC 9112 §6.2)."""
    names = _names(path[-1])
    return not ("content-length" in names and "transfer-encoding" in names)


def lone_length(path: Sequence[Field], octets: bytes) -> bool | None:
    """Of a Content-Length: decimal digits, and no Transfer-Encoding beside it."""
    return bool(decimal(path, octets)) and bool(one_length(path[:1], octets))


def lone_coding(path: Sequence[Field], octets: bytes) -> bool | None:
    """Of a Transfer-Encoding: chunked comes last, and no Content-Length stands beside it.

    A response without chunked may end with its connection, which its head cannot show.
    """
    last = str(path[-1].value).lower().split(",")[-1].strip()
    if last != "chunked":
        return False if path[0].name == "http1_request_head" else None
    return one_length(path[:1], octets)


def pseudo_first(path: Sequence[Field], _octets: bytes) -> bool | None:
    """Names with a colon come before all others, none twice, and no name has a capital."""
    names = [str(field.value) for field in find_all(path[-1], "field_name")]
    pseudo = [name for name in names if name.startswith(":")]
    first = names[: len(pseudo)] == pseudo and len(set(pseudo)) == len(pseudo)
    return first and all(name == name.lower() for name in names) if names else None


def points_back(path: Sequence[Field], _octets: bytes) -> bool | None:
    """A pointer leads to an octet before its own (RFC 1035 §4.1.4)."""
    target = path[-1].value
    return isinstance(target, int) and target * 8 < path[-1].start


def same_algorithm(path: Sequence[Field], octets: bytes) -> bool | None:
    """Of a certificate's outer algorithm: it is the one in the signed part (RFC 5280 §4.1.1.2)."""
    around = path[-2] if len(path) > 1 else path[0]
    signed = next((each for each in around.children if each.name == "tbs_certificate"), None)
    inner = find(signed, "signature") if signed else None
    if inner is None:
        return None
    return _octets(inner, octets) == _octets(path[-1], octets)


def date_form(path: Sequence[Field], _octets: bytes) -> bool | None:
    """Two digits of the year through 2049, four from 2050 (RFC 5280 §4.1.2.5)."""
    value = str(path[-1].value)
    if not value.removesuffix("Z").isdigit() or not value.endswith("Z"):
        return False
    return len(value) == SHORT_DATE or (len(value) == LONG_DATE and value[:4] >= "2050")


CHECKS: Final[Mapping[str, Check]] = {
    "sound": sound,
    "decimal": decimal,
    "lower_case": lower_case,
    "host_name": host_name,
    "extensions": extensions,
    "shares_offered": shares_offered,
    "one_host": one_host,
    "one_length": one_length,
    "lone_length": lone_length,
    "lone_coding": lone_coding,
    "pseudo_first": pseudo_first,
    "points_back": points_back,
    "same_algorithm": same_algorithm,
    "date_form": date_form,
    "distinct_extensions": distinct("extn_id"),
    "one_name": distinct("name_type"),
    "distinct_settings": distinct("identifier"),
    "distinct_parameters": distinct("transport_parameter_id"),
}
"""By the name that a rule gives."""


def _names(head: Field) -> list[str]:
    return [str(field.value).lower() for field in find_all(head, "field_name")]


def _octets(field: Field, octets: bytes) -> bytes:
    return octets[field.start // 8 : field.end // 8]
