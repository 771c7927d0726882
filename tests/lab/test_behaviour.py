"""A row of the table: how its server secures a connection."""

import ssl

import pytest

from lab import Authority
from lab.behaviour import Behaviour, Tls
from lab.behaviours import BEHAVIOURS, SHELVES


def test_a_server_speaks_https_where_it_has_tls() -> None:
    assert Behaviour("", "", None).scheme == "http"
    assert Behaviour("", "", None, Tls()).scheme == "https"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_version_lowers_the_security_level_without_a_warning(
    authority: Authority, version: ssl.TLSVersion
) -> None:
    context = Tls(minimum=version, maximum=version).context(authority, "old.lab.test")
    assert context.maximum_version == version
    assert context.security_level == 0
    assert Tls().context(authority, "new.lab.test").security_level > 0


def test_no_name_stands_on_two_shelves() -> None:
    assert sum(len(shelf.rows) for shelf in SHELVES) == len(BEHAVIOURS)
