"""A row of the table: how its server secures a connection."""

from lab.behaviour import Behaviour
from lab.behaviours import BEHAVIOURS, SHELVES
from lab.tls import Tls


def test_a_server_speaks_https_where_it_has_tls_or_pretends_to() -> None:
    assert Behaviour("", "", None).scheme == "http"
    assert Behaviour("", "", None, Tls()).scheme == "https"
    assert Behaviour("", "", None, pretends=True).scheme == "https"


def test_no_name_stands_on_two_shelves() -> None:
    assert sum(len(shelf.rows) for shelf in SHELVES) == len(BEHAVIOURS)
