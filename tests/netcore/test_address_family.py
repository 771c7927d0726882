"""Only addresses of one version of IP, where that was asked for."""

from __future__ import annotations

import pytest

from netcore.address_family import of_family
from netcore.errors import FetchError
from netcore.guard import Admitted
from netcore.services import Resolved, Service
from netcore.target import parse

FOUR, SIX = Admitted("192.0.2.1", 443, ""), Admitted("2001:db8::1", 443, "")
TARGET = parse("https://a.example/")


def service(*endpoints: Admitted) -> Service:
    return Service(1, "b.example", 443, ("h2",), endpoints)


def test_without_a_wish_all_is_left_as_it_is() -> None:
    found = Resolved((SIX, FOUR), (service(FOUR),))
    assert of_family(found, TARGET, "") is found


@pytest.mark.parametrize(("family", "left", "services"), [("4", FOUR, 2), ("6", SIX, 1)])
def test_one_family_is_left_in_endpoints_and_services(
    family: str, left: Admitted, services: int
) -> None:
    found = of_family(Resolved((SIX, FOUR), (service(FOUR), service(SIX, FOUR))), TARGET, family)
    assert found.endpoints == (left,)
    assert [each.endpoints for each in found.services] == [(left,)] * services


def test_a_name_without_such_an_address_says_what_it_has() -> None:
    with pytest.raises(
        FetchError, match=r"a\.example has no address of IPv6.*192\.0\.2\.1"
    ) as told:
        of_family(Resolved((FOUR,)), TARGET, "6")
    assert told.value.code == "dns.nodata"
